"""ROC curves of one score under many weightings at once, and what lies on them.

A curve's points are counts, positives and negatives at or above each score, so that a reader's point,
which is counts over the same images, is compared with it exactly.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curves:
    """``b`` ROC curves of ``g + 1`` points each, from (0, 0) on.

    Attributes:
        alarms: ``(g + 1, b)`` negatives at or above each score.
        hits: ``(g + 1, b)`` positives likewise.
    """

    alarms: _Array
    hits: _Array

    def rates(self) -> tuple[_Array, _Array]:
        """Return false- and true-positive rates, ``(g + 1, b)`` each; NaN where a class has no weight."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.alarms / self.alarms[-1], self.hits / self.hits[-1]

    def sensitivity_at(self, alarms: _Array) -> _Array:
        """Return the sensitivity that each curve reaches with so many negatives above, ``(b,)``.

        Where the curve is upright it is the upper end; between points that ties leave apart it is on the
        line between them, as the area under the curve has it.

        Args:
            alarms: ``(b,)`` from 0 to the negatives that there are.
        """
        column = np.arange(len(alarms))
        last = (self.alarms <= alarms).sum(axis=0) - 1
        after = np.minimum(last + 1, len(self.alarms) - 1)
        x0, x1 = self.alarms[last, column], self.alarms[after, column]
        y0, y1 = self.hits[last, column], self.hits[after, column]
        step = np.where(x1 > x0, x1 - x0, 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = (y0 + (alarms - x0) / step * (y1 - y0)) / self.hits[-1]
        return np.where(self.alarms[-1] > 0, found, np.nan)

    def mean_sensitivity(self, low: float, high: float) -> _Array:
        """Return the mean sensitivity over a range of false-positive rates, ``(b,)``.

        That is the partial area under the curve divided by the range's width.
        """
        x, y = self.rates()
        x0, x1, y0, y1 = x[:-1], x[1:], y[:-1], y[1:]
        left, right = np.clip(x0, low, high), np.clip(x1, low, high)
        width = np.where(x1 > x0, x1 - x0, 1)
        slope = (y1 - y0) / width
        middle = y0 + slope * ((left + right) / 2 - x0)
        if high <= low:
            return np.full(x.shape[1], np.nan)
        return np.asarray(((right - left) * middle).sum(axis=0) / (high - low))


@dataclass(frozen=True, eq=False)
class Ranked:
    """Images in the order of their score, the highest first; which of them tie.

    Attributes:
        order: ``(n,)``.
        ends: ``(g,)`` the last place of each group of equal scores.
    """

    order: NDArray[np.intp]
    ends: NDArray[np.intp]

    def curves(self, truth: _Array, weights: NDArray[np.int32]) -> Curves:
        """Return the curves of a label under weightings of the images.

        Args:
            truth: ``(n,)`` of 1, 0 and NaN (left out).
            weights: ``(n, b)`` in the order of the ranking, as `ordered` gives it.
        """
        in_order = truth[self.order]
        sides = [weights * (in_order == side)[:, None] for side in (0, 1)]
        start = np.zeros((1, weights.shape[1]))
        alarms, hits = (
            np.concatenate([start, np.cumsum(side, axis=0)[self.ends]]) for side in sides
        )
        return Curves(alarms, hits)

    def ordered(self, weights: NDArray[np.int32], units: NDArray[np.intp]) -> NDArray[np.int32]:
        """Return each image's weight in the ranking's order, ``(n, b)``, of the units' ``(u, b)``."""
        return weights[units[self.order]]


def ranked(score: _Array) -> Ranked:
    """Sort scores, ``(n,)``."""
    order = np.argsort(-score, kind="stable")
    in_order = score[order]
    ends = np.append(np.flatnonzero(in_order[1:] != in_order[:-1]), len(score) - 1)
    return Ranked(order, ends.astype(np.intp))
