"""Writes docs/zoo.md: ``python benchmarks/pages/zoo_page.py``.

The table of weights is of the catalog in the package and of the files that ship with it; what follows it
is of ``benchmarks/results/nih_mini.json``, which ``benchmarks/embedded/nih_mini_beside.py`` writes;
speeds are of ``benchmarks/results.json``, which ``benchmarks/speed/everything.py`` writes.
"""

import json
import sys
from pathlib import Path
from typing import Any

from cxrzoo.pretrained import open_artifact
from cxrzoo.pretrained.catalog import Release, catalog
from cxrzoo.pretrained.tensors import read_safetensors

sys.path.append(str(Path(__file__).parents[1] / "speed"))
from results import RESULTS, read_results

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "zoo.md"
MEASURED = ROOT / "benchmarks" / "results" / "nih_mini.json"
HEAD = """# Published weights

Written by `python benchmarks/pages/zoo_page.py` from the catalog in the package, which
`cxrzoo list --pretrained` prints. The macro AUC is that of the part named beside it, over all labels of
the model that have both classes there. A part that the weights were chosen on flatters them, and figures
compare only within one part. Speed is how many times as many images a second `model.predict` scores on
a processor as a DenseNet121 of 224 x 224 pixels, the network of most peers;
[Benchmarks](benchmarks.md#published-models) has its spread.

"""
COLUMNS = {
    "name": "---",
    "macro AUC (95 %)": "---:",
    "measured on": "---",
    "data": "---",
    "speed": "---:",
    "parameters": "---:",
    "size": "---:",
    "input": "---",
    "builder": "---",
    "licence": "---",
    "from": "---",
}
"""What most readers look for stands first: on a phone the rest is out of sight."""


def page() -> str:
    speeds = _speeds()
    rows = [tuple(COLUMNS), tuple(COLUMNS.values())]
    rows += [
        _row(release, speeds.get(name, "not measured"))
        for name, release in sorted(catalog().items())
    ]
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in rows)
    return HEAD + table + (_beside(json.loads(MEASURED.read_text())) if MEASURED.exists() else "")


def _speeds() -> dict[str, str]:
    results = read_results(RESULTS)
    if "releases" not in results:
        return {}
    (table,) = results["releases"].found.tables
    return {one.name: f"{one.wall.median:.1f}" for one in table.ratios}


def _row(release: Release, speed: str) -> tuple[str, ...]:
    low, high = release.macro_auc_interval
    artifact = open_artifact(release.name)
    tensors = read_safetensors(artifact.read("model.safetensors"), source=release.name)
    return (
        f"`{release.name}`",
        f"{release.macro_auc:.3f} ({low:.3f}-{high:.3f})",
        release.split,
        release.data,
        speed,
        f"{sum(tensor.size for tensor in tensors.values()):,}",
        f"{release.size / 1e6:.1f} MB",
        " x ".join(map(str, artifact.config.arguments["input_shape"])),
        f"`{release.builder}`",
        release.licence,
        "the package" if release.repository is None else f"`{release.repository}`",
    )


def _beside(measured: dict[str, Any]) -> str:
    """Return what ``nih-mini`` scores on images that had no say in it, beside what it has to beat."""
    absent = ", ".join(measured["undefined"])
    without = f"; {absent} has no positive there and no AUC" if absent else ""
    what = (
        f"Macro AUC over {measured['findings']} of the 14 findings{without}, on the {measured['images']} "
        f"members of the official {measured['part']} list ({measured['patients']} patients) among the "
        f"256-pixel images that it was made from; {measured['train_images']:,} images trained every row. "
        "Intervals by bootstrap over patients; differences paired. These images are few, and richer in "
        "pneumonia than the whole set: the figures compare with each other, not with published ones. "
        "Made by `python benchmarks/embedded/nih_mini_beside.py`.\n"
    )
    lines = [
        "\n## `nih-mini` beside what it has to beat\n",
        what,
        "| | macro AUC (95 %) | `nih-mini` minus it (95 %) | p |",
        "| --- | ---: | ---: | ---: |",
        *map(_line, measured["rows"]),
        f"\n| finding, `nih-mini` (seed {measured['seed']}) | positives | ROC AUC (95 %) |",
        "| --- | ---: | ---: |",
        *(
            f"| {one['label']} | {one['positives']} | {_span(one['roc_auc'], one['low'], one['high'])} |"
            for one in measured["labels"]
        ),
    ]
    return "\n".join(lines) + "\n"


def _line(row: dict[str, Any]) -> str:
    difference, p = "", ""
    if "ours_minus_it" in row:
        middle, low, high = row["ours_minus_it"]
        difference = f"{middle:+.3f} ({low:+.3f} to {high:+.3f})"
        p = f"{row['p']:.3f}" if row["p"] >= 0.001 else "< 0.001"
    area = _span(row["macro_auc"], row["low"], row["high"])
    return f"| {row['name']} | {area} | {difference} | {p} |"


def _span(middle: float, low: float, high: float) -> str:
    return f"{middle:.3f} ({low:.3f}-{high:.3f})"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
