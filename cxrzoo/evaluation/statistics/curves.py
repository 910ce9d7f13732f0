"""The points of ROC and precision-recall curves."""

import numpy as np
from numpy.typing import NDArray


def roc_curve(
    y_true: NDArray[np.float64], y_score: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return false-positive and true-positive rate, from (0, 0) to (1, 1), one point a score."""
    hits, alarms = _counts(y_true, y_score)
    return alarms / alarms[-1], hits / hits[-1]


def precision_recall_curve(
    y_true: NDArray[np.float64], y_score: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return recall and precision, one point a score, from the highest score down."""
    hits, alarms = _counts(y_true, y_score)
    return hits[1:] / hits[-1], hits[1:] / (hits[1:] + alarms[1:])


def _counts(
    y_true: NDArray[np.float64], y_score: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return positives and negatives at or above each score, highest first, from none to all."""
    values, inverse = np.unique(-y_score, return_inverse=True)
    hits = np.bincount(inverse, weights=y_true == 1, minlength=len(values))
    alarms = np.bincount(inverse, weights=y_true == 0, minlength=len(values))
    start = np.zeros(1)
    return (
        np.concatenate((start, np.cumsum(hits))),
        np.concatenate((start, np.cumsum(alarms))),
    )


def thinned(
    x: NDArray[np.float64], y: NDArray[np.float64], points: int = 300
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return about ``points`` points evenly along the curve, ends kept: enough for a screen."""
    if len(x) <= points:
        return x, y
    length = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))))
    at = np.unique(np.searchsorted(length, np.linspace(0, length[-1], points)))
    return x[at], y[at]
