"""Confidence intervals: percentiles of replicates, and shares of clustered images."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import EvaluationError
from cxrzoo.typed import check_fields


def check_figures(figures: Any, counts: Sequence[str], shares: Sequence[str]) -> None:
    """Check figures by name: counts are not negative, shares lie in [0, 1] or are NaN.

    Raises:
        ValueError: one is otherwise.
    """
    for name in counts:
        if (value := getattr(figures, name)) < 0:
            raise ValueError(f"{name} must not be negative; got {value!s:.80}")
    for name in shares:
        if not (isnan(value := getattr(figures, name)) or 0 <= value <= 1):
            raise ValueError(f"{name} must lie in [0, 1], or be NaN; got {value!s:.80}")


@dataclass(frozen=True)
class Interval:
    """Two limits; NaN where the data cannot give them."""

    low: float
    high: float

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)
        if self.low > self.high:  # NaN is not
            raise ValueError(
                f"an interval's lower limit must not lie above the upper: {self!r:.120}"
            )

    @property
    def defined(self) -> bool:
        """Whether there are limits at all."""
        return not (isnan(self.low) or isnan(self.high))


UNDEFINED = Interval(nan, nan)
"""No interval can be given."""


def percentile(replicates: NDArray[np.float64], confidence: float) -> Interval:
    """Return the central part of the replicates that are defined (Efron's percentile interval)."""
    defined = replicates[~np.isnan(replicates)]
    if not len(defined):
        return UNDEFINED
    tail = (1 - confidence) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return Interval(float(low), float(high))


def proportion(
    hits: NDArray[Any], trials: NDArray[Any], confidence: float
) -> tuple[float, Interval]:
    """Return a share and Wilson's interval of it, trials counted down for patients with several images.

    Args:
        hits: ``(u,)`` successes of each patient (or image).
        trials: ``(u,)`` images of each patient that count.
        confidence: Nominal coverage.

    Sources:
        Wilson, JASA 22:209, 1927; the design effect of a ratio over clusters: Rao & Scott, Biometrics
        48:577, 1992. A design effect below 1 counts as 1.
    """
    counted = trials > 0
    hits, trials = hits[counted], trials[counted]
    n, units = float(trials.sum()), len(trials)
    if n == 0:
        return nan, UNDEFINED
    share = float(hits.sum()) / n
    if 0 < share < 1 and units > 1:
        residual = hits - share * trials
        variance = units / (units - 1) * float(residual @ residual) / n**2
        effective = n / max(1.0, variance * n / (share * (1 - share)))
    else:
        # No variance to estimate the design effect from: patients, not images, are then the trials.
        effective = float(units)
    return share, _wilson(share, effective, confidence)


def _wilson(share: float, n: float, confidence: float) -> Interval:
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))
