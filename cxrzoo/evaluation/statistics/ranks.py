"""One label's ranking, sorted once; then any number of weightings of its images at matrix speed.

Sort the scores, highest first, and cut the ranking at the scores that some positive holds. With
``p[j]`` the positive weight at the j-th such score, ``f[j]`` the negative weight at or above it, ``q[j]``
the negative weight tied with it, ``P`` and ``N`` the totals and ``c = cumsum(p)``::

    ROC AUC           = sum_j p[j] * (N - f[j] + q[j] / 2) / (P * N)
    average precision = sum_j p[j] / P * c[j] / (c[j] + f[j])

Both are the usual definitions (Mann-Whitney's statistic, ties half; the step-wise sum without
interpolation), only regrouped. ``p``, ``q`` and the increments of ``f`` are sums of weights over fixed
sets of images, so for many weightings at once they are products of a sparse count matrix with a
matrix of weights. A bootstrap replicate is such a weighting: how often each patient was drawn. No
replicate is sorted.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array  # type: ignore[import-untyped]


@dataclass(frozen=True)
class Ranking:
    """A sorted label over ``u`` units (patients or images), as sparse count matrices.

    Attributes:
        positives: ``(j, u)``: positives of each unit at each of the ``j`` scores a positive holds.
        negatives: ``(j + 1, u)``: negatives since the score before; the last row is the rest.
        tied: ``(j, u)``: negatives tied with a positive, or None where there is no such tie.
    """

    positives: Any
    negatives: Any
    tied: Any | None


def rank(
    y_true: NDArray[np.float64] | NDArray[np.bool_],
    y_score: NDArray[np.float64],
    units: NDArray[np.signedinteger[Any]],
    n_units: int,
) -> Ranking:
    """Sort one label: ``y_true``, ``y_score`` and ``units`` of shape ``(m,)``, without unknown cells."""
    order = np.argsort(y_score)[::-1]
    score = y_score[order]
    tie = np.zeros(len(score), np.int32)
    np.cumsum(score[1:] != score[:-1], out=tie[1:])
    del score  # of many million cells every array counts
    positive, unit = (y_true == 1)[order], units[order].astype(np.int32, copy=False)
    del order
    held = np.bincount(tie[positive], minlength=int(tie[-1]) + 1 if len(tie) else 0) > 0
    steps = int(held.sum())
    # The step of a negative: the first score held by a positive that is not above its own.
    step = (np.cumsum(held, dtype=np.int32) - held)[tie].astype(np.int32, copy=False)
    tied = held[tie] & ~positive
    del tie
    negative = ~positive
    return Ranking(
        _counts(step[positive], unit[positive], steps, n_units),
        _counts(step[negative], unit[negative], steps + 1, n_units),
        _counts(step[tied], unit[tied], steps, n_units) if tied.any() else None,
    )


def _counts(rows: NDArray[Any], columns: NDArray[Any], n_rows: int, n_columns: int) -> Any:
    """Return the matrix of ones at these places; rows come in order, so that nothing is sorted."""
    starts = np.zeros(n_rows + 1, np.int32 if len(rows) < 2**31 else np.int64)
    np.cumsum(np.bincount(rows, minlength=n_rows), out=starts[1:])
    ones = np.ones(len(rows), dtype=np.int32)
    return csr_array((ones, columns, starts), shape=(n_rows, n_columns))


def weighted_areas(
    ranking: Ranking, weights: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute ROC AUC and average precision under ``b`` weightings at once.

    Args:
        ranking: The sorted label over ``u`` units.
        weights: ``(u, b)``, not negative. Integers are summed exactly.

    Returns:
        Two arrays ``(b,)``; NaN where a weighting leaves one class without weight.
    """
    positive = ranking.positives @ weights
    gained = np.cumsum(positive, axis=0)
    above = np.cumsum(ranking.negatives @ weights, axis=0)
    n_total, above = above[-1], above[:-1]
    p_total = gained[-1] if len(gained) else np.zeros_like(n_total)
    correct = np.subtract(n_total, above, dtype=np.float64)
    if ranking.tied is not None:
        correct += 0.5 * (ranking.tied @ weights)
    # Without weight at or above a score there is none on it either: that step adds nothing.
    weight_above = np.add(gained, above, dtype=np.float64)
    precision = np.divide(gained, np.maximum(weight_above, np.finfo(float).tiny))
    with np.errstate(divide="ignore", invalid="ignore"):
        roc_auc = np.einsum("jb,jb->b", positive, correct) / np.multiply(
            p_total, n_total, dtype=float
        )
        average_precision = np.einsum("jb,jb->b", positive, precision) / p_total
    one_class = (p_total == 0) | (n_total == 0)
    roc_auc[one_class] = np.nan
    average_precision[one_class] = np.nan
    return roc_auc, average_precision
