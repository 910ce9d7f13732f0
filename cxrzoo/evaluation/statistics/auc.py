"""Exact ROC AUC and average precision per label, without intervals."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.predictions import Predictions
from cxrzoo.evaluation.scored import check_scored
from cxrzoo.evaluation.statistics.bootstrap import rank_labels
from cxrzoo.evaluation.statistics.ranks import weighted_areas
from cxrzoo.named import column_names, matrix, same_rows
from cxrzoo.typed import check_arguments


def roc_auc(
    y_true: ArrayLike, y_score: ArrayLike, *, sample_weight: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Compute the ROC AUC of each label, ``(k,)``; NaN where a label has one class only.

    Args:
        y_true: ``(n, k)`` of 1, 0 and NaN; NaN cells are left out.
        y_score: ``(n, k)``, finite. Ties count half.
        sample_weight: ``(n,)``, not negative.

    Raises:
        EvaluationError: The arrays do not fit each other.
    """
    check_arguments(roc_auc, locals(), EvaluationError)
    return _areas(y_true, y_score, sample_weight)[0]


def average_precision(
    y_true: ArrayLike, y_score: ArrayLike, *, sample_weight: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Compute the average precision of each label, ``(k,)``; NaN where a label has one class only.

    The step-wise sum without interpolation, as scikit-learn has it. Arguments and errors are those of
    `roc_auc`. Its baseline, the score of a coin, is the label's prevalence.
    """
    check_arguments(average_precision, locals(), EvaluationError)
    return _areas(y_true, y_score, sample_weight)[1]


def _areas(
    y_true: ArrayLike, y_score: ArrayLike, sample_weight: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ROC AUC and average precision of each label, ``(k,)`` each."""
    parts = same_rows(
        {"y_true": y_true, "y_score": y_score, "sample_weight": sample_weight}, EvaluationError
    )
    y_true, y_score, sample_weight = parts.values()
    scored = check_scored(y_true, y_score, labels=_columns(y_true, y_score))
    n = len(scored.y_true)
    weight = (
        np.ones(n)
        if sample_weight is None
        else matrix(sample_weight, None, "sample_weight", EvaluationError)
    )
    if weight.shape != (n,) or not np.isfinite(weight).all() or (weight < 0).any():
        raise EvaluationError(
            f"sample_weight must be {n} finite numbers that are not negative, got shape {weight.shape}"
        )
    found = [weighted_areas(ranking, weight[:, None]) for ranking in rank_labels(scored)]
    roc, precision = map(np.concatenate, zip(*found, strict=True))
    return roc, precision


def _columns(y_true: Any, y_score: Any) -> Sequence[str]:
    """Return the names of the columns: those that one of the two has, else their numbers."""
    if isinstance(y_score, Predictions):
        return y_score.labels
    names = column_names(y_true)
    names = column_names(y_score) if names is None else names
    if names == ():
        raise EvaluationError("y_true and y_score must have a column at least")
    if names is not None:
        return [str(name) for name in names]
    shape = matrix(y_score, None, "y_score", EvaluationError).shape
    other = matrix(y_true, None, "y_true", EvaluationError).shape
    if shape != other or not 1 <= len(shape) <= 2:
        raise EvaluationError(
            f"y_true and y_score must have the same shape, (n, k), got {other} and {shape}"
        )
    return [f"column {i}" for i in range(shape[1] if len(shape) > 1 else 1)]


def roc_curve(
    y_true: NDArray[np.float64], y_score: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return false-positive and true-positive rate, from (0, 0) to (1, 1), one point a score."""
    _, hits, alarms = counts_above(y_true == 1, y_score)
    return alarms / alarms[-1], hits / hits[-1]


def precision_recall_curve(
    y_true: NDArray[np.float64], y_score: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return recall and precision, one point a score, from the highest score down."""
    _, hits, alarms = counts_above(y_true == 1, y_score)
    return hits[1:] / hits[-1], hits[1:] / (hits[1:] + alarms[1:])


def counts_above(
    positive: NDArray[np.bool_], y_score: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return thresholds from the highest down, and the positives and negatives at or above each.

    The first threshold is just above every score, the last is the lowest score.
    """
    values, inverse = np.unique(y_score, return_inverse=True)
    found = [np.append(values, np.nextafter(values[-1], np.inf))[::-1]]
    for side in (positive, ~positive):
        counts = np.bincount(inverse, weights=side, minlength=len(values))[::-1]
        found.append(np.concatenate(([0.0], counts.cumsum())))
    thresholds, hits, alarms = found
    return thresholds, hits, alarms


def thinned(
    x: NDArray[np.float64], y: NDArray[np.float64], points: int = 300
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return about ``points`` points evenly along the curve, ends kept: enough for a screen."""
    if len(x) <= points:
        return x, y
    length = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))))
    at = np.unique(np.searchsorted(length, np.linspace(0, length[-1], points)))
    return x[at], y[at]
