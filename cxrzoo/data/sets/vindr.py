"""VinDr-CXR as PhysioNet has it.

Nguyen et al., "VinDr-CXR: An open dataset of chest X-rays with radiologist's annotations", Scientific
Data 9, 429, 2022; https://physionet.org/content/vindr-cxr/1.0.0/.
"""

import os
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.concatenate import concat
from cxrzoo.data.csv_table import read_columns, read_header
from cxrzoo.data.records import Records
from cxrzoo.data.sets.layout import Missing, assemble, cells_as_targets, find_tables, folder_of
from cxrzoo.data.sets.register import register_data_set
from cxrzoo.data.sets.vocabulary import Names
from cxrzoo.errors import TableError
from cxrzoo.labels import NO_FINDING
from cxrzoo.typed import check_arguments

_PARTS = ("train", "test")

NAMES: Final[Names] = {
    "Aortic enlargement": "Aortic Enlargement",
    "Atelectasis": "Atelectasis",
    "Calcification": "Calcification",
    "Cardiomegaly": "Cardiomegaly",
    "Clavicle fracture": "Fracture",
    "Consolidation": "Consolidation",
    "Edema": "Edema",
    "Emphysema": "Emphysema",
    "Enlarged PA": "Enlarged Pulmonary Artery",
    "ILD": "Interstitial Lung Disease",
    "Infiltration": "Infiltration",
    "Lung Opacity": "Lung Opacity",
    "Lung cavity": "Lung Cavity",
    "Lung cyst": "Lung Cyst",
    "Mediastinal shift": "Mediastinal Shift",
    "Nodule/Mass": "Nodule or Mass",
    "Pleural effusion": "Effusion",
    "Pleural thickening": "Pleural_Thickening",
    "Pneumothorax": "Pneumothorax",
    "Pulmonary fibrosis": "Fibrosis",
    "Rib fracture": "Fracture",
    "Other lesion": None,
    "COPD": "COPD",
    "Lung tumor": "Lung Tumor",
    "Pneumonia": "Pneumonia",
    "Tuberculosis": "Tuberculosis",
    "Other diseases": None,
    "Other disease": None,
    "No finding": NO_FINDING,
}


@register_data_set(
    "vindr-cxr",
    title="VinDr-CXR",
    names=NAMES,
    holds="`annotations/image_labels_{train,test}.csv`, `train/*.dicom`, `test/*.dicom`",
    images=18_000,
    metadata=("part",),
    split="official",
    terms="PhysioNet credentialed health data licence",
    link="https://physionet.org/content/vindr-cxr/1.0.0/",
)
def VinDrCXR(root: str | os.PathLike[str], *, missing: Missing = "error") -> Records:
    """Read the images of ``train`` and ``test`` with what most of their readers saw.

    Reads ``annotations/image_labels_train.csv`` and ``annotations/image_labels_test.csv``, those that
    are there, beside ``train/IMAGE_ID.dicom`` and ``test/IMAGE_ID.dicom`` (DICOM: the extra ``dicom``).
    Each training image has three rows, one a radiologist: a label is present if more than half of
    them say so. Test rows are the consensus of five. Patients are not published, so they are unknown.
    ``metadata`` has ``part``.

    Args:
        root: the folder that holds ``annotations``, ``train`` and ``test``.
        missing: what becomes of images that are not there: ``"error"`` or ``"drop"``.

    Raises:
        DataNotFoundError: no such folder, no table in it, or images that are not there.
        TableError: a table lacks columns, or a cell makes no sense.
    """
    check_arguments(VinDrCXR, locals())
    folder = folder_of(root)
    tables = find_tables(
        folder, [f"annotations/image_labels_{part}.csv" for part in _PARTS], source="VinDr-CXR"
    )
    parts = []
    for table in tables:
        part = next(part for part in _PARTS if f"_{part}." in table.name)
        images, columns = _votes(table)
        parts.append(
            assemble(
                NAMES,
                table=table,
                folder=folder,
                images=[f"{part}/{image}.dicom" for image in images],
                columns=columns,
                patients=None,
                metadata={"part": np.full(len(images), part, object)},
                missing=missing,
                name="vindr-cxr",
            )
        )
    return concat(*parts)


def _votes(table: Path) -> tuple[list[str], dict[str, NDArray[np.float32]]]:
    """Return each image once, and what more than half of the rows that name it say of each label."""
    header = read_header(table)
    names = [name for name in header if NAMES.get(name) is not None]
    if absent := [name for name, label in NAMES.items() if label and name not in header]:
        raise TableError(f"{table} has no column {', '.join(map(repr, absent))}")
    cells = read_columns(table, ["image_id", *names])
    images = list(dict.fromkeys(cells["image_id"]))
    index = {image: i for i, image in enumerate(images)}
    rows = np.array([index[image] for image in cells["image_id"]])
    columns = {}
    for name in names:
        seen = cells_as_targets(table, name, cells[name])
        votes = np.bincount(rows, ~np.isnan(seen), len(images))
        yes = np.bincount(rows, np.nan_to_num(seen), len(images))
        columns[name] = np.where(votes > 0, yes * 2 > votes, np.nan).astype(np.float32)
    return images, columns
