"""What is true of each image, from NIH's CSV or from a table of one's own; no image is opened."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data import Records, read_nih_entries
from cxrzoo.data.csv_table import read_columns, read_header, refuse_repeats
from cxrzoo.data.splits import official_lists
from cxrzoo.data.tables import IMAGE_COLUMNS
from cxrzoo.errors import TableError

PATIENT_COLUMNS: Final = (
    "Patient ID",
    "PatientID",
    "patient_id",
    "patient",
    "Patient",
    "subject_id",
)
"""Where patients are looked for if no column is named: the first of these that the CSV has."""

_CELLS: Final = {"": np.nan, "1": 1.0, "0": 0.0, "1.0": 1.0, "0.0": 0.0}


def read_truth(
    path: str | PathLike[str],
    *,
    columns: Sequence[str],
    image_column: str | None = None,
    patient_column: str | None = None,
) -> Records:
    """Read targets, patients and metadata of every row, ``images`` being names as the table has them.

    Args:
        path: NIH's ``Data_Entry_2017*.csv``, or a table with one column a label whose cells are 1, 0, or
            blank for 'not known'; plain or gzipped.
        columns: Names that the predictions have; in a table of one's own those of them that it has
            too, with or without ``prob_``, are the labels.
        image_column: The column of image names; None takes the first of the usual names.
        patient_column: The column that tells patients apart; None takes the first of the usual names, and
            without any no patient is known.

    Raises:
        DataNotFoundError: There is no such file.
        TableError: It lacks columns or rows, repeats an image, or a cell makes no sense.
    """
    table = Path(path)
    header = read_header(table)
    if "Finding Labels" in header:
        return read_nih_entries(table)
    names = image_column or next((name for name in IMAGE_COLUMNS if name in header), None)
    if names is None:
        raise TableError(
            f"{table} has none of the usual columns of image names ({', '.join(IMAGE_COLUMNS)}); it has "
            f"{', '.join(map(repr, header))}"
        )
    patients = patient_column or next((name for name in PATIENT_COLUMNS if name in header), None)
    predicted = {name.removeprefix("prob_").replace("_", " ") for name in columns}
    labels = [
        name
        for name in header
        if name not in (names, patients) and name.replace("_", " ") in predicted
    ]
    if not labels:
        raise TableError(
            f"{table} is neither NIH's table nor one with a column for a predicted label; it has "
            f"{', '.join(map(repr, header[:20]))}, the predictions {', '.join(map(repr, columns[:20]))}"
        )
    cells = read_columns(table, [names, *labels, *([patients] if patients else [])])
    refuse_repeats(table, names, cells[names])
    return Records(
        images=np.array(cells[names], dtype=object),
        targets=np.column_stack([_targets(table, label, cells[label]) for label in labels]),
        labels=tuple(labels),
        patients=np.array([p or None for p in cells[patients]], dtype=object) if patients else None,
        name=table.name.removesuffix(".gz").removesuffix(".csv"),
    )


def _targets(table: Path, label: str, cells: Sequence[str]) -> NDArray[np.float32]:
    strange = sorted(set(cells) - set(_CELLS))
    if strange:
        raise TableError(
            f"{table}, column {label!r}: expected 1, 0 or blank (not known), got {strange[0]!r}"
        )
    return np.array([_CELLS[cell] for cell in cells], dtype=np.float32)


def is_official_test(truth: Records) -> bool:
    """Return whether every image is one of NIH's official test images."""
    return official_lists()[1].issuperset(truth.file_names)
