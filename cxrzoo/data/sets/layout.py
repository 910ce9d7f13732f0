"""What readers of data sets share: finding the tables, reading their cells, and one way to records."""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cxrzoo.cells import number
from cxrzoo.data.columns import identifiers, object_array
from cxrzoo.data.csv_table import each_once
from cxrzoo.data.image_files import find_images, rows_with_image
from cxrzoo.data.records import Records
from cxrzoo.data.sets.vocabulary import Names, map_labels
from cxrzoo.errors import DataNotFoundError, TableError
from cxrzoo.opened import is_folder, shown_path

Missing = Literal["error", "drop"]

_PRESENCE = {"1": 1.0, "1.0": 1.0, "0": 0.0, "0.0": 0.0, "": np.nan}


def folder_of(root: str | os.PathLike[str]) -> Path:
    """Return the data set's folder, which must be there."""
    folder = Path(root)
    if not is_folder(folder):
        raise DataNotFoundError(f"no such folder: {shown_path(folder)}")
    return folder


def find_tables(folder: Path, names: Sequence[str], *, source: str, least: int = 1) -> list[Path]:
    """Return those of the named files, plain or gzipped, that are in the folder, in the order of names.

    Raises:
        DataNotFoundError: fewer than ``least`` are there.
    """
    found = [
        path
        for name in names
        if (path := next((p for p in (folder / name, folder / f"{name}.gz") if p.is_file()), None))
    ]
    if len(found) < least:
        raise DataNotFoundError(
            f"{folder} is no {source} as it is published: expected "
            f"{' and '.join(names) if least > 1 else ' or '.join(names)}, plain or gzipped"
        )
    return found


def paths_of(names: Sequence[str], folder: Path) -> list[str]:
    """Return where files of these names are below the folder, at any depth; a name alone if none is."""
    found = find_images(folder, names)
    return [os.path.relpath(found[name][0], folder) if name in found else name for name in names]


def cells_as_targets(
    path: Path, column: str, cells: Sequence[str], values: Mapping[str, float] | None = None
) -> NDArray[np.float32]:
    """Return a column's cells as 1, 0 and NaN, (n,).

    Raises:
        TableError: a cell is none of those that the set is published with.
    """
    known = _PRESENCE if values is None else values
    own = [cell if cell in known else _shortest(cell) for cell in cells]
    row = next((row for row, cell in enumerate(own) if cell not in known), None)
    if row is not None:
        raise TableError(
            f"{path}, column {column!r}, row {row + 1}: expected "
            f"{', '.join(name or 'blank' for name in known)}; got {cells[row]!r}"
        )
    return np.array([known[cell] for cell in own], np.float32)


def _shortest(cell: str) -> str:
    """Return a number as it is written shortest, 1 for 1.00, and any other cell as it is."""
    with suppress(ValueError):
        return f"{float(cell):g}"
    return cell


def as_numbers(cells: Sequence[str]) -> NDArray[np.float64]:
    """Return cells as numbers, (n,), with NaN where a cell has none."""
    # None, for a cell that is no number, becomes NaN
    found = np.array(each_once(cells, number), np.float64)
    return np.where(np.isfinite(found), found, np.nan)


def assemble(
    names: Names,
    *,
    table: Path,
    folder: Path,
    images: Sequence[str],
    columns: Mapping[str, NDArray[np.float32]],
    patients: Sequence[str] | None,
    metadata: Mapping[str, NDArray[Any] | Sequence[str]],
    missing: Missing,
    name: str,
) -> Records:
    """Make records of what a reader found.

    ``images`` are paths below ``folder``, and ``columns`` 1, 0 and NaN under the set's own names,
    each (n,). Rows without an image are reported against ``table``.
    """
    labels, targets = map_labels(names, columns)
    records = Records(
        images=object_array([os.path.join(folder, image) for image in images]),
        targets=targets,
        labels=labels,
        patients=None if patients is None else identifiers(patients),
        metadata={
            key: value if isinstance(value, np.ndarray) else object_array(list(value))
            for key, value in metadata.items()
        },
        name=name,
    )
    return rows_with_image(
        records, images, table=table, where=folder, missing=missing, stacklevel=4
    )
