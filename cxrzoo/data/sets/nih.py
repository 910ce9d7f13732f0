"""NIH ChestX-ray14 as it unpacks from the download, or any part of it.

Wang et al., "ChestX-ray8: Hospital-scale Chest X-ray Database and Benchmarks", CVPR 2017; data provided
by the NIH Clinical Center, https://nihcc.app.box.com/v/ChestXray-NIHCC.
"""

import os
from itertools import islice
from pathlib import Path

import numpy as np

from cxrzoo.data.columns import object_array
from cxrzoo.data.folders import find_images, settle_missing
from cxrzoo.data.nih_entries import NIH_NAME, read_nih_entries
from cxrzoo.data.records import Records
from cxrzoo.data.sets.layout import Missing, folder_of
from cxrzoo.data.sets.register import register_data_set
from cxrzoo.errors import DataError, DataNotFoundError
from cxrzoo.labels import NIH_LABELS


@register_data_set(
    "nih",
    title="NIH ChestX-ray14",
    names={label: label for label in NIH_LABELS},
    holds="`Data_Entry_2017*.csv`, PNG at any depth",
    images=112_120,
    patients=30_805,
    metadata=("age", "sex", "view", "follow_up"),
    split="official",
    terms="none but attribution",
    link="https://nihcc.app.box.com/v/ChestXray-NIHCC",
)
def NIHChestXray14(
    root: str | os.PathLike[str],
    *,
    images: str | os.PathLike[str] | None = None,
    missing: Missing = "error",
) -> Records:
    """Read the rows of NIH's CSV with the images that are at hand.

    The CSV is ``Data_Entry_2017*.csv`` or ``.csv.gz`` in ``root``. Of several, one with ``v2020`` in
    its name goes first (NIH's corrected edition), a plain file before a gzipped one, then the first by
    name. Images are found by file name at any depth: ``images_001/images/...`` to
    ``images_012/images/...``, a flat folder, or any part of them. Files that the CSV does not name
    are left alone.

    Args:
        root: the folder that holds the CSV.
        images: the folder to look for images in, absolute or relative to ``root``; all of ``root``
            if None.
        missing: what becomes of rows without an image: ``"error"``, or ``"drop"`` to leave them out
            and say how many in one line (:class:`MissingImagesWarning`).

    Returns:
        Records named ``"nih-chestxray14"`` with the labels ``NIH_LABELS`` and the metadata columns
        of :func:`read_nih_entries`.

    Raises:
        DataNotFoundError: no such folder, no CSV in it, no image that the CSV names, or rows without
            an image under ``missing="error"``.
        DataError: a file name is found in several folders.
        TableError: the CSV lacks columns or holds what it should not.
    """
    folder = folder_of(root)
    where = folder if images is None else folder / images
    if not where.is_dir():
        raise DataNotFoundError(f"no such folder of images: {where}")
    table = _entries_csv(folder)
    entries = read_nih_entries(table)
    found = find_images(where, entries.images)
    if found.repeated:
        raise DataError(_repeats(where, found.repeated))
    there = np.array([name in found.paths for name in entries.images], bool)
    settle_missing(there, entries.images, table=table, where=where, missing=missing)
    kept = entries[there]
    return Records(
        images=object_array([found.paths[name] for name in kept.images]),
        targets=kept.targets,
        labels=kept.labels,
        patients=kept.patients,
        metadata=kept.metadata,
        name=NIH_NAME,
    )


def _entries_csv(folder: Path) -> Path:
    found = [p for end in ("csv", "csv.gz") for p in folder.glob(f"Data_Entry_2017*.{end}")]
    if not found:
        raise DataNotFoundError(
            f"no Data_Entry_2017*.csv or .csv.gz in {folder}; NIH's download has it beside the "
            "images (https://nihcc.app.box.com/v/ChestXray-NIHCC)"
        )
    return min(found, key=lambda p: ("v2020" not in p.name, p.suffix == ".gz", p.name))


def _repeats(where: Path, repeated: dict[str, list[str]]) -> str:
    folders = dict.fromkeys(os.path.dirname(p) for paths in repeated.values() for p in paths)
    shown = ", ".join(repr(os.path.relpath(folder, where)) for folder in islice(folders, 4))
    more = f" and {len(folders) - 4} more" if len(folders) > 4 else ""
    example = next(iter(repeated))
    return (
        f"{len(repeated):,} file names (e.g. {example!r}) stand in more than one folder under "
        f"{where}: {shown}{more}; say which to use with images=..."
    )
