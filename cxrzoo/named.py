"""Data that name their rows and columns (frames, columns by name), brought into one order by those names.

Nobody's scores may land under another's label: where names disagree the data are aligned by name, or
refused.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxrzoo.cells import numbers
from cxrzoo.errors import CxrZooError, either
from cxrzoo.labels import match_labels
from cxrzoo.nearest import with_nearest
from cxrzoo.text import shown


def matrix(
    values: Any, labels: Sequence[str] | None, what: str, error: type[CxrZooError]
) -> NDArray[np.float64]:
    """Return numbers as float64, with the columns of named data in the order of the labels.

    Args:
        values: ``(n, k)`` as an array, or a frame or mapping with a column for each label, which may
            hold more and spell them otherwise (:func:`cxrzoo.labels.match_labels`). A frame whose columns
            are numbered from 0 has no names.
        labels: the names wanted, or None to take every column as it comes.
        what: the argument's name.
        error: what is raised.

    Raises:
        CxrZooError: of the kind ``error``: a cell is no number, a label has no column, or two.
    """
    names = column_names(values)
    try:
        if isinstance(values, Mapping) or (names is not None and labels is not None):
            wanted = (
                list(names or ()) if labels is None else _columns_of(values, labels, what, error)
            )
            return np.stack([numbers(values[name]) for name in wanted], axis=-1)
        return numbers(values)
    except CxrZooError:
        raise
    except ValueError as problem:
        raise error(f"{what} must be numbers, an array of shape (n, k): {problem}") from None


def column_names(values: Any) -> tuple[Hashable, ...] | None:
    """Return the names of a frame's or mapping's columns; None where nothing names them.

    A frame's own numbering from 0 names nothing.
    """
    if isinstance(values, Mapping):
        return tuple(values)
    columns = getattr(values, "columns", None)
    if columns is None or callable(columns):
        return None
    names = tuple(columns)
    return None if names == tuple(range(len(names))) else names


def row_names(values: Any) -> list[Any] | None:
    """Return the index of a frame or a column of one, None for what has none."""
    if not hasattr(values, "iloc"):  # a list has a method ``index``
        return None
    return list(values.index)


def same_rows(parts: Mapping[str, Any], error: type[CxrZooError]) -> dict[str, Any]:
    """Return the parts with the rows of named ones in the order of the first that names its own.

    Args:
        parts: data of n rows by argument name; those without an index stay as they are.
        error: what is raised.

    Raises:
        CxrZooError: of the kind ``error``: two indices do not name the same rows.
    """
    aligned = dict(parts)
    first: tuple[str, list[Any]] | None = None
    for what, values in parts.items():
        names = row_names(values)
        if names is None:
            continue
        if first is None:
            first = (what, names)
        elif len(names) == len(first[1]) and names != first[1]:  # other lengths are refused later
            aligned[what] = values.iloc[_places(names, what, first, error)]
    return aligned


def _places(
    names: list[Any], what: str, first: tuple[str, list[Any]], error: type[CxrZooError]
) -> list[int]:
    reference, wanted = first
    place = {name: i for i, name in enumerate(names)}
    strange = [name for name in wanted if name not in place]
    if strange or len(place) != len(names):
        why = (
            f"it has no row {shown(strange[0])}"
            if strange
            else "it names rows more than once, in another order"
        )
        raise error(
            f"the rows of {what} are not those of {reference} by their index: {why}. If both are in "
            f"the same order, pass them without an index"
            + either(": reset_index(drop=True), or to_numpy()", "")
        )
    return [place[name] for name in wanted]


def _columns_of(
    values: Any, labels: Sequence[str], what: str, error: type[CxrZooError]
) -> list[Hashable]:
    columns = column_names(values) or ()
    by_name = {str(column): column for column in columns}
    if len(by_name) != len(columns):
        raise error(f"{what} has several columns of one name: {', '.join(map(str, columns))}")
    found = match_labels(labels, by_name, where=what, error=error)
    if absent := [label for label in labels if label not in found]:
        raise error(
            f"{what} has no column for {with_nearest(absent, by_name)}; its columns are "
            f"{', '.join(map(repr, list(by_name)[:20]))}. Rename them, or pass the values without names "
            "(to_numpy()) in the order of the labels"
        )
    return [by_name[found[label]] for label in labels]
