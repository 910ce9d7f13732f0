"""Train, validation and test parts of a table of records.

``"official"``
    The test list that the data set's authors published is the test part. Of the others, a patient is
    in validation if a hash of the seed and the patient falls into the lowest eighth, so that a
    patient stands on the same side whatever part of the images is at hand.
``"patient"``
    70/10/20 by patient, in the order of the same hash. For other people's data.
``"stratified"``
    70/10/20 of the images, by patient, with nearly the same share of every label in each part. For
    other people's data with rare labels; ``print(split.summary())`` shows what was reached.
``"paper"``
    70/10/20 by image, as papers that do not speak of patients have it. It leaks: the same patients
    stand in train and test, and a :class:`LeakageWarning` says how many.
"""

import gzip
import warnings
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b, sha256
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.leakage import Leakage, distinct_names
from cxrzoo.data.stratify import stratified_sides
from cxrzoo.errors import DataError, LeakageWarning
from cxrzoo.sizes import check_whole

if TYPE_CHECKING:
    from cxrzoo.data.records import Records

__all__ = ["OFFICIAL_VALIDATION_FRACTION", "SPLIT_NAMES", "Split", "official_lists", "split"]

SPLIT_NAMES = ("official", "patient", "stratified", "paper")

PARTS = ("train", "validation", "test")

OFFICIAL_VALIDATION_FRACTION = 1 / 8
"""Of the official train/val patients; our choice, as the published lists do not part the two."""

_HASH_BITS = 64


@dataclass(frozen=True)
class Split:
    """Three tables of records, and how they came about."""

    train: "Records"
    validation: "Records"
    test: "Records"
    name: str
    seed: int

    def leakage(self) -> dict[tuple[str, str], Leakage]:
        """What each two parts share, as in ``split.leakage()["train", "test"]``."""
        return {
            ("train", "validation"): self.train.leakage(self.validation),
            ("train", "test"): self.train.leakage(self.test),
            ("validation", "test"): self.validation.leakage(self.test),
        }

    @property
    def fingerprint(self) -> str:
        """SHA-256 of which file is in which part: equal for the same parts, whatever their order."""
        names = distinct_names(self.train, self.validation, self.test)
        lines = [f"{p}\t{n}\n" for p, part in zip(PARTS, names, strict=True) for n in sorted(part)]
        return sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()

    def summary(self) -> str:
        """How many images show each label in each part, and their share of the known ones."""
        tables = [getattr(self, part) for part in PARTS]
        width = max(len("images"), *map(len, self.train.labels))
        lines = [
            repr(self),
            f"{'':<{width}}" + "".join(f"{part:>18}" for part in PARTS),
            f"{'images':<{width}}" + "".join(f"{len(table):>18,}" for table in tables),
        ]
        for j, label in enumerate(self.train.labels):
            cells = []
            for table in tables:
                known = int((~np.isnan(table.targets[:, j])).sum())
                yes = int((table.targets[:, j] == 1).sum())
                cells.append(f"{yes:,} ({100 * yes / known:.2f} %)" if known else "unknown")
            lines.append(f"{label:<{width}}" + "".join(f"{cell:>18}" for cell in cells))
        return "\n".join(lines)

    def __repr__(self) -> str:
        parts = ", ".join(f"{p}={len(getattr(self, p)):,}" for p in PARTS)
        return f"Split({self.name!r}, {parts}, seed={self.seed})"


def split(records: "Records", name: str, *, seed: int = 0) -> Split:
    """The named split of these records; rows keep their order within each part.

    Args:
        records: the table to part. A part may come out empty where there is little data.
        name: ``"official"``, ``"patient"``, ``"stratified"`` or ``"paper"``, as the module says.
        seed: not negative. It never touches the official test part.

    Raises:
        DataError: there is no such split; patients are needed and not all known; or, for
            ``"official"``, a file name is in neither of the official lists.
    """
    if name not in SPLIT_NAMES:
        raise DataError(f"there is no split {name!r}; there are {', '.join(SPLIT_NAMES)}")
    check_whole("seed", seed, 0)
    sides = {
        "official": _official,
        "patient": _patient,
        "stratified": _stratified,
        "paper": _paper,
    }[name](records, int(seed))
    train, validation, test = (records[sides == side] for side in range(3))
    parts = Split(train, validation, test, name=name, seed=int(seed))
    if name == "paper":
        _warn_of_leakage(parts)
    return parts


@cache
def official_lists() -> tuple[frozenset[str], frozenset[str]]:
    """The file names of the official train/val list (86,524) and test list (25,596).

    As NIH publishes them beside the images, https://nihcc.app.box.com/v/ChestXray-NIHCC.
    """
    folder = files("cxrzoo.data") / "official"
    train_val, test = (
        frozenset(gzip.decompress((folder / f"{part}_list.txt.gz").read_bytes()).decode().split())
        for part in ("train_val", "test")
    )
    return train_val, test


def _official(records: "Records", seed: int) -> NDArray[np.int8]:
    patients = _known_patients(records, "official")
    train_val, test = official_lists()
    names = records.file_names
    strange = [name for name in names if name not in test and name not in train_val]
    if strange:
        raise DataError(
            f"{len(strange):,} of {len(names):,} file names are in neither of the official NIH "
            f"lists (e.g. {strange[0]!r}); for other data use split('patient')"
        )
    limit = int(OFFICIAL_VALIDATION_FRACTION * 2**_HASH_BITS)
    held_out = {patient: key < limit for patient, key in _keys(patients, seed).items()}
    return np.array(
        [2 if n in test else int(held_out[p]) for n, p in zip(names, patients, strict=True)],
        np.int8,
    )


def _patient(records: "Records", seed: int) -> NDArray[np.int8]:
    patients = _known_patients(records, "patient")
    keys = _keys(patients, seed)
    order = sorted(keys, key=lambda patient: (keys[patient], patient))
    sides = dict(zip(order, _in_tenths(len(order)), strict=True))
    return np.array([sides[patient] for patient in patients], np.int8)


def _stratified(records: "Records", seed: int) -> NDArray[np.int8]:
    patients = _known_patients(records, "stratified")
    keys = _keys(patients, seed)
    order = sorted(keys, key=lambda patient: (keys[patient], patient))
    return stratified_sides(records.targets == 1, patients, order, (0.7, 0.1, 0.2))


def _paper(records: "Records", seed: int) -> NDArray[np.int8]:
    sides = np.empty(len(records), np.int8)
    sides[np.random.default_rng(seed).permutation(len(records))] = _in_tenths(len(records))
    return sides


def _in_tenths(n: int) -> NDArray[np.int8]:
    """0 for the first 70 % of n, 1 for the next 10 %, 2 for the last 20 %."""
    cuts = [n * 7 // 10, n * 8 // 10 - n * 7 // 10, n - n * 8 // 10]
    return np.repeat(np.arange(3, dtype=np.int8), cuts)


def _keys(patients: NDArray[np.object_], seed: int) -> dict[str, int]:
    """A number below 2**64 for each patient that depends on nothing but patient and seed."""
    size = _HASH_BITS // 8
    return {
        p: int.from_bytes(blake2b(f"{seed}:{p}".encode(), digest_size=size).digest(), "big")
        for p in set(patients)
    }


def _known_patients(records: "Records", name: str) -> NDArray[np.object_]:
    if records.patients is None:
        raise DataError(
            f"split({name!r}) keeps patients apart, and {records.name!r} knows none; name the "
            "column that tells patients apart (patient_column=...), or take split('paper')"
        )
    unknown = sum(patient is None for patient in records.patients)
    if unknown:
        raise DataError(
            f"split({name!r}) keeps patients apart, and {unknown:,} of {len(records):,} rows of "
            f"{records.name!r} have no patient; leave them out or give each its own identifier"
        )
    return records.patients


def _warn_of_leakage(parts: Split) -> None:
    leak = parts.train.leakage(parts.test)
    if leak.patients is None:
        warnings.warn(
            "split('paper') parts by image; patients are unknown, so how many stand in both train "
            "and test cannot be said",
            LeakageWarning,
            stacklevel=4,
        )
    elif leak.patients:
        warnings.warn(
            f"split('paper') parts by image: {leak.images:,} of {leak.total:,} test images "
            f"({100 * leak.fraction:.1f} %) belong to {leak.patients:,} patients who are in train "
            "too, so scores on it flatter the model; split('patient') or split('official') do not",
            LeakageWarning,
            stacklevel=4,
        )
