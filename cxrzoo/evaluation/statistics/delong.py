"""DeLong's variance of an AUC, or of a difference of two, with patients as clusters.

DeLong, DeLong & Clarke-Pearson, Biometrics 44:837, 1988; with several images a patient Obuchowski's
extension (Biometrics 53:567, 1997), which is DeLong's own where every image is its own patient.
Placements come from ranks (Sun & Xu, IEEE Signal Processing Letters 21:1389, 2014): O(n log n), ties
half.

Limits and p-values are Student's, with Satterthwaite's degrees of freedom over the two classes
(Biometrics Bulletin 2:110, 1946): ten positives are not many, however many negatives there are.
"""

from dataclasses import dataclass
from math import exp, inf, isnan, log, nan, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit  # type: ignore[import-untyped]

from cxrzoo.evaluation.statistics.intervals import UNDEFINED, Interval


@dataclass(frozen=True)
class Estimate:
    """A weighted sum of AUCs, its variance, and the degrees of freedom of that; NaN if undefined."""

    value: float
    variance: float
    degrees: float

    def interval_of_auc(self, confidence: float) -> Interval:
        """Return limits of a single AUC, symmetric on the logit scale and so within (0, 1).

        Pepe, "The Statistical Evaluation of Medical Tests", 2003, section 5.2. An AUC of 0 or 1 has none.
        """
        if isnan(self.variance) or not 0 < self.value < 1 or self.variance <= 0:
            return UNDEFINED
        logit = log(self.value / (1 - self.value))
        half = self._reach(confidence) / (self.value * (1 - self.value))
        return Interval(1 / (1 + exp(half - logit)), 1 / (1 + exp(-half - logit)))

    def interval_of_difference(self, confidence: float) -> Interval:
        """Return limits of a difference of two AUCs, within [-1, 1]."""
        if isnan(self.variance):
            return UNDEFINED
        half = self._reach(confidence)
        return Interval(max(-1.0, self.value - half), min(1.0, self.value + half))

    def p_value(self) -> float:
        """Return the two-sided p-value of the value being 0."""
        if isnan(self.variance):
            return nan
        if self.variance == 0:
            return 1.0 if self.value == 0 else 0.0
        return float(2 * stdtr(self.degrees, -abs(self.value) / sqrt(self.variance)))

    def _reach(self, confidence: float) -> float:
        return float(stdtrit(self.degrees, (1 + confidence) / 2)) * sqrt(self.variance)


def delong(
    y_true: NDArray[np.float64],
    y_scores: NDArray[np.float64],
    units: NDArray[np.intp],
    contrast: tuple[float, ...],
) -> Estimate:
    """Estimate the AUCs of ``r`` readers of the same images, weighted by ``contrast``.

    Args:
        y_true: ``(n,)`` of 1 and 0.
        y_scores: ``(n, r)``.
        units: ``(n,)`` integers from 0: the patient of each image.
        contrast: ``(r,)``: ``(1,)`` for one AUC, ``(1, -1)`` for a difference.

    Returns:
        NaN where a class is missing; the variance also where one class comes from a single patient.
    """
    positive = y_true == 1
    m, n = int(positive.sum()), int((~positive).sum())
    if not m or not n:
        return Estimate(nan, nan, nan)
    v10 = np.zeros(m)
    v01 = np.zeros(n)
    for weight, score in zip(contrast, y_scores.T, strict=True):
        v10 += weight * _share_below(score[~positive], score[positive])
        v01 += weight * (1 - _share_below(score[positive], score[~positive]))
    value = float(v10.mean())
    of_positive, i10 = _sums(v10 - value, units[positive], units)
    of_negative, i01 = _sums(v01 - value, units[~positive], units)
    if i10 < 2 or i01 < 2:
        return Estimate(value, nan, nan)
    patients = len(np.unique(units))
    s10 = i10 / (i10 - 1) * float(of_positive @ of_positive) / m**2
    s01 = i01 / (i01 - 1) * float(of_negative @ of_negative) / n**2
    s11 = patients / (patients - 1) * float(of_positive @ of_negative) / (m * n)
    by_class = s10**2 / (i10 - 1) + s01**2 / (i01 - 1)
    degrees = (s10 + s01) ** 2 / by_class if by_class else inf
    # Rounding leaves some 1e-18 where two readers rank alike.
    variance = s10 + s01 + 2 * s11
    return Estimate(value, variance if variance > 1e-15 else 0.0, degrees)


def _share_below(others: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each score the share of ``others`` below it, ties half."""
    others = np.sort(others)
    below = np.searchsorted(others, scores, side="left")
    not_above = np.searchsorted(others, scores, side="right")
    return np.asarray((below + not_above) / (2 * len(others)))


def _sums(
    values: NDArray[np.float64], of_value: NDArray[np.intp], units: NDArray[np.intp]
) -> tuple[NDArray[np.float64], int]:
    """Return sums of ``values`` over each unit, ``(u,)``, and how many units hold any."""
    sums = np.bincount(of_value, weights=values, minlength=int(units.max()) + 1)
    return sums.astype(np.float64), len(np.unique(of_value))
