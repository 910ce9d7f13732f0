"""Images found by file name, at any depth of a folder; and rows whose image is not there."""

import os
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.records import Records
from cxrzoo.errors import DataError, DataNotFoundError, MissingImagesWarning
from cxrzoo.text import shown


def find_images(folder: str | os.PathLike[str], names: Iterable[str]) -> dict[str, list[str]]:
    """Return the paths, by file name, of those files under ``folder`` that have one of these names.

    Most names have one path; of several the first is that of the folder that is first by name.
    Linked folders are followed, each folder is entered once, and folders whose name starts with a
    dot are left out.
    """
    wanted = set(names)
    found: dict[str, list[str]] = {}
    entered: set[tuple[int, int]] = set()
    waiting = [os.fspath(folder)]
    while waiting:
        here = waiting.pop()
        place = Path(here).stat()
        # On some file systems of Windows every folder's index is 0.
        if place.st_ino and (place.st_dev, place.st_ino) in entered:
            continue
        entered.add((place.st_dev, place.st_ino))
        below = []
        with os.scandir(here) as entries:
            for entry in entries:
                if entry.name in wanted:
                    if entry.is_file():
                        found.setdefault(entry.name, []).append(entry.path)
                elif not entry.name.startswith(".") and entry.is_dir():
                    below.append(entry.path)
        waiting += sorted(below, reverse=True)
    return found


def rows_with_image(
    records: Records,
    names: Sequence[str] | NDArray[np.object_],
    *,
    table: Path,
    where: Path,
    missing: str,
    there: NDArray[np.bool_] | None = None,
    stacklevel: int = 3,
) -> Records:
    """Return the rows that have an image; refuse or announce the others.

    ``names`` is what each row of ``table`` calls its image, (n,), and ``where`` the folder searched;
    ``there`` is whether each image exists, (n,), looked up if None; ``stacklevel`` is the warning's.

    Raises:
        DataNotFoundError: no row has an image, or some have none under ``missing="error"``.
    """
    if missing not in ("error", "drop"):
        raise DataError(f"missing must be 'error' or 'drop'; got {shown(missing)}")
    if there is None:
        there = np.array([os.path.isfile(path) for path in records.images], bool)
    if there.all():
        return records
    example = names[int(np.argmin(there))]
    if not there.any():
        raise DataNotFoundError(
            f"none of the {len(there):,} images that {table} names is under {where} "
            f"(e.g. {example!r})"
        )
    text = (
        f"{np.sum(~there):,} of {len(there):,} rows of {table} have no image under {where} "
        f"(e.g. {example!r})"
    )
    if missing == "error":
        raise DataNotFoundError(f"{text}; pass missing='drop' to leave those rows out")
    warnings.warn(f"{text}; they are left out", MissingImagesWarning, stacklevel=stacklevel)
    return records[there]
