"""What a table of records is made of: checked, read-only columns, and counts of them for people.

An array that is read-only already is kept as it is; one that can still be written to is copied, so
that nobody can change a table from outside.
"""

import operator
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxrzoo import cells
from cxrzoo.errors import DataError, LabelError
from cxrzoo.named import matrix
from cxrzoo.text import shown


class LabelledImages(Protocol):
    """A table of n images with k labels, read only; :class:`cxrzoo.data.Records` is one."""

    @property
    def images(self) -> NDArray[np.object_]:
        """File paths, str, (n,)."""

    @property
    def targets(self) -> NDArray[np.float32]:
        """1, 0 and NaN ('not known'), (n, k)."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The k names of the targets' columns."""

    @property
    def name(self) -> str:
        """Where the rows come from."""

    def __len__(self) -> int: ...


def checked_targets(targets: ArrayLike, n: int, labels: tuple[str, ...]) -> NDArray[np.float32]:
    """Return targets as float32 (n, k) of 1, 0 and NaN."""
    array = read_only(_as_float32(targets, labels))
    if array.ndim != 2 or array.shape[1] != len(labels):
        raise LabelError(
            f"targets must be of shape (n, {len(labels)}), one column for each of the labels "
            f"{', '.join(labels)}; got {array.shape}"
        )
    if len(array) != n:
        raise DataError(f"targets must have one row for each of the {n} images; got {len(array)}")
    allowed = (array == 0) | (array == 1) | np.isnan(array)
    if not allowed.all():
        raise DataError(f"targets must be 1, 0 or NaN ('not known'); got {array[~allowed][0]}")
    return array


def _as_float32(targets: Any, labels: tuple[str, ...]) -> NDArray[np.float32]:
    if (
        isinstance(targets, np.ndarray)
        and targets.dtype == np.float32
        and not np.ma.isMaskedArray(targets)
    ):
        return targets  # what is read-only already need not be copied
    with np.errstate(over="ignore"):  # what becomes infinite is refused like any other number
        return matrix(targets, labels, "targets", DataError).astype(np.float32)


def checked_rows(rows: ArrayLike, n: int) -> NDArray[Any]:
    """Return row indices or a mask that fit a table of n rows."""
    index = np.asarray(rows)
    if index.ndim != 1 or (index.size and index.dtype.kind not in "iub"):
        raise DataError(f"rows must be a slice, a 1-d index array or a mask; got {shown(rows)}")
    if index.dtype.kind == "b":
        if len(index) != n:
            raise DataError(
                f"a mask must have one value for each of the {n} rows; got {len(index)}"
            )
        return index
    index = index.astype(np.int64)
    if index.size and (index.min() < -n or index.max() >= n):
        raise DataError(f"there are {n} rows; got row indices {index.min()} to {index.max()}")
    return index


def take_rows(array: NDArray[Any], rows: slice | NDArray[Any]) -> NDArray[Any]:
    """Return the rows of a column, read-only."""
    part = array[rows]
    part.flags.writeable = False
    return part


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return the array itself if nothing can write to it, else a read-only copy."""
    if array.flags.writeable:
        array = array.copy()
        array.flags.writeable = False
    return array


def object_array(values: list[Any]) -> NDArray[np.object_]:
    """Return a list as a read-only object array (n,)."""
    array = np.empty(len(values), object)
    array[:] = values
    array.flags.writeable = False
    return array


def paths(values: Iterable[Any]) -> NDArray[np.object_]:
    """Return file paths as an object array of str, (n,)."""
    if isinstance(values, str | bytes | os.PathLike):
        raise DataError(f"images must be a list of file paths; received the single {shown(values)}")
    try:
        found = [os.fspath(value) for value in values]
    except Exception as error:  # noqa: BLE001 - a stranger's object raises what it likes
        raise DataError(f"images must be a list of file paths; {error!s:.200}") from None
    if not all(isinstance(path, str) for path in found):
        raise DataError("images must be a list of file paths as text; received bytes")
    return _kept(values, found)


def identifiers(values: Iterable[Any]) -> NDArray[np.object_]:
    """Return identifiers as an object array of str, (n,), with None where a cell holds nothing.

    What holds nothing, and how numbers are written: :mod:`cxrzoo.cells`.

    Raises:
        DataError: they are not one value an image, or floats that lost digits.
    """
    try:
        return _kept(values, cells.identifiers(values))
    except ValueError as error:
        raise DataError(f"patients must be one name or number an image: {error}") from None


def metadata_column(values: Any) -> NDArray[Any]:
    """Return a column as a read-only array; a masked cell becomes NaN among numbers, else None."""
    try:
        array = cells.to_array(values)
    except ValueError as error:
        raise DataError(f"a metadata column must be one value an image: {error}") from None
    if isinstance(array, np.ma.MaskedArray):
        numeric = array.dtype.kind in "iuf"
        array = cells.numbers(array) if numeric else np.ma.filled(array.astype(object), None)
    return read_only(array)


def _kept(values: Any, found: list[Any]) -> NDArray[np.object_]:
    """Return the given array where nothing can write to it and it holds what was found in it."""
    ready = isinstance(values, np.ndarray) and values.dtype == object and not values.flags.writeable
    if ready and all(map(operator.is_, values.tolist(), found)):
        return np.asarray(values)
    return object_array(found)


def summarize_table(
    name: str,
    targets: NDArray[np.float32],
    labels: Sequence[str],
    patients: NDArray[np.object_] | None,
    views: NDArray[Any] | None,
) -> str:
    """Return a table of images, patients and views, and of each label present, absent and unknown."""
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
    """Return how many images show each label in each part, and their share of the known ones."""
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
