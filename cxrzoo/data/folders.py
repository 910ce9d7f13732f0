"""Images found by file name, at any depth of a folder; and rows whose image is not there."""

import os
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import DataError, DataNotFoundError, MissingImagesWarning


@dataclass(frozen=True)
class FoundImages:
    """Where the wanted file names are."""

    paths: dict[str, str] = field(default_factory=dict)
    """File name to path, as first met; folders are walked in the order of their names."""
    repeated: dict[str, list[str]] = field(default_factory=dict)
    """File names that stand in several folders, each with all its paths."""


def find_images(folder: str | os.PathLike[str], names: Iterable[str]) -> FoundImages:
    """Find the paths of those files under ``folder`` that have one of these names.

    Linked folders are followed, each folder is entered once, and folders whose name starts with a
    dot are left out.
    """
    wanted = set(names)
    found = FoundImages()
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
                        _note(found, entry.name, entry.path)
                elif not entry.name.startswith(".") and entry.is_dir():
                    below.append(entry.path)
        waiting += sorted(below, reverse=True)
    return found


def _note(found: FoundImages, name: str, path: str) -> None:
    first = found.paths.setdefault(name, path)
    if first != path:
        found.repeated.setdefault(name, [first]).append(path)


def settle_missing(
    there: NDArray[np.bool_],
    images: NDArray[np.object_],
    *,
    table: Path,
    where: Path,
    missing: str,
    stacklevel: int = 3,
) -> None:
    """Refuse or announce the rows without an image.

    Args:
        there: whether each row's image exists, (n,).
        images: what each row calls its image, (n,).
        table: the CSV the rows come from.
        where: the folder that was searched.
        missing: ``"error"`` or ``"drop"``.
        stacklevel: of the warning; 3 is the caller of the caller.

    Raises:
        DataNotFoundError: no row has an image, or some have none under ``missing="error"``.
    """
    if missing not in ("error", "drop"):
        raise DataError(f"missing must be 'error' or 'drop'; got {missing!r}")
    if there.all():
        return
    example = images[~there][0]
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
