"""PadChest as BIMCV publishes it.

Bustos et al., "PadChest: A large chest x-ray image dataset with multi-label annotated reports", Medical
Image Analysis 66, 2020; https://bimcv.cipf.es/bimcv-projects/padchest/.
"""

import ast
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from cxrzoo.data.csv_table import each_once, read_columns, refuse_repeats
from cxrzoo.data.records import Records
from cxrzoo.data.sets.layout import Missing, as_numbers, assemble, find_tables, folder_of, paths_of
from cxrzoo.data.sets.register import register_data_set
from cxrzoo.data.sets.vocabulary import Names
from cxrzoo.errors import TableError
from cxrzoo.labels import NO_FINDING
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments

_CSV = "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv"

_SAYS_NOTHING = frozenset({"exclude", "suboptimal study", "unchanged"})
"""Labels of images whose other findings cannot be told from the report."""


_DEVICES = (
    "central venous catheter", "central venous catheter via jugular vein",
    "central venous catheter via subclavian vein", "central venous catheter via umbilical vein",
    "reservoir central venous catheter", "chest drain tube", "dual chamber device",
    "electrical device", "endotracheal tube", "NSG tube", "pacemaker", "single chamber device",
    "tracheostomy tube",
)  # fmt: skip

NAMES: Final[Names] = {
    **dict.fromkeys(
        (
            "atelectasis", "atelectasis basal", "laminar atelectasis", "lobar atelectasis",
            "round atelectasis", "segmental atelectasis", "total atelectasis",
        ),
        "Atelectasis",
    ),
    "cardiomegaly": "Cardiomegaly",
    **dict.fromkeys(
        ("pleural effusion", "loculated pleural effusion", "loculated fissural effusion"),
        "Effusion",
    ),
    "hydropneumothorax": ("Effusion", "Pneumothorax"),
    "infiltrates": "Infiltration",
    **dict.fromkeys(("mass", "pulmonary mass"), "Mass"),
    **dict.fromkeys(("nodule", "multiple nodules"), "Nodule"),
    **dict.fromkeys(("pneumonia", "atypical pneumonia"), "Pneumonia"),
    "pneumothorax": "Pneumothorax",
    "consolidation": "Consolidation",
    "pulmonary edema": "Edema",
    "emphysema": "Emphysema",
    "pulmonary fibrosis": "Fibrosis",
    **dict.fromkeys(
        ("pleural thickening", "apical pleural thickening", "calcified pleural thickening"),
        "Pleural_Thickening",
    ),
    "hiatal hernia": "Hernia",
    **dict.fromkeys(
        (
            "fracture", "callus rib fracture", "clavicle fracture", "humeral fracture",
            "rib fracture", "vertebral fracture",
        ),
        "Fracture",
    ),
    **dict.fromkeys(_DEVICES, "Support Devices"),
    "COPD signs": "COPD",
    "pulmonary artery enlargement": "Enlarged Pulmonary Artery",
    "cavitation": "Lung Cavity",
    "mediastinal shift": "Mediastinal Shift",
    "tuberculosis": "Tuberculosis",
    "normal": NO_FINDING,
}  # fmt: skip


@register_data_set(
    "padchest",
    title="PadChest",
    names=NAMES,
    holds="`PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv`, 16-bit PNG at any depth",
    images=160_861,  # rows of the published table; 160,868 by the paper
    patients=67_625,
    metadata=("view", "sex", "birth_year", "study", "method"),
    split="patient",
    terms="BIMCV's research use agreement",
    link="https://bimcv.cipf.es/bimcv-projects/padchest/",
)
def PadChest(root: str | os.PathLike[str], *, missing: Missing = "error") -> Records:
    """Read the rows of the published table with the images that are at hand.

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
    check_arguments(PadChest, locals())
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
        for label in NAMES
    }
    return assemble(
        NAMES,
        table=table,
        folder=folder,
        images=paths_of(names, folder),
        columns=columns,
        patients=cells["PatientID"],
        metadata={
            "view": cells["Projection"],
            "sex": cells["PatientSex_DICOM"],
            "birth_year": as_numbers(cells["PatientBirth"]),
            "study": cells["StudyID"],
            "method": cells["MethodLabel"],
        },
        missing=missing,
        name="padchest",
    )


def _lists(table: Path, cells: Sequence[str]) -> list[frozenset[str]]:
    """Return the labels of each row; cells are Python lists of strings, some of them with nan."""

    def listed(cell: str) -> frozenset[str]:
        if cell in ("", "nan"):
            return frozenset()
        try:
            names = ast.literal_eval(cell.replace("nan,", "'',").replace(", nan", ""))
        except (ValueError, SyntaxError):
            names = None
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            row = cells.index(cell) + 1
            raise TableError(
                f"{table}, column 'Labels', row {row}: expected a list, got {shown(cell)}"
            )
        return frozenset(name.strip() for name in names if name.strip())

    return each_once(cells, listed)
