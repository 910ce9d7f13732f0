"""Boxes that radiologists drew around findings: those of NIH ChestX-ray14."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cxrzoo.data.csv_rows import opened_rows
from cxrzoo.data.csv_table import read_header
from cxrzoo.data.image_files import find_images
from cxrzoo.errors import DataError, DataNotFoundError, TableError
from cxrzoo.heatmaps.maps import Box
from cxrzoo.opened import is_folder, shown_path
from cxrzoo.typed import check_arguments, check_fields

EDGE: Final = 1024
"""Height and width of every image as NIH published it; the boxes are in its pixels."""

_SPELT: Final = {"Infiltrate": "Infiltration"}


@dataclass(frozen=True)
class Boxed:
    """A picture in which radiologists found something, and where.

    Attributes:
        path: of the image.
        patient: whose it is.
        finding: what they found.
        boxes: where, in pixels of the published image of 1024 x 1024; one or more.
    """

    path: str
    patient: str
    finding: str
    boxes: tuple[Box, ...]

    def __post_init__(self) -> None:
        check_fields(self)


def nih_boxes(root: str | os.PathLike[str]) -> list[Boxed]:
    """Read ``BBox_List_2017.csv`` or ``.csv.gz`` below a folder, as far as its images are there.

    Args:
        root: the folder that holds the list and, at any depth, images, of whatever size.

    Returns:
        One for each image and finding, in the order of the list.

    Raises:
        DataNotFoundError: there is no such folder, no list in it, or none of its images.
        TableError: the list is none.
    """
    check_arguments(nih_boxes, locals())
    folder = Path(root)
    if not is_folder(folder):
        raise DataNotFoundError(f"no such folder: {shown_path(folder)}")
    table = next(
        (one for end in ("csv", "csv.gz") for one in sorted(folder.glob(f"BBox_List_2017*.{end}"))),
        None,
    )
    if table is None:
        raise DataNotFoundError(
            f"no BBox_List_2017.csv or .csv.gz in {shown_path(folder)}; NIH's download has it beside the "
            "images (https://nihcc.app.box.com/v/ChestXray-NIHCC)"
        )
    listed = _listed(table)
    there = find_images(folder, {name for name, _ in listed})
    found = [
        Boxed(there[name][0], name.split("_")[0], finding, tuple(boxes))
        for (name, finding), boxes in listed.items()
        if name in there
    ]
    if not found:
        raise DataNotFoundError(f"{shown_path(folder)} has none of the images of {table.name}")
    return found


def _listed(table: Path) -> Mapping[tuple[str, str], list[Box]]:
    """Return the boxes of each image and finding."""
    header = read_header(table)
    if header[:2] != ["Image Index", "Finding Label"] or len(header) < 6:
        raise TableError(f"{table}: expected the columns Image Index, Finding Label, x, y, w and h")
    found: dict[tuple[str, str], list[Box]] = {}
    with opened_rows(table) as rows:
        next(iter(rows))
        for row in rows:
            name, finding, *figures = (cell.strip() for cell in row[:6])
            try:
                box = Box(*map(float, figures))
            except (TypeError, ValueError, DataError):
                raise TableError(
                    f"{table}: the row of {name!r:.80} has no box; four numbers were expected: x, y, "
                    "width and height, the last two above 0"
                ) from None
            found.setdefault((name, _SPELT.get(finding, finding)), []).append(box)
    return MappingProxyType(found)
