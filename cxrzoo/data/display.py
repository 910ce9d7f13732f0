"""Records as pictures: a sheet of images, and which labels go together."""

from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.records import Records
from cxrzoo.errors import DataError, MissingExtraError
from cxrzoo.files import write_whole
from cxrzoo.images import read_image
from cxrzoo.sizes import LARGEST_SEED, check_whole
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments

_SUFFIXES = (".png", ".pdf", ".svg")


def cooccurrence(records: Records) -> NDArray[np.float64]:
    """Return which part of the images with the row's label have the column's, (k, k).

    Images of which either label is unknown are left out; NaN where nothing is left.
    """
    present = (records.targets == 1).astype(np.float64)
    known = (~np.isnan(records.targets)).astype(np.float64)
    of = present.T @ known
    return np.asarray(
        np.divide(present.T @ present, of, out=np.full_like(of, np.nan), where=of > 0)
    )


def plot_samples(
    records: Records, path: str | PathLike[str], *, n: int = 12, seed: int = 0
) -> Path:
    """Write a sheet of images drawn at random, each over the labels that are present.

    Args:
        records: at least one row.
        path: a ``.png``, ``.pdf`` or ``.svg`` file.
        n: images, at the most.
        seed: of the draw.

    Raises:
        MissingExtraError: matplotlib is not installed.
        ImageError: an image cannot be read.
    """
    check_arguments(plot_samples, locals())
    check_whole("n", n, 1, most=1000)
    check_whole("seed", seed, 0, most=LARGEST_SEED)
    if not len(records):
        raise DataError(f"a sheet needs an image at least; got n={n} and {len(records)} rows")
    rows = np.sort(np.random.default_rng(seed).permutation(len(records))[:n])
    wide = min(4, len(rows))
    high = -(-len(rows) // wide)
    figure = _figure(path, 2.4 * wide, 2.8 * high)
    for place, row in enumerate(rows):
        axes = figure.add_subplot(high, wide, place + 1)
        axes.imshow(read_image(records.images[row])[:, :, 0], cmap="gray", vmin=0, vmax=255)
        axes.set_axis_off()
        present = [label for j, label in enumerate(records.labels) if records.targets[row, j] == 1]
        axes.set_title("\n".join(present) or "-", fontsize=7)
    return _write(figure, path)


def plot_cooccurrence(records: Records, path: str | PathLike[str]) -> Path:
    """Write :func:`cooccurrence` as a chart: rows are given, columns are what goes with them.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    check_arguments(plot_cooccurrence, locals())
    shares = cooccurrence(records)
    k = len(records.labels)
    figure = _figure(path, 2.5 + 0.4 * k, 2.0 + 0.4 * k)
    axes = figure.add_subplot()
    axes.imshow(np.ma.masked_invalid(shares), cmap="Blues", vmin=0, vmax=1)
    positives = np.sum(records.targets == 1, axis=0)
    names = [f"{label} ({n:,})" for label, n in zip(records.labels, positives, strict=True)]
    axes.set_xticks(range(k), records.labels, rotation=60, ha="right", fontsize=7)
    axes.set_yticks(range(k), names, fontsize=7)
    for (row, column), share in np.ndenumerate(shares):
        if np.isfinite(share):
            shade = "white" if share > 0.6 else "black"
            text = axes.text(column, row, f"{100 * share:.0f}", fontsize=6, color=shade)
            text.set(ha="center", va="center")
    axes.set_title("% of the images with the row's label that have the column's", fontsize=8)
    return _write(figure, path)


def _figure(path: str | PathLike[str], width: float, height: float) -> Any:
    if Path(path).suffix.lower() not in _SUFFIXES:
        raise DataError(f"a plot's file ends in {', '.join(_SUFFIXES)}; got {shown(str(path))}")
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - the extra may not be installed
    except ImportError:
        raise MissingExtraError(
            "plots need matplotlib, which is not installed: pip install 'cxrzoo[plot]'"
        ) from None
    return Figure(figsize=(width, height), layout="constrained")


def _write(figure: Any, path: str | PathLike[str]) -> Path:
    content = BytesIO()
    figure.savefig(content, format=Path(path).suffix[1:].lower(), dpi=110)
    return write_whole(path, content.getvalue())
