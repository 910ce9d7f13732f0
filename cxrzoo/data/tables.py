"""Other people's data: a CSV of their own and the images that it names."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.columns import identifiers, object_array
from cxrzoo.data.csv_table import each_once, read_columns, read_header, refuse_repeats
from cxrzoo.data.folders import rows_with_image
from cxrzoo.data.records import Records
from cxrzoo.errors import DataNotFoundError, LabelError, TableError, argument, named
from cxrzoo.labels import checked_labels
from cxrzoo.nearest import listed, with_nearest

IMAGE_COLUMNS = ("image", "path", "filename", "file", "image_path", "Image Index", "Path")
"""Where image paths are sought if no column is named: the first of these that the CSV has."""

_MOST_SHOWN = 4


def records_from_csv(
    csv: str | os.PathLike[str],
    *,
    images: str | os.PathLike[str] | None = None,
    image_column: str | None = None,
    labels: Sequence[str] | None = None,
    label_column: str | None = None,
    separator: str = "|",
    patient_column: str | None = None,
    missing: Literal["error", "drop"] = "error",
) -> Records:
    """Read records from a CSV, plain or gzipped, with one row an image.

    Labels stand either in one column each (``labels`` names the columns; cells are 1, 0, or blank for
    'not known'), or all in one column (``label_column``; a cell lists the labels that are present,
    the others are absent, and a blank cell means that none of them is known).

    Args:
        csv: the table. Its file name without ending becomes the name of the records.
        images: the folder that image paths are relative to; the CSV's own folder if None. Absolute
            paths stand for themselves.
        image_column: the column of image paths; if None the first of ``IMAGE_COLUMNS`` there is.
        labels: the label names, in the order wanted. With ``label_column`` None takes all that
            occur, sorted.
        label_column: the column that lists labels.
        separator: what stands between two labels in ``label_column``.
        patient_column: the column that tells patients apart; blank cells are unknown patients.
        missing: what becomes of rows without an image: ``"error"``, or ``"drop"`` to leave them out
            and say how many in one line (:class:`MissingImagesWarning`).

    Raises:
        DataNotFoundError: no such CSV or folder, or images that are not there.
        TableError: the CSV lacks columns or rows, repeats an image, or a cell makes no sense.
        LabelError: no labels were named, or a cell lists one that is not among them.
    """
    path = Path(csv)
    header = read_header(path)
    folder = path.parent if images is None else Path(images)
    if not folder.is_dir():
        raise DataNotFoundError(f"no such folder of images: {folder}")
    image_column = image_column or _image_column(path, header)
    if labels is not None:
        labels = checked_labels(labels)
    elif label_column is None:
        raise LabelError(
            f"say which columns of {path} are labels ({argument('labels', [...])}), or which column "
            f"lists them ({argument('label_column')}); it has {listed(header)}"
        )
    label_columns = [label_column] if label_column is not None else list(labels or ())
    patient_columns = [] if patient_column is None else [patient_column]
    cells = read_columns(
        path, list(dict.fromkeys([image_column, *label_columns, *patient_columns]))
    )
    names = cells[image_column]
    refuse_repeats(path, image_column, names)
    if label_column is not None:
        labels, targets = _listed(path, label_column, cells[label_column], labels, separator)
    else:
        labels = tuple(label_columns)
        targets = _all_flags(path, {label: cells[label] for label in labels}, names)
    records = Records(
        images=object_array([os.path.join(folder, name) for name in names]),
        targets=targets,
        labels=tuple(labels),
        patients=None if patient_column is None else identifiers(cells[patient_column]),
        name=path.name.removesuffix(".gz").removesuffix(".csv"),
    )
    return rows_with_image(records, names, table=path, where=folder, missing=missing)


def _image_column(path: Path, header: list[str]) -> str:
    for name in IMAGE_COLUMNS:
        if name in header:
            return name
    raise TableError(
        f"{path} has none of the usual columns of image paths ({', '.join(IMAGE_COLUMNS)}); name "
        f"it with {argument('image_column')}; it has {listed(header)}"
    )


def _all_flags(
    path: Path, columns: dict[str, list[str]], names: Sequence[str]
) -> NDArray[np.float32]:
    """Return targets (n, k) of labels with a column each; refuse all bad columns in one error."""
    flags, wrong = [], []
    for column, cells in columns.items():
        try:
            flags.append(_flags(path, column, cells, names))
        except TableError as error:
            wrong.append(error.marked)
    if wrong:
        more = len(wrong) - _MOST_SHOWN
        raise TableError(
            "; ".join(wrong[:_MOST_SHOWN]) + (f"; and {more:,} more columns" * (more > 0))
        )
    return np.stack(flags, axis=1)


def _flags(
    path: Path, column: str, cells: Sequence[str], names: Sequence[str]
) -> NDArray[np.float32]:
    """Return one label's column of 1, 0 and NaN, (n,)."""

    def flag(cell: str) -> float:
        if not cell:
            return np.nan
        with suppress(ValueError):
            if (value := float(cell)) in (0, 1):
                return value
        row = cells.index(cell)
        raise TableError(
            f"{path}, column {column!r}, row {row + 1} ({names[row]!r}): expected 1, 0 or "
            f"blank, got {cell!r}"
        )

    return np.array(each_once(cells, flag), np.float32)


def _listed(
    path: Path, column: str, cells: Sequence[str], labels: Sequence[str] | None, separator: str
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Return the labels and targets (n, k) of a column whose cells list labels."""

    def names_in(cell: str) -> list[str]:
        return [name for part in cell.split(separator) if (name := part.strip())]

    def row(cell: str) -> NDArray[np.float32]:
        names = names_in(cell)
        return np.array([name in names if names else np.nan for name in columns], np.float32)

    seen = {name for cell in set(cells) for name in names_in(cell)}
    if not seen:
        raise TableError(f"{path}: column {column!r} lists no label in any row")
    columns = tuple(sorted(seen)) if labels is None else tuple(labels)
    if strange := sorted(seen.difference(columns)):
        raise LabelError(
            f"{path}, column {column!r} lists {with_nearest(strange, columns)}; {named('labels')} has "
            f"{', '.join(columns)}"
        )
    return columns, np.stack(each_once(cells, row))
