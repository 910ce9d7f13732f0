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
    y_true: NDArray[np.float64],
    y_score: NDArray[np.float64],
    units: NDArray[np.intp],
    n_units: int,
) -> Ranking:
    """Sort one label: ``y_true``, ``y_score`` and ``units`` of shape ``(m,)``, without unknown cells."""
    order = np.argsort(-y_score, kind="stable")
    score, positive, unit = y_score[order], y_true[order] == 1, units[order]
    tie = np.cumsum(np.concatenate(([False], score[1:] != score[:-1]))) if len(score) else order
    held = np.unique(tie[positive])
    steps = len(held)
    # The step of a negative: the first score held by a positive that is not above its own.
    step = np.searchsorted(held, tie)
    negative = ~positive
    tied = negative & (step < steps)
    tied[tied] = held[step[tied]] == tie[tied]
    return Ranking(
        _counts(step[positive], unit[positive], steps, n_units),
        _counts(step[negative], unit[negative], steps + 1, n_units),
        _counts(step[tied], unit[tied], steps, n_units) if tied.any() else None,
    )


def _counts(rows: NDArray[Any], columns: NDArray[Any], n_rows: int, n_columns: int) -> Any:
    ones = np.ones(len(rows), dtype=np.int32)
    return csr_array((ones, (rows, columns)), shape=(n_rows, n_columns))


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
