"""Agreement of labels: two sources of one label, and several readers; as they are and in replicates.

Every figure is a function of a few sums over patients, so that in bootstrap replicates, which weigh
patients, all of them are products of one matrix of counts with a matrix of weights.

Sources: Cohen, Educational and Psychological Measurement 20:37, 1960 (kappa); Fleiss, Psychological
Bulletin 76:378, 1971 (kappa of several readers); Gwet, British Journal of Mathematical and Statistical
Psychology 61:29, 2008 (AC1, which stays near the observed agreement where a finding is rare, while
kappa falls towards 0; Feinstein & Cicchetti, Journal of Clinical Epidemiology 43:543, 1990).
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.evaluation.statistics.bootstrap import draw_weights

_Array = NDArray[np.float64]
_Units = NDArray[np.intp]

_BLOCK: Final = 64
"""Replicates at a time: what one label's images need of them stays in the processor's cache."""

FIGURES: Final = ("sensitivity", "specificity", "ppv", "npv", "kappa", "ac1")
"""What `agreement` gives, in this order."""


def replicate(
    measure: Callable[[NDArray[np.int32]], _Array], n_units: int, n_bootstrap: int, seed: int
) -> tuple[_Array, _Array]:
    """Return what ``measure`` gives for the data as they are, ``(m,)``, and in replicates.

    Args:
        measure: Takes weights of the units, ``(u, b)``, and returns ``(m, b)``.
        n_units: The ``u`` patients (or images) that are drawn.
        n_bootstrap: How many replicates.
        seed: Of the draws. The same seed and units give the same replicates, whatever is measured.

    Returns:
        ``(m,)`` and ``(n_bootstrap, m)``.
    """
    whole = measure(np.ones((n_units, 1), np.int32))[:, 0]
    replicates = np.empty((n_bootstrap, len(whole)))
    done = 0
    for weights in draw_weights(n_units, n_bootstrap, seed, _BLOCK):
        rows = slice(done, done + weights.shape[1])
        replicates[rows] = measure(weights).T
        done = rows.stop
    return whole, replicates


def two_by_two(truth: _Array, test: _Array, units: _Units, n_units: int) -> _Array:
    """Return each unit's true positives, false positives, false negatives and true negatives.

    Args:
        truth: ``(n,)`` of 1, 0 and NaN; images that one of the two does not know are left out.
        test: Likewise.
        units: ``(n,)`` integers from 0: the patient of each image.
        n_units: The ``u`` units there are.

    Returns:
        ``(4, u)``.
    """
    cells = (truth == 1, test == 1), (truth == 0, test == 1), (truth == 1, test == 0)
    return np.stack(
        [
            np.bincount(units, weights=a & b, minlength=n_units)
            for a, b in (*cells, (truth == 0, test == 0))
        ]
    )


def agreement(counts: _Array) -> _Array:
    """Return `FIGURES` of two-by-two tables; NaN where one is not defined.

    Args:
        counts: ``(4, ...)`` true positives, false positives, false negatives, true negatives.

    Returns:
        ``(6, ...)``.
    """
    tp, fp, fn, tn = counts
    n = counts.sum(axis=0)
    by_truth, by_test = tp + fn, tp + fp
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = (tp + tn) / n
        chance = (by_truth * by_test + (n - by_truth) * (n - by_test)) / n**2
        either = (by_truth + by_test) / (2 * n)
        return np.stack(
            [
                tp / by_truth,
                tn / (n - by_truth),
                tp / by_test,
                tn / (n - by_test),
                beyond_chance(observed, chance),
                beyond_chance(observed, 2 * either * (1 - either)),
            ]
        )


def beyond_chance(observed: _Array, chance: _Array) -> _Array:
    """Return the share of the agreement that chance leaves open; NaN where it leaves nothing open."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(chance < 1, (observed - chance) / (1 - chance), np.nan)


def rating_sums(reads: _Array, units: _Units, n_units: int) -> _Array:
    """Return what Fleiss' kappa and AC1 of several readers need of each unit.

    Args:
        reads: ``(n, r)`` of 1, 0 and NaN (this reader did not read the image).
        units: ``(n,)`` integers from 0: the patient of each image.
        n_units: The ``u`` units there are.

    Returns:
        ``(4, u)``: sums over images of the share of pairs of readers who agree, of images that have a
        pair, of the share of readers who see the finding, and of images that somebody read.
    """
    r = (~np.isnan(reads)).sum(axis=1)
    yes = (reads == 1).sum(axis=1)
    no = r - yes
    paired, read = r > 1, r > 0
    pairs = np.where(paired, r * (r - 1), 1)
    agreed = np.where(paired, (yes * (yes - 1) + no * (no - 1)) / pairs, 0.0)
    share = np.where(read, yes / np.maximum(r, 1), 0.0)
    parts = (agreed, paired, share, read)
    return np.stack([np.bincount(units, weights=part, minlength=n_units) for part in parts])


def readers_agreement(sums: _Array) -> _Array:
    """Return Fleiss' kappa and Gwet's AC1 of several readers.

    Images need not all have the same number of readers (Gwet, "Handbook of Inter-Rater Reliability",
    2014, chapter 2: images that one reader alone read count for the prevalence, not for agreement).

    Args:
        sums: ``(4, ...)`` as `rating_sums` has them, summed over units.

    Returns:
        ``(2, ...)``.
    """
    agreed, paired, share, read = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        observed, seen = agreed / paired, share / read
    by_chance = 2 * seen * (1 - seen)
    return np.stack([beyond_chance(observed, 1 - by_chance), beyond_chance(observed, by_chance)])


def majority(reads: _Array) -> _Array:
    """Return the label that more than half of those who read an image gave it; NaN for a tie.

    Args:
        reads: ``(n, r, ...)`` of 1, 0 and NaN; the readers are along the second axis.
    """
    yes, no = (reads == 1).sum(axis=1), (reads == 0).sum(axis=1)
    return np.where(yes > no, 1.0, np.where(no > yes, 0.0, np.nan))


def majority_of_others(reads: _Array) -> _Array:
    """Return for each reader the majority of the other readers, so that nobody judges himself.

    Args:
        reads: ``(n, r, ...)``.

    Returns:
        The same shape; NaN where the others are tied, as four readers often are.
    """
    yes, no = (reads == 1).astype(int), (reads == 0).astype(int)
    for_it, against = (votes.sum(axis=1, keepdims=True) - votes for votes in (yes, no))
    return np.where(for_it > against, 1.0, np.where(against > for_it, 0.0, np.nan))
