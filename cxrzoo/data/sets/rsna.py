"""The RSNA Pneumonia Detection Challenge of 2018, stage 2, as Kaggle has it.

Shih et al., "Augmenting the National Institutes of Health Chest Radiograph Dataset with Expert
Annotations of Possible Pneumonia", Radiology: Artificial Intelligence 1(1), 2019;
https://www.rsna.org/rsnai/ai-image-challenge/rsna-pneumonia-detection-challenge-2018.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from cxrzoo.budget import MAX_FILE_BYTES
from cxrzoo.data.csv_table import read_columns
from cxrzoo.data.records import Records
from cxrzoo.data.sets.layout import Missing, assemble, cells_as_targets, find_tables, folder_of
from cxrzoo.data.sets.register import register_data_set
from cxrzoo.data.sets.vocabulary import Names
from cxrzoo.errors import TableError
from cxrzoo.labels import NO_FINDING
from cxrzoo.opened import read_file
from cxrzoo.typed import check_arguments

_MAPPING = "pneumonia-challenge-dataset-mappings_2018.json"
_CLASSES = {"Normal": 1.0, "Lung Opacity": 0.0, "No Lung Opacity / Not Normal": 0.0}

NAMES: Final[Names] = {"Target": "Pneumonia", "Normal": NO_FINDING}


@register_data_set(
    "rsna",
    title="RSNA Pneumonia",
    names=NAMES,
    holds=(
        "`stage_2_train_labels.csv`, `stage_2_detailed_class_info.csv`, `stage_2_train_images/*.dcm`"
    ),
    images=26_684,
    metadata=("nih_image",),
    split="patient",
    terms="RSNA's terms: research and education",
    link="https://www.rsna.org/rsnai/ai-image-challenge/rsna-pneumonia-detection-challenge-2018",
)
def RSNAPneumonia(root: str | os.PathLike[str], *, missing: Missing = "error") -> Records:
    """Read the labelled images of stage 2, each once.

    Reads ``stage_2_train_labels.csv`` (a row a box: an image is positive if ``Target`` is 1) and
    ``stage_2_detailed_class_info.csv`` (``Normal`` is ``No Finding``) beside
    ``stage_2_train_images/PATIENTID.dcm`` (DICOM: the extra ``dicom``).

    **These images are of NIH ChestX-ray14.** What the challenge calls ``patientId`` names an image, not
    a person. With RSNA's ``pneumonia-challenge-dataset-mappings_2018.json`` in ``root``, patients are
    those of NIH, as :func:`NIHChestXray14` writes them, and ``metadata`` has ``nih_image``; without it
    patients are unknown.

    Args:
        root: the folder that holds the tables.
        missing: what becomes of images that are not there: ``"error"`` or ``"drop"``.

    Raises:
        DataNotFoundError: no such folder, a table is not there, or images are not.
        TableError: a table lacks columns, or a cell makes no sense.
    """
    check_arguments(RSNAPneumonia, locals())
    folder = folder_of(root)
    labels, classes = find_tables(
        folder,
        ["stage_2_train_labels.csv", "stage_2_detailed_class_info.csv"],
        source="RSNA Pneumonia",
        least=2,
    )
    boxes = read_columns(labels, ["patientId", "Target"])
    target = dict(zip(*boxes.values(), strict=True))  # all rows of an image have the same
    rows = read_columns(classes, ["patientId", "class"])
    kind = dict(zip(*rows.values(), strict=True))
    images = list(target)
    if stray := next((image for image in images if image not in kind), None):
        raise TableError(f"{classes} has no row for the image {stray!r} of {labels}")
    originals = _originals(folder / _MAPPING, images)
    return assemble(
        NAMES,
        table=labels,
        folder=folder,
        images=[f"stage_2_train_images/{image}.dcm" for image in images],
        columns={
            "Target": cells_as_targets(labels, "Target", list(target.values())),
            "Normal": cells_as_targets(classes, "class", [kind[i] for i in images], _CLASSES),
        },
        # NIH writes patient 13 of 00000013_005.png without the zeros.
        patients=None if originals is None else [str(int(name[:8])) for name in originals],
        metadata={} if originals is None else {"nih_image": np.array(originals, object)},
        missing=missing,
        name="rsna-pneumonia",
    )


def _originals(path: Path, images: Sequence[str]) -> list[str] | None:
    """Return NIH's file name of each image, or None without RSNA's mapping."""
    if not path.exists():
        return None
    content = read_file(path, MAX_FILE_BYTES, TableError)
    try:
        entries = json.loads(content)
        names = {entry["subset_img_id"]: entry["img_id"] for entry in entries}
        found = [names[image] for image in images]
        [int(name[:8]) for name in found]  # fails here rather than later
    except (ValueError, KeyError, TypeError) as error:
        raise TableError(
            f"{path} is not RSNA's mapping: expected a list with 'subset_img_id' and 'img_id' for "
            f"each image ({type(error).__name__}: {error})"
        ) from None
    return found
