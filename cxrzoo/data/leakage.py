"""What two tables of records share: patients, files and, where asked for, pictures."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from cxrzoo.data.records import Records

__all__ = ["Leakage", "distinct_names", "find_leakage"]

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
    """Pairs of files, one of each table, that show nearly the same; None if nobody looked."""

    def __bool__(self) -> bool:
        """True if anything is shared."""
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
        said = [f"{len(self.files):,} shared file names"]
        if self.patients is None:
            said.insert(0, "patients unknown")
        else:
            said.insert(
                0,
                f"{self.patients:,} shared patients with {self.images:,} of {self.total:,} images "
                f"({100 * self.fraction:.1f} %)",
            )
        if self.pictures is not None:
            said.append(f"{len(self.pictures):,} pairs of nearly the same picture")
        return ", ".join(said)


def find_leakage(mine: "Records", theirs: "Records", *, pixels: bool) -> Leakage:
    """As :meth:`cxrzoo.data.records.Records.leakage` says."""
    files = tuple(sorted(set.intersection(*map(set, distinct_names(mine, theirs)))))
    pictures = None
    if pixels:
        from cxrzoo.data.similarity import near_duplicates  # noqa: PLC0415 - reads files; Pillow

        pictures = near_duplicates(mine.images, theirs.images)
    known = [
        set() if table.patients is None else set(table.patients) - {None}
        for table in (mine, theirs)
    ]
    if theirs.patients is None or not all(known):
        unknown = 0 if not len(mine) or not len(theirs) else None
        return Leakage(unknown, unknown, len(theirs), files, pictures)
    shared = known[0] & known[1]
    images = sum(patient in shared for patient in theirs.patients)
    return Leakage(len(shared), images, len(theirs), files, pictures)


def distinct_names(*tables: "Records") -> list[list[str]]:
    """Each table's file names, with three folders before them where the name alone tells nothing.

    In most sets it is enough; CheXpert has ``view1_frontal.jpg`` two hundred thousand times.
    """
    for depth in (1, 1 + _FOLDERS):
        names = [_tails(table.images, depth) for table in tables]
        if all(len(set(own)) == len(own) for own in names):
            return names
    return [_tails(table.images, 1) for table in tables]  # one file twice: folders tell nothing


def _tails(paths: NDArray[np.object_], depth: int) -> list[str]:
    return ["/".join(path.replace("\\", "/").split("/")[-depth:]) for path in paths]
