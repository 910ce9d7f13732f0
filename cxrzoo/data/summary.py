"""Counts for people: what a table holds, and what the parts of a split hold."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def summarize_table(
    name: str,
    targets: NDArray[np.float32],
    labels: Sequence[str],
    patients: NDArray[np.object_] | None,
    views: NDArray[Any] | None,
) -> str:
    """Return a table of images, patients and views, and of each label present, absent and unknown.

    Args:
        name: of the table.
        targets: 1, 0 and NaN, (n, k).
        labels: the k names.
        patients: identifiers, (n,), or None if no patient is known.
        views: view positions, (n,), or None if they are not known.
    """
    positive = np.sum(targets == 1, axis=0)
    negative = np.sum(targets == 0, axis=0)
    width = max(len("label"), *map(len, labels))
    lines = [
        f"{name!r}: {'; '.join(_counts(len(targets), patients, views))}",
        f"{'label':<{width}} {'present':>9} {'absent':>9} {'unknown':>9}",
    ]
    for label, yes, no in zip(labels, positive, negative, strict=True):
        lines.append(f"{label:<{width}} {yes:>9,} {no:>9,} {len(targets) - yes - no:>9,}")
    return "\n".join(lines)


def _counts(n: int, patients: NDArray[np.object_] | None, views: NDArray[Any] | None) -> list[str]:
    parts = [f"{n:,} images", "patients unknown"]
    if patients is not None:
        known, times = np.unique([p for p in patients if p is not None], return_counts=True)
        most = f", {times.max():,} images of one at most" if len(known) else ""
        parts[1] = f"patients {len(known):,}{most}"
    if views is not None:
        names, times = np.unique([str(view) for view in views], return_counts=True)
        each = (f"{view or 'unknown'} {count:,}" for view, count in zip(names, times, strict=True))
        parts.append(f"views {', '.join(each)}")
    return parts


def summarize_parts(
    title: str, parts: Mapping[str, NDArray[np.float32]], labels: Sequence[str]
) -> str:
    """Return how many images show each label in each part, and their share of the known ones.

    Args:
        title: the first line.
        parts: targets of each part by its name, each (n, k).
        labels: the k names.
    """
    width = max(len("images"), *map(len, labels))

    def line(head: str, cells: Sequence[str]) -> str:
        return f"{head:<{width}}" + "".join(f"{cell:>18}" for cell in cells)

    lines = [title, line("", list(parts)), line("images", [f"{len(t):,}" for t in parts.values()])]
    for j, label in enumerate(labels):
        cells = []
        for targets in parts.values():
            known = int((~np.isnan(targets[:, j])).sum())
            yes = int((targets[:, j] == 1).sum())
            cells.append(f"{yes:,} ({100 * yes / known:.2f} %)" if known else "unknown")
        lines.append(line(label, cells))
    return "\n".join(lines)
