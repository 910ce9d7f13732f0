"""Images of NIH ChestX-ray14 with four findings adjudicated by radiologists for Google.

Majkowska et al., "Chest Radiograph Interpretation with Deep Learning Models: Assessment with
Radiologist-adjudicated Reference Standards and Population-adjusted Evaluation", Radiology 294, 2020;
https://cloud.google.com/healthcare-api/docs/resources/public-datasets/nih-chest.
"""

import os
from typing import Final

from cxrzoo.data.csv_table import read_columns, refuse_repeats
from cxrzoo.data.records import Records
from cxrzoo.data.sets.layout import (
    Missing,
    as_numbers,
    assemble,
    cells_as_targets,
    find_tables,
    folder_of,
    paths_of,
)
from cxrzoo.data.sets.register import register_data_set
from cxrzoo.data.sets.vocabulary import Names
from cxrzoo.typed import check_arguments

_CSV = "google2019_nih-chest-xray-labels.csv"
_ANSWERS = {"YES": 1.0, "NO": 0.0, "": float("nan")}

NAMES: Final[Names] = {
    "Fracture": "Fracture",
    "Pneumothorax": "Pneumothorax",
    "Airspace opacity": "Lung Opacity",
    "Nodule or mass": "Nodule or Mass",
}


@register_data_set(
    "nih-google",
    title="NIH, Google's labels",
    names=NAMES,
    holds="`google2019_nih-chest-xray-labels.csv`, NIH's PNG at any depth",
    images=4_376,
    patients=1_695,
    metadata=("part", "view", "sex", "age"),
    split="patient",
    terms="as NIH's",
    link="https://cloud.google.com/healthcare-api/docs/resources/public-datasets/nih-chest",
)
def NIHGoogle(root: str | os.PathLike[str], *, missing: Missing = "error") -> Records:
    """Read the adjudicated images with their four labels, and no other.

    Reads ``google2019_nih-chest-xray-labels.csv`` (or ``.csv.gz``); NIH's images are found by name at
    any depth of ``root``, the first by folder name if several have it. ``metadata`` has ``part``
    (``val`` or ``test`` of that study, not of NIH's official split), ``view``, ``sex`` and
    ``age``. ``concat`` of this and :func:`NIHChestXray14` would list images twice.

    Args:
        root: the folder that holds the CSV.
        missing: what becomes of rows without an image: ``"error"`` or ``"drop"``.

    Raises:
        DataNotFoundError: no such folder, no CSV in it, or images that are not there.
        TableError: the CSV lacks columns, or a cell makes no sense.
    """
    check_arguments(NIHGoogle, locals())
    folder = folder_of(root)
    (table,) = find_tables(folder, [_CSV], source="NIH set with Google's labels")
    cells = read_columns(
        table,
        [
            "Image Index", "Patient ID", "Patient Age", "Patient Gender", "View Position", "Set Id",
            *NAMES,
        ],
    )  # fmt: skip
    names = cells["Image Index"]
    refuse_repeats(table, "Image Index", names)
    return assemble(
        NAMES,
        table=table,
        folder=folder,
        images=paths_of(names, folder),
        columns={name: cells_as_targets(table, name, cells[name], _ANSWERS) for name in NAMES},
        patients=cells["Patient ID"],
        metadata={
            "part": cells["Set Id"],
            "view": cells["View Position"],
            "sex": cells["Patient Gender"],
            "age": as_numbers(cells["Patient Age"]),
        },
        missing=missing,
        name="nih-google",
    )
