"""What two tables share: patients, files and, where asked for, pictures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_FOLDERS = 3
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
    pictures = None
    if pixels:
        from cxrzoo.data.similarity import near_duplicates  # noqa: PLC0415 - Pillow only when needed

        pictures = near_duplicates(mine, theirs)
    known = [set() if table is None else set(table) - {None} for table in patients]
    if patients[1] is None or not all(known):
        unknown = 0 if not len(mine) or not len(theirs) else None
        return Leakage(unknown, unknown, len(theirs), files, pictures)
    shared = known[0] & known[1]
    count = sum(patient in shared for patient in patients[1])
    return Leakage(len(shared), count, len(theirs), files, pictures)


def distinct_names(*tables: NDArray[np.object_]) -> list[list[str]]:
    """Return each table's file names, with three folders before them where names alone repeat.

    In most sets the name is enough; CheXpert has ``view1_frontal.jpg`` two hundred thousand times.
    """
    for depth in (1, 1 + _FOLDERS):
        names = [_tails(images, depth) for images in tables]
        if all(len(set(own)) == len(own) for own in names):
            return names
    return [_tails(images, 1) for images in tables]  # one file twice: folders tell nothing


def _tails(paths: NDArray[np.object_], depth: int) -> list[str]:
    return ["/".join(path.replace("\\", "/").split("/")[-depth:]) for path in paths]
