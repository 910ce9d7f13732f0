"""NIH ChestX-ray14's table of entries, with or without its images.

Wang et al., "ChestX-ray8: Hospital-scale Chest X-ray Database and Benchmarks", CVPR 2017; data provided
by the NIH Clinical Center, https://nihcc.app.box.com/v/ChestXray-NIHCC.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.columns import object_array
from cxrzoo.data.csv_table import read_columns, read_header, refuse_repeats
from cxrzoo.data.records import Records
from cxrzoo.errors import TableError
from cxrzoo.labels import NIH_LABELS
from cxrzoo.nearest import with_nearest

NIH_NAME: Final = "nih-chestxray14"

_YEARS = {"Y": 1.0, "M": 1 / 12, "D": 1 / 365.25}


def read_nih_entries(csv: str | os.PathLike[str]) -> Records:
    """Read every row of NIH's CSV, without its images: ``images`` holds the bare file names.

    Reads both editions, ``Data_Entry_2017.csv`` (ages as in ``058Y``) and
    ``Data_Entry_2017_v2020.csv``, plain or gzipped. Labels are ``NIH_LABELS``; nothing is NaN, as NIH
    labels every finding of every image.

    Metadata: ``age`` (years, float; NaN where blank), ``sex`` and ``view`` (str, ``"PA"`` or
    ``"AP"``), ``follow_up`` (int, the index of the patient's image).

    Raises:
        DataNotFoundError: there is no such file.
        TableError: the CSV lacks columns, repeats an image, or has a finding NIH does not know.
    """
    path = Path(csv)
    # NIH has renamed this one column between editions.
    sex = "Patient Sex" if "Patient Sex" in read_header(path) else "Patient Gender"
    names, findings, follow_up, patients, ages, sexes, views = read_columns(
        path,
        [
            "Image Index",
            "Finding Labels",
            "Follow-up #",
            "Patient ID",
            "Patient Age",
            sex,
            "View Position",
        ],
    ).values()
    refuse_repeats(path, "Image Index", names)
    if "" in patients:
        raise TableError(f"{path}: the row of {names[patients.index('')]!r} has no 'Patient ID'")
    return Records(
        images=object_array(names),
        targets=_targets(path, findings),
        labels=NIH_LABELS,
        patients=object_array(patients),
        metadata={
            "age": _mapped(path, "Patient Age", ages, _years, np.float64),
            "sex": object_array(sexes),
            "view": object_array(views),
            "follow_up": _mapped(path, "Follow-up #", follow_up, int, np.int64),
        },
        name=NIH_NAME,
    )


def _targets(path: Path, findings: Sequence[str]) -> NDArray[np.float32]:
    # 112,120 rows hold 836 different cells: each is taken apart once.
    distinct = {cell: i for i, cell in enumerate(dict.fromkeys(findings))}
    column = {label: j for j, label in enumerate(NIH_LABELS)}
    patterns = np.zeros((len(distinct), len(NIH_LABELS)), np.float32)
    for cell, i in distinct.items():
        for finding in cell.split("|"):
            if finding not in column:
                raise TableError(
                    f"{path}, column 'Finding Labels': unknown label "
                    f"{with_nearest([finding], NIH_LABELS)} in {cell!r}"
                )
            patterns[i, column[finding]] = 1
    return patterns[[distinct[cell] for cell in findings]]


def _years(cell: str) -> float:
    if not cell:
        return float("nan")
    unit = _YEARS.get(cell[-1])
    return float(cell) if unit is None else int(cell[:-1]) * unit


def _mapped(path: Path, column: str, cells: Sequence[str], read: Any, dtype: Any) -> NDArray[Any]:
    values = {}
    for cell in dict.fromkeys(cells):
        try:
            values[cell] = read(cell)
        except ValueError:
            raise TableError(f"{path}, column {column!r}: cannot read {cell!r}") from None
    return np.array([values[cell] for cell in cells], dtype)
