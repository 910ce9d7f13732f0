"""PadChest as BIMCV publishes it.

Bustos et al., "PadChest: A large chest x-ray image dataset with multi-label annotated reports", Medical
Image Analysis 66, 2020; https://bimcv.cipf.es/bimcv-projects/padchest/.
"""

import ast
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cxrzoo.data.csv_table import read_columns, refuse_repeats
from cxrzoo.data.records import Records
from cxrzoo.data.sets.layout import Missing, assembled, find_tables, folder_of, numbers, paths_of
from cxrzoo.data.sets.vocabulary import MAPPINGS
from cxrzoo.errors import TableError

__all__ = ["PadChest"]

_CSV = "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv"

_SAYS_NOTHING = frozenset({"exclude", "suboptimal study", "unchanged"})
"""Labels of images whose other findings cannot be taken from the report."""


def PadChest(  # noqa: N802 - the data set's own name
    root: str | os.PathLike[str], *, missing: Missing = "error"
) -> Records:
    """The rows of the published table with the images that are at hand.

    Reads ``PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv`` (or ``.csv.gz``); images, 16-bit PNG
    in the folders ``0`` to ``54``, are found by name at any depth. A finding that the column ``Labels``
    does not list is absent; rows without a list, or labelled ``exclude``, ``suboptimal study`` or
    ``unchanged``, have no label that is known. ``metadata`` has ``view`` (the column ``Projection``),
    ``sex``, ``birth_year``, ``study`` and ``method`` (who labelled: ``Physician`` or a network).

    Args:
        root: the folder that holds the CSV.
        missing: what becomes of rows without an image: ``"error"`` or ``"drop"``.

    Raises:
        DataNotFoundError: no such folder, no CSV in it, or images that are not there.
        TableError: the CSV lacks columns, or a cell makes no sense.
    """
    folder = folder_of(root)
    (table,) = find_tables(folder, [_CSV], source="PadChest")
    cells = read_columns(
        table,
        [
            "ImageID", "StudyID", "PatientID", "PatientBirth", "PatientSex_DICOM", "Projection",
            "MethodLabel", "Labels",
        ],
    )  # fmt: skip
    names = cells["ImageID"]
    refuse_repeats(table, "ImageID", names)
    listed = _lists(table, cells["Labels"])
    unknown = np.array([not labels or bool(labels & _SAYS_NOTHING) for labels in listed])
    columns = {
        label: np.where(unknown, np.nan, [label in labels for labels in listed]).astype(np.float32)
        for label in MAPPINGS["PadChest"]
    }
    return assembled(
        "PadChest",
        table=table,
        folder=folder,
        images=paths_of(names, folder),
        columns=columns,
        patients=cells["PatientID"],
        metadata={
            "view": cells["Projection"],
            "sex": cells["PatientSex_DICOM"],
            "birth_year": numbers(cells["PatientBirth"]),
            "study": cells["StudyID"],
            "method": cells["MethodLabel"],
        },
        missing=missing,
        name="padchest",
    )


def _lists(table: Path, cells: Sequence[str]) -> list[frozenset[str]]:
    """The labels of each row; cells are written as Python lists of strings, some of them with nan."""
    seen: dict[str, frozenset[str]] = {"": frozenset(), "nan": frozenset()}
    for cell in dict.fromkeys(cells):
        if cell in seen:
            continue
        try:
            names = ast.literal_eval(cell.replace("nan,", "'',").replace(", nan", ""))
        except (ValueError, SyntaxError):
            names = None
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            row = list(cells).index(cell) + 1
            raise TableError(
                f"{table}, column 'Labels', row {row}: expected a list, got {cell!r:.80}"
            )
        seen[cell] = frozenset(name.strip() for name in names if name.strip())
    return [seen[cell] for cell in cells]
