"""Writes the tables of docs/guides/heat-maps.md: ``python benchmarks/pages/heat_maps_page.py``.

They are of what these commands keep under ``benchmarks/results/``: ``accuracy/localisation.py``,
``accuracy/planted_object.py`` and ``parity/heatmap_parity.py``.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cxrzoo.heatmaps import METHODS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "guides" / "heat-maps.md"
RESULTS = ROOT / "benchmarks" / "results"
ALL = "all findings"
BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}


def page() -> str:
    """Return the guide with its tables as they are kept."""
    text = PAGE.read_text("utf-8")
    for name, lines in (
        ("localisation", _localisation(_read("localisation"))),
        ("localisation by finding", _findings(_read("localisation"))),
        ("planted object", _planted(_read("planted_object"))),
        ("parity", _parity(_read("heatmap_parity"))),
    ):
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = before + begin + "".join(f"{line}\n" for line in lines) + end + after
    return text


def _read(name: str) -> Any:
    return json.loads((RESULTS / f"{name}.json").read_text("utf-8"))


def _localisation(found: Mapping[str, Any]) -> Iterator[str]:
    """Give the table of all findings: the methods, then what sees no picture; and what is apart."""
    methods = found["methods"]
    shown = ("pointing game", "hit rate", "IoU > 0.1", "IoU > 0.5", "IoBB > 0.5")
    yield f"| what points | {' | '.join(shown)} |"
    yield "|---" * (1 + len(shown)) + "|"
    whole = {
        method: [row for row in kept["rows"] if row["finding"] == ALL]
        for method, kept in methods.items()
    }
    models = [rows[0] for rows in whole.values()]
    blind = [row for row in whole["grad-cam"][1:] if "heat map" not in row["guess"]]
    for row in [*models, *blind, *(rows[-1] for rows in whole.values())]:
        name = row["guess"]
        if row in [rows[-1] for rows in whole.values()]:
            method = next(key for key, rows in whole.items() if rows[-1] is row)
            name = f"mean {method} map of other patients"
        yield f"| {name} | {' | '.join(_figure(row[one]) for one in shown)} |"
    first = models[0]
    yield ""
    pairs, patients = first["pictures"], first["patients"]
    replicates, seed = found["replicates"], found["seed"]
    yield f"{pairs} pairs of a picture and a finding in it, {patients} patients. Intervals are 95 % over"
    yield f"patients, {replicates:,} replicates, seed {seed}. What those of the pointing game say:"
    yield ""
    for own in models:
        said: dict[str, list[str]] = {"better than": [], "worse than": [], "overlapping": []}
        for row in blind:
            (_, low, high), (_, other_low, other_high) = own["pointing game"], row["pointing game"]
            kind = (
                "better than"
                if low > other_high
                else "worse than"
                if high < other_low
                else "overlapping"
            )
            said[kind].append(row["guess"].replace("grad-cam, ", ""))
        parts = [f"{kind} {' and '.join(names)}" for kind, names in said.items() if names]
        yield f"- {own['guess']}: {'; '.join(parts)}."
    yield ""
    yield "Mean rank correlation of the maps with those after weights were made random:"
    yield ""
    yield "| | the head | all weights |"
    yield "|---|---:|---:|"
    for method, kept in methods.items():
        yield (
            f"| {method} | "
            + " | ".join(f"{value:.2f}" for value in kept["sanity"].values())
            + " |"
        )


def _findings(found: Mapping[str, Any]) -> Iterator[str]:
    """Give the pointing game of each finding."""
    rows = {
        (method, row["finding"], row["guess"]): row
        for method, kept in found["methods"].items()
        for row in kept["rows"]
    }
    methods = [*found["methods"]]
    mean = "mean box of other patients"
    yield f"| finding | pictures | {' | '.join(methods)} | {mean} |"
    yield "|---|---:|" + "---|" * (len(methods) + 1)
    for finding in sorted({key[1] for key in rows} - {ALL}):
        figures = [rows[one, finding, f"{one} of the model"] for one in methods]
        figures.append(rows[methods[0], finding, mean])
        cells = " | ".join(_figure(row["pointing game"]) for row in figures)
        yield f"| {finding} | {figures[0]['pictures']} | {cells} |"


def _planted(found: Mapping[str, Any]) -> Iterator[str]:
    """Give what each method found in each trained backbone."""
    methods = [name for name in METHODS if any(name in row["found"] for row in found["rows"])]
    yield f"| backbone | accuracy | {' | '.join(methods)} |"
    yield "|---|---:|" + "---:|" * len(methods)
    for row in found["rows"]:
        pool = {"token": ", class token", "avg": ", mean of patches", None: ""}[row["pool"]]
        shares = " | ".join(
            f"{row['found'][one]:.2f}" if one in row["found"] else "" for one in methods
        )
        yield f"| `{row['backbone']}`{pool} | {row['accuracy']:.2f} | {shares} |"
    yield ""
    yield (
        f"{found['images']} pictures, {found['epochs']} epochs, seed {found['seed']}, "
        f"{BACKENDS[found['backend']]}."
    )


def _parity(found: Mapping[str, Any]) -> Iterator[str]:
    """Give the differences from the peers, and how many times as fast ours is."""
    rows = {(row["method"], row["backend"]): row for row in found["rows"]}
    names = {**BACKENDS, "OpenVINO": "OpenVINO"}
    yield "| method | on | largest difference | correlation, at least | times as fast |"
    yield "|---|---|---:|---:|---:|"
    for (method, backend), row in rows.items():
        figures = f"{row['difference']:.1e} | {_below_one(row['correlation'])}"
        times = row["of the peer's"]
        yield f"| {method} | {names[backend]} | {figures} | {times:.2f} |"
    every = found["grad-cam of every label, of the peer's"]
    yield ""
    yield (
        f"All {found['labels']} labels at once, by grad-cam: "
        + ", ".join(f"{value:.0f} times as fast on {names[one]}" for one, value in every.items())
        + f". {found['network']}, {found['images']} X-rays, on {found['machine']['cores']} cores of an "
        f"{found['machine']['processor']}, with "
        + ", ".join(f"{name} {version}" for name, version in found["versions"].items())
        + "."
    )


def _figure(values: list[float]) -> str:
    share, low, high = values
    return f"{share:.2f} ({low:.2f} to {high:.2f})"


def _below_one(value: float) -> str:
    """Return a correlation that is never rounded up to 1."""
    return f"{int(value * 1e5) / 1e5:.5f}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
