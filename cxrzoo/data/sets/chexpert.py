"""CheXpert as it unpacks.

Irvin et al., "CheXpert: A Large Chest Radiograph Dataset with Uncertainty Labels and Expert
Comparison", AAAI 2019; https://stanfordmlgroup.github.io/competitions/chexpert/.
"""

import os
import warnings
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np

from cxrzoo.data.concatenate import concat
from cxrzoo.data.csv_table import read_columns, refuse_repeats
from cxrzoo.data.records import Records
from cxrzoo.data.sets.layout import (
    Missing,
    as_numbers,
    assemble,
    cells_as_targets,
    find_tables,
    folder_of,
)
from cxrzoo.data.sets.register import register_data_set
from cxrzoo.data.sets.vocabulary import Names
from cxrzoo.errors import DataError, TableError
from cxrzoo.labels import NO_FINDING
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments

Uncertain = Literal["unknown", "zeros", "ones"]

UNCERTAIN: Final[Mapping[str, float]] = MappingProxyType(
    {"unknown": float("nan"), "zeros": 0.0, "ones": 1.0}
)
"""What -1, 'the report is not sure', becomes: the policies U-Zeros and U-Ones of the paper, or NaN."""

_OLD: Final = {"zero": "zeros", "one": "ones"}

_PARTS = ("train", "valid", "test")

_OWN = (
    NO_FINDING, "Enlarged Cardiomediastinum", "Cardiomegaly", "Lung Opacity", "Lung Lesion", "Edema",
    "Consolidation", "Pneumonia", "Atelectasis", "Pneumothorax", "Pleural Effusion", "Pleural Other",
    "Fracture", "Support Devices",
)  # fmt: skip

NAMES: Final[Names] = {name: name for name in _OWN} | {"Pleural Effusion": "Effusion"}


@register_data_set(
    "chexpert",
    title="CheXpert",
    names=NAMES,
    holds="`train.csv`, `valid.csv`, `test.csv` or some of them, JPEG",
    images=224_316,
    patients=65_240,
    metadata=("part", "view", "sex", "age", "study"),
    split="patient",
    terms="Stanford's research use agreement",
    link="https://stanfordmlgroup.github.io/competitions/chexpert/",
)
def CheXpert(
    root: str | os.PathLike[str], *, uncertain: Uncertain = "unknown", missing: Missing = "error"
) -> Records:
    """Read the rows of ``train.csv``, ``valid.csv`` and ``test.csv``, those that are there.

    The layout is that of ``CheXpert-v1.0`` and ``CheXpert-v1.0-small``: ``root/train/patient00001/
    study1/view1_frontal.jpg``, named in the column ``Path`` with the folder's own name before it. A
    blank cell, a finding that the report does not speak of, stays unknown. ``metadata`` has ``part``,
    ``view`` (``PA``, ``AP``, ``LATERAL``), ``sex``, ``age`` and ``study``.

    Args:
        root: the folder that holds the CSVs.
        uncertain: what -1 becomes: ``"unknown"`` (NaN), ``"zeros"`` or ``"ones"``.
        missing: what becomes of rows without an image: ``"error"`` or ``"drop"``.

    Raises:
        DataNotFoundError: no such folder, no CSV in it, or images that are not there.
        TableError: a CSV lacks columns, or a cell makes no sense.
    """
    check_arguments(CheXpert, {"root": root, "missing": missing})
    values = labeler_cells(uncertain)
    folder = folder_of(root)
    tables = find_tables(folder, [f"{part}.csv" for part in _PARTS], source="CheXpert")
    parts = []
    for table in tables:
        cells = read_columns(table, ["Path", "Sex", "Age", "Frontal/Lateral", "AP/PA", *NAMES])
        refuse_repeats(table, "Path", cells["Path"])
        images = [_below_root(table, path) for path in cells["Path"]]
        views = zip(cells["AP/PA"], cells["Frontal/Lateral"], strict=True)
        part = assemble(
            NAMES,
            table=table,
            folder=folder,
            images=images,
            columns={name: cells_as_targets(table, name, cells[name], values) for name in NAMES},
            patients=[path.split("/")[1] for path in images],
            metadata={
                "part": np.full(len(images), table.name.split(".")[0], object),
                "view": [position or lateral.upper() for position, lateral in views],
                "sex": [sex[:1] for sex in cells["Sex"]],
                "age": as_numbers(cells["Age"]),
                "study": ["/".join(path.split("/")[1:3]) for path in images],
            },
            missing=missing,
            name="chexpert",
        )
        parts.append(part)
    return concat(*parts)


def labeler_cells(uncertain: Any) -> Mapping[str, float]:
    """Return what the CheXpert labeler writes, as 1, 0 and NaN."""
    if not isinstance(uncertain, str):
        raise DataError(f"uncertain must be one of {', '.join(UNCERTAIN)}, got {shown(uncertain)}")
    if uncertain in _OLD:
        warnings.warn(
            f"uncertain={uncertain!r} is now {_OLD[uncertain]!r}; use the new name.",
            DeprecationWarning,
            stacklevel=3,
        )
        uncertain = _OLD[uncertain]
    if uncertain not in UNCERTAIN:
        raise DataError(f"uncertain must be one of {', '.join(UNCERTAIN)}; got {shown(uncertain)}")
    known = {"": float("nan"), "1": 1.0, "0": 0.0, "-1": UNCERTAIN[uncertain]}
    return known | {f"{cell}.0": value for cell, value in known.items() if cell}


def _below_root(table: os.PathLike[str], path: str) -> str:
    pieces = path.split("/")
    start = next((i for i, piece in enumerate(pieces) if piece in _PARTS), None)
    if start is None or len(pieces) < start + 4:
        raise TableError(
            f"{table}, column 'Path': expected .../train/PATIENT/STUDY/IMAGE, got {shown(path)}"
        )
    return "/".join(pieces[start:])
