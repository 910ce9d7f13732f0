"""What a cell of a table, an array or a frame holds: nothing, a name or a number.

Patients, subgroups, metadata, targets and the cells of CSV files all go by these definitions.
"""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from numbers import Complex, Real
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.text import shown

_MISSING_TEXTS: Final = frozenset(
    {
        *("", "#n/a", "#n/a n/a", "#na", "-1.#ind", "-1.#qnan", "-nan", "1.#ind", "1.#qnan"),
        *("<na>", "n/a", "na", "nan", "nat", "none", "null"),
    }
)
"""How programs write an empty cell, in lower case: what ``pandas.read_csv`` takes for one, and NaT."""

_LONGEST_MISSING: Final = max(map(len, _MISSING_TEXTS))

_WHOLE_NUMBER: Final = re.compile(r"([+-]?\d+)\.0+")

MOST_CELLS: Final = 2**27
"""Of one array: a gigabyte of numbers, the labels of nine million images."""

_LARGEST_EXACT: Final = 2**53
"""Whole numbers beyond this are no longer told apart by a float."""


def is_missing(value: Any) -> bool:
    """Return whether a cell holds nothing.

    That is None, NaN, NaT, pandas's NA, a masked cell, or a text that is blank or what programs
    write for these (``"nan"``, ``"NA"``, ``"N/A"``, ``"None"``, ``"null"``), in any case.
    """
    if type(value) is str:  # by far the most
        text = value.strip()
        return len(text) <= _LONGEST_MISSING and text.casefold() in _MISSING_TEXTS
    if value is None or value is np.ma.masked:
        return True
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        return value.strip().casefold() in _MISSING_TEXTS
    if isinstance(value, Complex | Decimal | np.generic):
        try:
            return bool(value != value)  # noqa: PLR0124 - NaN and NaT differ from themselves
        except InvalidOperation:  # a signalling NaN
            return True
    # pandas's own, which need not be installed and which have no truth value
    return not isinstance(value, np.ndarray) and _written(value) in ("<NA>", "NaT")


def identifier(value: Any) -> str | None:
    """Return who or what a cell names as text, or None where it holds nothing.

    A whole number reads the same however it was stored: 12, 12.0, ``"12"`` and ``"12.0"`` (what pandas
    makes of a column with an empty cell) are all ``"12"``. Zeros in front stay.

    Raises:
        ValueError: a float too large to tell neighbours apart, or no single value.
    """
    if is_missing(value):
        return None
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        text = value.strip()
        whole = _WHOLE_NUMBER.fullmatch(text)
        return whole[1] if whole else text
    if isinstance(value, np.ndarray | list | tuple | dict | set):
        raise ValueError(f"expected one name or number in a cell; received {shown(value)}")
    if isinstance(value, Real | Decimal) and not isinstance(value, bool):
        return _number_as_text(value)
    text = _written(value).strip()
    if text.startswith("<"):  # an object or a function, as Python writes what has no name
        raise ValueError(f"expected one name or number in a cell; received {shown(value)}")
    return text


def _written(value: Any) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - a stranger's object raises what it likes
        return "<>"


def _number_as_text(value: Any) -> str:
    try:
        if not np.isfinite(float(value)) or value != int(value):
            return str(value)
    except OverflowError:
        raise ValueError(f"{shown(value)} is too large for an identifier") from None
    if isinstance(value, float | np.floating) and abs(float(value)) >= _LARGEST_EXACT:
        raise ValueError(
            f"{shown(value)} is a float, which no longer tells such large numbers apart; read "
            "identifiers as text, e.g. pandas.read_csv(..., dtype=str)"
        )
    return str(int(value))


def identifiers(values: Iterable[Any]) -> list[str | None]:
    """Return :func:`identifier` of each value of an iterable, an array, a frame's column or a tensor.

    Raises:
        ValueError: a value is none, or the values are not ``(n,)``.
    """
    is_array = hasattr(values, "shape") or hasattr(values, "__array__")
    cells = to_array(values).tolist() if is_array else values
    if isinstance(cells, str | bytes) or not isinstance(cells, Iterable):
        raise ValueError(f"expected one value for each image; received {shown(cells)}")
    seen: dict[str, str | None] = {}  # of a hundred thousand patients each text is read once
    found: list[str | None] = []
    for cell in cells:
        if type(cell) is not str:
            found.append(identifier(cell))
            continue
        if cell not in seen:
            seen[cell] = identifier(cell)
        found.append(seen[cell])
    return found


def numbers(values: Any) -> NDArray[np.float64]:
    """Return numbers of any shape as float64, with NaN where a cell holds nothing.

    Takes lists, arrays (masked ones too), frames, sparse matrices and tensors of every backend,
    those that are differentiated among them.

    Raises:
        ValueError: a cell is text, a date, complex or otherwise no number.
    """
    array = to_array(values)
    kind = array.dtype.kind
    if kind in "OUS":
        cells = array.filled(None) if isinstance(array, np.ma.MaskedArray) else array
        return np.array([_number(cell) for cell in cells.ravel().tolist()], np.float64).reshape(
            array.shape
        )
    # V without fields: the short floats of the backends (bfloat16), which NumPy itself lacks
    if kind not in "biuf" and not (kind == "V" and array.dtype.fields is None):
        raise ValueError(f"expected numbers; received values of type {array.dtype}")
    floats = array.astype(np.float64)
    return np.ma.filled(floats, np.nan) if isinstance(floats, np.ma.MaskedArray) else floats


def finite_numbers(values: Any) -> NDArray[np.float64]:
    """Return :func:`numbers` that are finite, or NaN where a cell holds nothing.

    Raises:
        ValueError: as there, or one is infinite.
    """
    found = numbers(values)
    if np.isinf(found).any():
        raise ValueError("expected finite numbers; one is infinite, or too large for a float")
    return found


def number(cell: str) -> float | None:
    """Return the number that a text is, or None if it is none; blank is NaN."""
    try:
        return _number(cell)
    except ValueError:
        return None


def _number(cell: Any) -> float:
    if is_missing(cell):
        return float("nan")
    if isinstance(cell, bytes):
        cell = cell.decode("utf-8", "replace")
    if isinstance(cell, str):
        if "_" in cell or not cell.isascii():  # Python's own 1_000, other scripts' digits
            raise ValueError(f"expected a number; received the text {shown(cell)}")
    elif not isinstance(cell, Real | Decimal):
        raise ValueError(f"expected a number; received {shown(cell)}, a {type(cell).__name__}")
    try:
        return float(cell)
    except OverflowError:
        raise ValueError(f"{shown(cell)} is too large for a float") from None
    except ValueError:
        raise ValueError(f"expected a number; received the text {shown(cell)}") from None


def to_array(values: Any) -> NDArray[Any]:
    """Return values as an array; a masked one stays masked.

    Raises:
        ValueError: they are no array: rows of differing lengths, or an object that is none.
    """
    try:
        if callable(getattr(values, "detach", None)) and hasattr(
            values, "cpu"
        ):  # PyTorch's, perhaps on another device
            values = values.detach().cpu()
            if str(values.dtype) == "torch.bfloat16":  # NumPy has no such type
                values = values.float()
        elif callable(getattr(values, "toarray", None)):  # SciPy's sparse ones
            values = values.toarray()
        array = (
            np.ma.asarray(values) if isinstance(values, np.ma.MaskedArray) else np.asarray(values)
        )
    except Exception as error:  # noqa: BLE001 - a stranger's object raises what it likes
        raise ValueError(f"expected an array of values: {error!s:.200}") from None
    if array.size > MOST_CELLS:
        raise ValueError(f"expected {MOST_CELLS:,} cells at the most; received {array.size:,}")
    return array
