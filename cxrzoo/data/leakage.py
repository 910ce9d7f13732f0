"""What two tables share: patients, files and, where asked for, pictures.

Nearly the same picture is the same X-ray in another size, format, brightness or contrast. An X-ray is
brought to 13 x 13 pixels; 288 bits say of each whether its right and its lower neighbour are brighter.
Two X-rays are the same picture if at most ``SAME_PICTURE`` bits differ. On NIH images
``benchmarks/embedded/similarity.py`` measures how often copies are found and strangers are not: 64-bit
hashes, as they are used for photographs, take different patients' chests for one another.
"""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo import images as pictures  # its names load Pillow when they are used
from cxrzoo.data.image_names import image_key, key_depth
from cxrzoo.errors import DataError
from cxrzoo.typed import check_fields

SAME_PICTURE: Final = 20
"""Bits of 288. On NIH images re-saved, shrunken and re-toned copies are within, other patients beyond."""

_EDGE: Final = 12
_ROWS: Final = 2048


_FOLDERS: Final = 3
"""Before a name that does not tell files apart: in CheXpert the part, the patient and the study."""


@dataclass(frozen=True, repr=False)
class Leakage:
    """What two tables share, seen from the first one: ``train.leakage(test)``.

    ``patients`` and ``images`` are None where either table knows no patient at all.
    """

    patients: int | None
    """Patients who stand in both."""
    images: int | None
    """Images of the second table that belong to those patients."""
    total: int
    """Images in the second table."""
    files: tuple[str, ...]
    """File names that stand in both, sorted."""
    pictures: tuple[tuple[str, str], ...] | None = None
    """Pairs of files, one of each table, that show nearly the same; None if pixels were not read."""
    shared: frozenset[str] = frozenset()
    """The identifiers of those patients; what is printed counts them only."""

    def __post_init__(self) -> None:
        check_fields(self)
        if (self.patients is None) != (self.images is None):
            raise DataError("patients and images must both be known, or both be None")

    def __bool__(self) -> bool:
        """Return True if anything is shared."""
        return bool(self.patients or self.files or self.pictures)

    @property
    def fraction(self) -> float:
        """The part of the second table's images that belong to shared patients; NaN if unknown."""
        if self.images is None:
            return float("nan")
        return self.images / self.total if self.total else 0.0

    def __repr__(self) -> str:
        return f"<Leakage: {self}>"

    def __str__(self) -> str:
        patients = "patients unknown"
        if self.patients is not None:
            patients = (
                f"{self.patients:,} shared patients with {self.images:,} of {self.total:,} images "
                f"({100 * self.fraction:.1f} %)"
            )
        text = f"{patients}, {len(self.files):,} shared file names"
        if self.pictures is None:
            return text
        return f"{text}, {len(self.pictures):,} pairs of nearly the same picture"


def find_leakage(
    images: tuple[NDArray[np.object_], NDArray[np.object_]],
    patients: tuple[NDArray[np.object_] | None, NDArray[np.object_] | None],
    *,
    pixels: bool,
) -> Leakage:
    """Find what two tables share, by file paths, (n,) and (m,), patients and, if asked, ``pixels``."""
    mine, theirs = images
    files = tuple(sorted(set.intersection(*map(set, distinct_names(mine, theirs)))))
    same = near_duplicates(mine, theirs) if pixels else None
    known = [set() if table is None else set(table) - {None} for table in patients]
    if patients[1] is None or not all(known):
        unknown = 0 if not len(mine) or not len(theirs) else None
        return Leakage(unknown, unknown, len(theirs), files, same)
    shared = known[0] & known[1]
    count = sum(patient in shared for patient in patients[1])
    return Leakage(len(shared), count, len(theirs), files, same, frozenset(shared))


def distinct_names(*tables: NDArray[np.object_]) -> list[list[str]]:
    """Return each table's names of images, with folders where names alone repeat within a table.

    As many as tell the images of each table apart, three at least: patients of two tables whose studies
    are both called ``study1`` are told apart too.
    """
    depth = key_depth(*tables)
    depth = depth if depth == 1 else max(depth, 1 + _FOLDERS)
    return [[image_key(path, depth) for path in images] for images in tables]


def picture_bits(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return 288 values of -1 and 1 of a grey image (h, w)."""
    small = pictures.resize(np.ascontiguousarray(grey), _EDGE + 1).astype(np.int16)
    here = small[:-1, :-1]
    brighter = np.concatenate([(small[:-1, 1:] > here).ravel(), (small[1:, :-1] > here).ravel()])
    return np.where(brighter, np.float32(1), np.float32(-1))


def picture_distances(
    first: NDArray[np.float32], second: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Count how many bits differ between each two rows, (n, m)."""
    # A product of -1 and 1 counts agreements less disagreements, exactly.
    return np.asarray((first.shape[1] - first @ second.T) / 2)


def near_duplicates(first: Iterable[str], second: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return pairs of files that show the same picture, in the order of the first and of the second.

    Reads every file; comparing n and m of them takes n x m x 288 multiplications.

    Raises:
        ImageError: a file cannot be read.
    """
    names = (list(first), list(second))
    if not all(names):
        return ()
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        mine, theirs = (np.stack(list(pool.map(_bits_of, paths))) for paths in names)
    pairs = []
    for start in range(0, len(mine), _ROWS):
        near = picture_distances(mine[start : start + _ROWS], theirs) <= SAME_PICTURE
        pairs += [(names[0][start + i], names[1][j]) for i, j in np.argwhere(near)]
    return tuple(pairs)


def _bits_of(path: str) -> NDArray[np.float32]:
    return picture_bits(pictures.read_image(path)[:, :, 0])
