"""Checked, read-only columns: what a table of records is made of.

An array that is read-only already is kept as it is; one that can still be written to is copied, so
that nobody can change a table from outside.
"""

import math
import os
from collections.abc import Iterable
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxrzoo.errors import DataError, LabelError

_FLOATS = (float, np.floating)


def checked_targets(targets: ArrayLike, n: int, labels: tuple[str, ...]) -> NDArray[np.float32]:
    """Return targets as float32 (n, k) of 1, 0 and NaN."""
    array = read_only(np.asarray(targets, np.float32))
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


def checked_rows(rows: ArrayLike, n: int) -> NDArray[Any]:
    """Return row indices or a mask that fit a table of n rows."""
    index = np.asarray(rows)
    if index.ndim != 1 or (index.size and index.dtype.kind not in "iub"):
        raise DataError(f"rows must be a slice, a 1-d index array or a mask; got {rows!r}")
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
    if _is_ready(values):
        return values
    try:
        return object_array([os.fspath(value) for value in values])
    except TypeError as error:
        raise DataError(f"images must be a list of file paths; {error}") from None


def identifiers(values: Iterable[Any]) -> NDArray[np.object_]:
    """Return identifiers as an object array of str, (n,), with None where one is None, NaN or blank."""
    if _is_ready(values):
        return values
    return object_array([None if _is_blank(value) else str(value) for value in values])


def _is_blank(value: Any) -> bool:
    # NaN is what pandas puts where a cell is empty.
    return value is None or value == "" or (isinstance(value, _FLOATS) and math.isnan(value))


def _is_ready(values: Iterable[Any]) -> TypeGuard[NDArray[np.object_]]:
    # Read-only object arrays are made here; a million strings need not be checked twice.
    return isinstance(values, np.ndarray) and values.dtype == object and not values.flags.writeable
