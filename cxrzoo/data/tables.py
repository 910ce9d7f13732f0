"""Other people's data: a CSV of their own and the images that it names."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from cxrzoo.cells import is_missing, number
from cxrzoo.data.columns import object_array
from cxrzoo.data.csv_table import each_once, read_columns, read_header, refuse_repeats
from cxrzoo.data.image_files import rows_with_image
from cxrzoo.data.records import Records
from cxrzoo.errors import DataNotFoundError, LabelError, TableError, argument, either, named
from cxrzoo.labels import checked_labels, label_key, match_labels
from cxrzoo.nearest import listed, with_nearest
from cxrzoo.opened import is_folder, shown_path
from cxrzoo.typed import check_arguments

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
    cell_values: Mapping[str, float | None] | None = None,
) -> Records:
    """Read records from a CSV, plain or gzipped, with one row an image.

    Cells may be parted by commas, semicolons or tabs. Labels stand either in one column each
    (``labels`` names the columns; cells are 1, 0, or blank for 'not known'; true and false, yes and no
    do as well), or all in one column (``label_column``; a cell lists the labels that are present,
    the others are absent, and a blank cell means that none of them is known).

    Args:
        csv: the table. Its file name without ending becomes the name of the records.
        images: the folder that image paths are relative to; the CSV's own folder if None. Absolute
            paths stand for themselves.
        image_column: the column of image paths; if None the first of ``IMAGE_COLUMNS`` there is.
        labels: the label names, in the order wanted; the table may spell them otherwise
            (case, blanks, underscores, known aliases). With ``label_column`` None takes all that
            occur, sorted.
        label_column: the column that lists labels.
        separator: what stands between two labels in ``label_column``.
        patient_column: the column that tells patients apart; blank cells are unknown patients.
        missing: what becomes of rows without an image: ``"error"``, or ``"drop"`` to leave them out
            and say how many in one line (:class:`MissingImagesWarning`).
        cell_values: what other words in the labels' columns mean, in any case: 1, 0, or None for not
            known, as in ``{"-1": None, "oui": 1, "non": 0}``.

    Raises:
        DataNotFoundError: no such CSV or folder, or images that are not there.
        TableError: the CSV lacks columns or rows, repeats an image, or a cell makes no sense.
        LabelError: no labels were named, or a cell lists one that is not among them.
    """
    check_arguments(records_from_csv, locals())
    path = Path(csv)
    header = read_header(path)
    folder = path.parent if images is None else Path(images)
    if not is_folder(folder):
        raise DataNotFoundError(f"no such folder of images: {shown_path(folder)}")
    image_column = image_column or _image_column(path, header)
    if labels is not None:
        labels = checked_labels(labels)
    elif label_column is None:
        raise LabelError(
            f"say which columns of {path} are labels ({argument('labels', [...])}), or which column "
            f"lists them ({argument('label_column')}); it has {listed(header)}"
        )
    if label_column is not None:
        label_columns = {label_column: label_column}
    else:
        found = match_labels(labels or (), header, where=str(path), error=TableError)
        label_columns = {label: found.get(label, label) for label in labels or ()}
    patient_columns = [] if patient_column is None else [patient_column]
    cells = read_columns(
        path, list(dict.fromkeys([image_column, *label_columns.values(), *patient_columns]))
    )
    names = cells[image_column]
    if blank := [row for row, name in enumerate(names, 1) if is_missing(name)]:
        raise TableError(
            f"{path}, column {image_column!r}: {len(blank):,} rows name no image, the first is row "
            f"{blank[0]:,}"
        )
    if strange := [v for v in (cell_values or {}).values() if v not in (0, 1, None)]:
        raise TableError(
            f"{named('cell_values')} must map words to 1, 0 or None; received {strange[0]!r:.80}"
        )
    refuse_repeats(path, image_column, names)
    if label_column is not None:
        labels, targets = _listed(path, label_column, cells[label_column], labels, separator)
    else:
        labels = tuple(label_columns)
        by_label = {label: cells[column] for label, column in label_columns.items()}
        targets = all_flags(path, by_label, names, cell_values)
    where = os.fspath(folder)
    records = Records(
        images=object_array([os.path.join(where, name) for name in names]),
        targets=targets,
        labels=tuple(labels),
        patients=None if patient_column is None else object_array(cells[patient_column]),
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


_YES_NO: Final[Mapping[str, float | None]] = {
    word: value
    for value, words in (
        (1.0, "true yes y positive present wahr ja vrai oui verdadero sí si"),
        (0.0, "false no n negative absent falsch nein faux non falso"),
    )
    for word in words.split()
}


def all_flags(
    path: Path,
    columns: Mapping[str, Sequence[str]],
    names: Sequence[str],
    cell_values: Mapping[str, float | None] | None = None,
) -> NDArray[np.float32]:
    """Return targets (n, k) of labels with a column each; refuse all bad columns in one error."""
    found, wrong = [], []
    for column, cells in columns.items():
        try:
            found.append(flags(path, column, cells, names, cell_values))
        except TableError as error:
            wrong.append(error.marked)
    if wrong:
        more = len(wrong) - _MOST_SHOWN
        raise TableError(
            "; ".join(wrong[:_MOST_SHOWN]) + (f"; and {more:,} more columns" * (more > 0))
        )
    return np.stack(found, axis=1)


def flags(
    path: Path,
    column: str,
    cells: Sequence[str],
    names: Sequence[str],
    cell_values: Mapping[str, float | None] | None = None,
) -> NDArray[np.float32]:
    """Return one label's column as 1, 0 and NaN, (n,): numbers, yes and no, and words of one's own.

    Raises:
        TableError: a cell means none of these.
    """
    words = {**_YES_NO} | {
        word.strip().casefold(): value for word, value in (cell_values or {}).items()
    }

    def flag(cell: str) -> float:
        value: float | None = words.get(cell.casefold(), number(cell))
        if value is None and cell.casefold() in words:
            return np.nan
        if value is not None and (value in (0, 1) or np.isnan(value)):
            return value
        row = cells.index(cell)
        raise TableError(
            f"{path}, column {column!r}, row {row + 1} ({names[row]!r}): expected 1, 0 or "
            f"blank (not known), or yes and no, got {cell!r}; say what other words mean: "
            + either(
                f"cell_values={{{cell!r}: 1}} (or 0, or None for not known)",
                "--cell-value WORD=1 (or WORD=0, or WORD=unknown)",
            )
        )

    return np.array(each_once(cells, flag), np.float32)


def _listed(
    path: Path, column: str, cells: Sequence[str], labels: Sequence[str] | None, separator: str
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Return the labels and targets (n, k) of a column whose cells list labels."""

    def names_in(cell: str) -> list[str]:
        # 'None' may mean 'no finding' as well as 'not known'; which one is asked below.
        if is_missing(cell) and cell.casefold() != "none":
            return []
        return [name for part in cell.split(separator) if (name := part.strip())]

    def row(cell: str) -> NDArray[np.float32]:
        names = [meant.get(name, name) for name in names_in(cell)]
        return np.array([name in names if names else np.nan for name in columns], np.float32)

    seen = {name for cell in set(cells) for name in names_in(cell)}
    if not seen:
        raise TableError(f"{path}: column {column!r} lists no label in any row")
    if labels is None and (unclear := [name for name in seen if is_missing(name)]):
        raise TableError(
            f"{path}, column {column!r} lists {unclear[0]!r}, which may mean 'no finding' or 'not "
            "known': leave the cell blank if it is not known, or name all labels with "
            f"{argument('labels', [...])}"
        )
    columns = tuple(sorted(seen)) if labels is None else tuple(labels)
    meant = {
        name: label
        for label in columns
        for name in seen
        if name not in columns and label_key(name) == label_key(label)
    }
    if strange := sorted(seen.difference(columns, meant)):
        raise LabelError(
            f"{path}, column {column!r} lists {with_nearest(strange, columns)}; {named('labels')} has "
            f"{', '.join(columns)}"
        )
    return columns, np.stack(each_once(cells, row))
