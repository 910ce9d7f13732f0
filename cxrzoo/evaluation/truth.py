"""What is true of images: NIH's table, or a table of one's own."""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Final

import numpy as np

from cxrzoo.data import Records, read_nih_entries
from cxrzoo.data.columns import identifiers
from cxrzoo.data.csv_table import read_columns, read_header, refuse_repeats
from cxrzoo.data.splits import official_lists
from cxrzoo.data.tables import IMAGE_COLUMNS, all_flags
from cxrzoo.errors import TableError, argument
from cxrzoo.evaluation.predictions import score_columns
from cxrzoo.nearest import listed

PATIENT_COLUMNS: Final = (
    "Patient ID",
    "PatientID",
    "patient_id",
    "patient",
    "Patient",
    "subject_id",
)
"""Where patients are looked for if no column is named: the first of these that the CSV has."""


def read_truth(
    path: str | PathLike[str],
    *,
    columns: Sequence[str],
    image_column: str | None = None,
    patient_column: str | None = None,
    cell_values: Mapping[str, float | None] | None = None,
) -> Records:
    """Read targets, patients and metadata of every row, ``images`` being names as the table has them.

    Args:
        path: NIH's ``Data_Entry_2017*.csv``, or a table with one column a label whose cells are 1, 0, or
            blank for 'not known'; plain or gzipped.
        columns: Names that the predictions have; in a table of one's own those of them that it has
            too, with or without ``prob_``, are the labels.
        image_column: The column of image names; None takes the first of the usual names.
        cell_values: What other words in the labels' columns mean.
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
            f"{table} has none of the usual columns of image names ({', '.join(IMAGE_COLUMNS)}); name "
            f"it with {argument('image_column')}; it has "
            f"{listed(header)}"
        )
    patients = patient_column or next((name for name in PATIENT_COLUMNS if name in header), None)
    others = [name for name in header if name and name not in (names, patients)]
    labels = tuple(score_columns(others, columns, table))
    if not labels:
        raise TableError(
            f"{table} is neither NIH's table nor one with a column for a predicted label; it has "
            f"{listed(header)}, the predictions {listed(columns)}"
        )
    cells = read_columns(table, [names, *labels, *([patients] if patients else [])])
    refuse_repeats(table, names, cells[names])
    return Records(
        images=np.array(cells[names], dtype=object),
        targets=all_flags(
            table, {label: cells[label] for label in labels}, cells[names], cell_values
        ),
        labels=labels,
        patients=identifiers(cells[patients]) if patients else None,
        name=table.name.removesuffix(".gz").removesuffix(".csv"),
    )


def is_official_test(truth: Records) -> bool:
    """Return whether every image is one of NIH's official test images."""
    return official_lists()[1].issuperset(truth.file_names)
