"""Writes docs/zoo.md from the catalog: ``python benchmarks/zoo_page.py``."""

from pathlib import Path

from cxrzoo.store.catalog import Release, catalog

PAGE = Path(__file__).parents[1] / "docs" / "zoo.md"
HEAD = """# Published weights

Written by `python benchmarks/zoo_page.py` from the catalog in the package, which
`cxrzoo list --pretrained` prints. The macro AUC is that of the part named beside it. A part that the
weights were chosen on flatters them, and figures compare only within one part.

| name | builder | size | data | measured on | macro AUC (95 %) | licence | from |
| ---- | ------- | ---: | ---- | ----------- | ---------------: | ------- | ---- |
"""


def page() -> str:
    return HEAD + "".join(_row(release) for _, release in sorted(catalog().items()))


def _row(release: Release) -> str:
    low, high = release.macro_auc_interval
    cells = (
        f"`{release.name}`",
        f"`{release.builder}`",
        f"{release.size / 1e6:.1f} MB",
        release.data,
        release.split,
        f"{release.macro_auc:.3f} ({low:.3f}-{high:.3f})",
        release.licence,
        "the package" if release.repository is None else f"`{release.repository}`",
    )
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
