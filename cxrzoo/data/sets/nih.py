"""NIH ChestX-ray14: its table of entries, its images, and the sample of them that comes with the package.

Wang et al., "ChestX-ray8: Hospital-scale Chest X-ray Database and Benchmarks", CVPR 2017; data provided
by the NIH Clinical Center, https://nihcc.app.box.com/v/ChestXray-NIHCC.
"""

import atexit
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from importlib.resources import as_file, files
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.columns import object_array
from cxrzoo.data.csv_table import each_once, read_columns, read_header, refuse_repeats
from cxrzoo.data.image_files import find_images, rows_with_image
from cxrzoo.data.records import Records
from cxrzoo.data.sets.layout import Missing, folder_of
from cxrzoo.data.sets.register import register_data_set
from cxrzoo.errors import DataError, DataNotFoundError, TableError, argument
from cxrzoo.labels import NIH_LABELS
from cxrzoo.nearest import with_nearest
from cxrzoo.opened import is_folder, shown_path
from cxrzoo.typed import check_arguments

_YEARS = {"Y": 1.0, "M": 1 / 12, "D": 1 / 365.25}


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
    check_arguments(NIHChestXray14, locals())
    folder = folder_of(root)
    where = folder if images is None else folder / images
    if not is_folder(where):
        raise DataNotFoundError(f"no such folder of images: {shown_path(where)}")
    table = _entries_csv(folder)
    entries = read_nih_entries(table)
    found = find_images(where, entries.images)
    if repeated := {name: paths for name, paths in found.items() if len(paths) > 1}:
        raise DataError(_repeats(where, repeated))
    there = np.array([name in found for name in entries.images], bool)
    kept = rows_with_image(
        entries, entries.images, table=table, where=where, missing=missing, there=there
    )
    return replace(kept, images=object_array([found[name][0] for name in kept.images]))


def load_sample() -> Records:
    """Real chest X-rays of 128 x 128 pixels that come with the package.

    Members of all three parts of the official split (``seed=0``), no patient in two of them. They
    were chosen so that every label has as many positives as can be: figures measured on them say
    that the machinery works, and nothing of how good a model is.

    The images are from NIH ChestX-ray14 (Wang et al., "ChestX-ray8: Hospital-scale Chest X-ray
    Database and Benchmarks on Weakly-Supervised Classification and Localization of Common Thorax
    Diseases", CVPR 2017), https://nihcc.app.box.com/v/ChestXray-NIHCC. The NIH Clinical Center
    provided the data.
    """
    return NIHChestXray14(_sample_folder())


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
    check_arguments(read_nih_entries, locals())
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
        name="nih-chestxray14",
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
        f"{where}: {shown}{more}; say which to use with {argument('images')}"
    )


def _targets(path: Path, findings: Sequence[str]) -> NDArray[np.float32]:
    def row(cell: str) -> NDArray[np.float32]:
        found = cell.split("|")
        if strange := [finding for finding in found if finding not in NIH_LABELS]:
            raise TableError(
                f"{path}, column 'Finding Labels': unknown label "
                f"{with_nearest(strange[:1], NIH_LABELS)} in {cell!r}"
            )
        return np.array([label in found for label in NIH_LABELS], np.float32)

    return np.stack(each_once(findings, row))  # 112,120 rows hold 836 different cells


def _years(cell: str) -> float:
    if not cell:
        return float("nan")
    unit = _YEARS.get(cell[-1])
    years = float(cell) if unit is None else float(cell[:-1]) * unit
    if not isfinite(years):
        raise ValueError("not finite")
    return years


def _mapped(path: Path, column: str, cells: Sequence[str], read: Any, dtype: Any) -> NDArray[Any]:
    def checked(cell: str) -> Any:
        try:
            return np.array(read(cell), dtype)  # whole numbers of many digits fit no array
        except (ValueError, OverflowError):
            raise TableError(f"{path}, column {column!r}: cannot read {cell!r:.80}") from None

    return np.array(each_once(cells, checked), dtype)


@cache
def _sample_folder() -> Path:
    # As files on disk whatever the package was imported from; a zip is unpacked until exit.
    held = ExitStack()
    atexit.register(held.close)
    return held.enter_context(as_file(files("cxrzoo.data") / "sample"))
