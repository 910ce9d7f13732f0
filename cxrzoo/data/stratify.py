"""Parts with nearly the same share of every label, and no patient in two of them.

Iterative stratification (Sechidis, Tsoumakas, Vlahavas, "On the Stratification of Multi-Label Data",
ECML PKDD 2011) with patients in place of single images: the label with the fewest positives left is dealt
out first, each of its patients to the part that lacks most of that label.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def stratified_sides(
    positives: NDArray[np.bool_],
    patients: NDArray[np.object_],
    order: Sequence[str],
    shares: Sequence[float],
) -> NDArray[np.int8]:
    """Return the part of each row, (n,).

    Args:
        positives: which label is present in which row, (n, k).
        patients: of each row, (n,).
        order: every patient once; who comes first is dealt out first among equals.
        shares: of the images, one a part; they add up to 1.
    """
    index = {patient: i for i, patient in enumerate(order)}
    rows = np.array([index[patient] for patient in patients], np.int64)
    counts = np.zeros((len(order), positives.shape[1] + 1))
    np.add.at(counts, rows, np.column_stack([positives, np.ones(len(rows))]))  # the last: images
    wanted = np.outer(shares, counts.sum(axis=0))
    side = np.full(len(order), -1, np.int8)
    left = counts.sum(axis=0)
    while True:
        open_labels = np.flatnonzero(left[:-1] > 0)
        if not len(open_labels):
            break
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
