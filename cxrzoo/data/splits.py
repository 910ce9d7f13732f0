"""Which rows of a table train, which validate and which test.

``"official"``
    The test part that the data set's authors published is the test part: NIH's test list, or the rows
    whose published part is ``test``. Where they publish no validation part, a patient of the others (an
    image, where no patient is known) is in validation if a hash of the seed and the patient falls into
    the lowest eighth, so that a patient stands on the same side whatever part of the images is at hand.
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
import os
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.leakage import Leakage
from cxrzoo.errors import DataError, argument, either
from cxrzoo.sizes import check_whole
from cxrzoo.text import shown, text_bytes

SplitName = Literal["official", "patient", "stratified", "paper"]

SPLIT_NAMES: Final = get_args(SplitName)

PARTS: Final = ("train", "validation", "test")

OFFICIAL_VALIDATION_FRACTION: Final = 1 / 8
"""Of the official train/val patients; our choice, as the published lists do not part the two."""

_HASH_BITS: Final = 64

_SIDES: Final = {"train": 0, "valid": 1, "val": 1, "validate": 1, "validation": 1, "test": 2}
"""What published sets call their parts, as the index of ours."""


def split_sides(
    name: str,
    *,
    source: str,
    images: NDArray[np.object_],
    targets: NDArray[np.float32],
    patients: NDArray[np.object_] | None,
    published: NDArray[Any] | None = None,
    seed: int = 0,
) -> NDArray[np.int8]:
    """Return the part of each row as an index into ``PARTS``, (n,); ``source`` is the table's name.

    ``published`` is the part that the data set's authors put each image into, (n,), if they did.

    Raises:
        DataError: there is no such split; patients are needed and not all known; or, for
            ``"official"``, a file name is in neither of NIH's lists and no test part was published.
    """
    if name not in SPLIT_NAMES:
        raise DataError(f"there is no split {shown(name)}; there are {', '.join(SPLIT_NAMES)}")
    check_whole("seed", seed, 0)
    seed = int(seed)
    if name == "paper":
        sides = np.empty(len(images), np.int8)
        sides[np.random.default_rng(seed).permutation(len(images))] = _in_tenths(len(images))
        return sides
    names = [os.path.basename(path) for path in images]
    train_val, test = official_lists()
    strange = (
        [n for n in names if n not in test and n not in train_val] if name == "official" else []
    )
    if strange and published is not None and {"test"} <= set(published) <= set(_SIDES):
        sides = np.array([_SIDES[part] for part in published], np.int8)
        if (sides == 1).any():
            return sides
        return _hold_out(sides, names if patients is None else patients, seed)
    patients = _known_patients(patients, name, source)
    if strange:
        raise DataError(
            f"{len(strange):,} of {len(names):,} file names are in neither of the official NIH "
            f"lists (e.g. {strange[0]!r}), and the table has no published test part; for other data "
            "use split('patient')"
        )
    if name == "official":
        return _hold_out([2 if n in test else 0 for n in names], patients, seed)
    keys = _keys(patients, seed)
    order = sorted(keys, key=lambda patient: (keys[patient], patient))
    if name == "stratified":
        return stratified_sides(targets == 1, patients, order, (0.7, 0.1, 0.2))
    side_of = dict(zip(order, _in_tenths(len(order)), strict=True))
    return np.array([side_of[patient] for patient in patients], np.int8)


@cache
def official_lists() -> tuple[frozenset[str], frozenset[str]]:
    """Return the file names of the official train/val list (86,524) and test list (25,596).

    As NIH publishes them beside the images, https://nihcc.app.box.com/v/ChestXray-NIHCC.
    """
    folder = files("cxrzoo.data") / "official"
    train_val, test = (
        frozenset(gzip.decompress((folder / f"{part}_list.txt.gz").read_bytes()).decode().split())
        for part in ("train_val", "test")
    )
    return train_val, test


def _hold_out(sides: Iterable[int], groups: Iterable[Any], seed: int) -> NDArray[np.int8]:
    """Return the sides with an eighth of the training part's groups in validation."""
    limit = int(OFFICIAL_VALIDATION_FRACTION * 2**_HASH_BITS)
    held_out = {group for group, key in _keys(groups, seed).items() if key < limit}
    rows = zip(sides, groups, strict=True)
    return np.array(
        [1 if side == 0 and group in held_out else side for side, group in rows], np.int8
    )


def _in_tenths(n: int) -> NDArray[np.int8]:
    """Return 0 for the first 70 % of n, 1 for the next 10 %, 2 for the last 20 %."""
    cuts = [n * 7 // 10, n * 8 // 10 - n * 7 // 10, n - n * 8 // 10]
    return np.repeat(np.arange(3, dtype=np.int8), cuts)


def _keys(groups: Iterable[Any], seed: int) -> dict[Any, int]:
    """Return an integer below 2**64 for each patient that depends on nothing but patient and seed."""
    size = _HASH_BITS // 8
    return {
        group: int.from_bytes(
            blake2b(text_bytes(f"{seed}:{group}"), digest_size=size).digest(), "big"
        )
        for group in set(groups)
    }


def _known_patients(
    patients: NDArray[np.object_] | None, name: str, source: str
) -> NDArray[np.object_]:
    if patients is None:
        raise DataError(
            f"{said(name)} keeps patients apart, and {source!r} knows none; name the "
            f"column that tells patients apart ({argument('patient_column')}), or take "
            + either("split('paper')", "--split paper")
        )
    unknown = sum(patient is None for patient in patients)
    if unknown:
        raise DataError(
            f"{said(name)} keeps patients apart, and {unknown:,} of {len(patients):,} rows of "
            f"{source!r} have no patient; leave them out or give each its own identifier"
        )
    return patients


def said(name: str) -> str:
    """Return the call that makes a split of this name, for a message."""
    return either(f"split({name!r})", f"--split {name}")


def paper_split_warning(leak: Leakage) -> str | None:
    """Return what to warn of after a split by image that leaks so into its test part, or None."""
    if leak.patients is None:
        return (
            f"{said('paper')} parts by image; patients are unknown, so how many stand in both train "
            "and test cannot be said"
        )
    if not leak.patients:
        return None
    return (
        f"{said('paper')} parts by image: {leak.images:,} of {leak.total:,} test images "
        f"({100 * leak.fraction:.1f} %) belong to {leak.patients:,} patients who are in train "
        f"too, so scores on it flatter the model; {said('patient')} or {said('official')} do not"
    )


def stratified_sides(
    positives: NDArray[np.bool_],
    patients: NDArray[np.object_],
    order: Sequence[str],
    shares: Sequence[float],
) -> NDArray[np.int8]:
    """Return the part of each row, (n,), by its present labels, (n, k), and its patient, (n,).

    ``order`` has every patient once: who comes first is dealt out first among equals.
    """
    index = {patient: i for i, patient in enumerate(order)}
    rows = np.array([index[patient] for patient in patients], np.int64)
    counts = np.zeros((len(order), positives.shape[1] + 1))
    np.add.at(counts, rows, np.column_stack([positives, np.ones(len(rows))]))  # the last: images
    left = counts.sum(axis=0)
    wanted = np.outer(shares, left)
    side = np.full(len(order), -1, np.int8)
    while len(open_labels := np.flatnonzero(left[:-1] > 0)):
        label = open_labels[np.argmin(left[open_labels])]
        holders = np.flatnonzero((side < 0) & (counts[:, label] > 0))
        # Those with most of it first: what is left is then small change.
        for patient in holders[np.argsort(-counts[holders, label], kind="stable")]:
            side[patient] = _lacks_most(wanted, int(label))
            wanted[side[patient]] -= counts[patient]
            left -= counts[patient]
    for patient in np.flatnonzero(side < 0):
        side[patient] = _lacks_most(wanted, -1)
        wanted[side[patient]] -= counts[patient]
    return side[rows]


def _lacks_most(wanted: NDArray[np.float64], column: int) -> int:
    """Return the part that lacks most of a label; of equals the one that lacks most images."""
    return int(np.lexsort((wanted[:, -1], wanted[:, column]))[-1])
