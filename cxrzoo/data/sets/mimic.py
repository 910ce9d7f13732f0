"""MIMIC-CXR-JPG as PhysioNet has it.

Johnson et al., "MIMIC-CXR-JPG, a large publicly available database of labeled chest radiographs", 2019;
https://physionet.org/content/mimic-cxr-jpg/.
"""

import os
from typing import Literal

from cxrzoo.data.csv_table import read_columns, refuse_repeats
from cxrzoo.data.records import Records
from cxrzoo.data.sets.chexpert import NAMES, Uncertain, labeler_cells
from cxrzoo.data.sets.layout import Missing, assemble, cells_as_targets, find_tables, folder_of
from cxrzoo.data.sets.register import register_data_set
from cxrzoo.errors import DataError, TableError
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments

_VERSIONS = ("2.1.0", "2.0.0")


@register_data_set(
    "mimic-cxr-jpg",
    title="MIMIC-CXR-JPG",
    names=NAMES,
    holds="`mimic-cxr-2.*-{chexpert,metadata,split}.csv.gz`, `files/p10/...jpg`",
    images=377_110,
    patients=65_379,
    metadata=("part", "view", "study"),
    split="official",
    terms="PhysioNet credentialed health data licence",
    link="https://physionet.org/content/mimic-cxr-jpg/",
)
def MIMICCXRJPG(
    root: str | os.PathLike[str],
    *,
    uncertain: Uncertain = "unknown",
    labeler: Literal["chexpert", "negbio"] = "chexpert",
    missing: Missing = "error",
) -> Records:
    """Read one row an image, with the labels of its study.

    Reads ``mimic-cxr-2.0.0-chexpert.csv.gz`` (or ``negbio``), ``-metadata.csv.gz`` and
    ``-split.csv.gz``, or those of 2.1.0, beside ``files/p10/p10000032/s50414267/DICOM_ID.jpg``. An image
    whose study the labeler has no row for has no label that is known. ``metadata`` has ``part``
    (``train``, ``validate``, ``test``), ``view`` and ``study``.

    Args:
        root: the folder that holds the tables and ``files/``.
        uncertain: what -1 becomes: ``"unknown"`` (NaN), ``"zeros"`` or ``"ones"``.
        labeler: whose labels.
        missing: what becomes of rows without an image: ``"error"`` or ``"drop"``.

    Raises:
        DataNotFoundError: no such folder, a table is not there, or images are not.
        TableError: a table lacks columns, or a cell makes no sense.
    """
    check_arguments(MIMICCXRJPG, {"root": root, "labeler": labeler, "missing": missing})
    values = labeler_cells(uncertain)
    if labeler not in ("chexpert", "negbio"):
        raise DataError(f"labeler must be 'chexpert' or 'negbio'; got {shown(labeler)}")
    folder = folder_of(root)
    kinds = (labeler, "metadata", "split")
    version = next(
        (v for v in _VERSIONS if any(folder.glob(f"mimic-cxr-{v}-metadata.csv*"))), "2.0.0"
    )
    wanted = [f"mimic-cxr-{version}-{kind}.csv" for kind in kinds]
    labels_table, image_table, split_table = find_tables(
        folder, wanted, source="MIMIC-CXR-JPG", least=3
    )
    studies = read_columns(labels_table, ["subject_id", "study_id", *NAMES])
    rows = {study: row for row, study in enumerate(studies["study_id"])}
    images = read_columns(image_table, ["dicom_id", "subject_id", "study_id", "ViewPosition"])
    refuse_repeats(image_table, "dicom_id", images["dicom_id"])
    split = read_columns(split_table, ["dicom_id", "split"])
    part = dict(zip(split["dicom_id"], split["split"], strict=True))
    if stray := next((name for name in images["dicom_id"] if name not in part), None):
        raise TableError(f"{split_table} has no row for the image {stray!r} of {image_table}")
    picked = [rows.get(study) for study in images["study_id"]]
    columns = {
        name: cells_as_targets(
            labels_table, name, ["" if row is None else studies[name][row] for row in picked], values
        )
        for name in NAMES
    }  # fmt: skip
    paths = [
        f"files/p{subject[:2]}/p{subject}/s{study}/{image}.jpg"
        for image, subject, study, _ in zip(*images.values(), strict=True)
    ]
    return assemble(
        NAMES,
        table=image_table,
        folder=folder,
        images=paths,
        columns=columns,
        patients=images["subject_id"],
        metadata={
            "part": [part[name] for name in images["dicom_id"]],
            "view": images["ViewPosition"],
            "study": images["study_id"],
        },
        missing=missing,
        name="mimic-cxr-jpg",
    )
