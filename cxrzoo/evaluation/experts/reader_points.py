"""One finding under a model: every reader as a point, and where the model's curve passes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import nan
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data import ExpertReads
from cxrzoo.evaluation.experts.figures import Against, ReaderPoint
from cxrzoo.evaluation.experts.scoring import limits_of
from cxrzoo.evaluation.statistics.agreement import majority_of_others
from cxrzoo.evaluation.statistics.auc import roc_curve, thinned
from cxrzoo.evaluation.statistics.intervals import proportion
from cxrzoo.evaluation.statistics.weighted_curves import Ranked, ranked

_Array = NDArray[np.float64]

_DRAWN: Final = 150
"""Points of a curve that are kept for a drawing."""


@dataclass(frozen=True, eq=False)
class Truth:
    """What one reader is judged by.

    Attributes:
        truth: ``(n,)`` of 1, 0 and NaN, NaN also where the reader did not read.
        curve: Which of the finding's curves has this truth.
    """

    reader: int
    against: Against
    truth: _Array
    curve: int


class Finding:
    """One finding: its curves under replicates, and every reader on them."""

    def __init__(
        self,
        label: str,
        score: _Array,
        majority: _Array,
        reads: NDArray[np.float32],
        units: NDArray[np.intp],
    ) -> None:
        self.label, self.score, self.units = label, score, units
        self.reads = reads.astype(np.float64)
        self.ranked: Ranked = ranked(score)
        others = majority_of_others(self.reads)
        self.curves: list[_Array] = [majority]
        self.truths: list[Truth] = []
        for reader in range(self.reads.shape[1]):
            read = ~np.isnan(self.reads[:, reader])
            for against, truth in (("others", others[:, reader]), ("majority", majority)):
                own = np.where(read, truth, np.nan)
                self.truths.append(Truth(reader, against, own, self._curve(own)))  # type: ignore[arg-type]
        self.low, self.high = self._range()

    def _curve(self, truth: _Array) -> int:
        """Return the place of a curve with this truth; the majority's serves all who read every image."""
        for place, known in enumerate(self.curves):
            if np.array_equal(known, truth, equal_nan=True):
                return place
        self.curves.append(truth)
        return len(self.curves) - 1

    def _range(self) -> tuple[float, float]:
        rates = []
        for one in self.truths:
            negative = one.truth == 0
            if one.against == "majority" and negative.any():
                rates.append(float(np.mean(self.reads[negative, one.reader] == 1)))
        return (min(rates), max(rates)) if rates else (nan, nan)

    @property
    def figures(self) -> int:
        """How many figures `measure` gives."""
        return 1 + len(self.truths)

    def measure(self, weights: NDArray[np.int32]) -> _Array:
        """Return the sensitivity in the readers' range, and model minus reader, ``(m, b)``."""
        in_order = self.ranked.ordered(weights, self.units)
        curves = [self.ranked.curves(truth, in_order) for truth in self.curves]
        found = [curves[0].mean_sensitivity(self.low, self.high)]
        of_images = weights[self.units]
        for one in self.truths:
            yes = self.reads[:, one.reader] == 1
            alarms, hits, positives = (
                on.astype(np.float64) @ of_images
                for on in (yes & (one.truth == 0), yes & (one.truth == 1), one.truth == 1)
            )
            with np.errstate(divide="ignore", invalid="ignore"):
                found.append(curves[one.curve].sensitivity_at(alarms) - hits / positives)
        return np.stack(found)

    def points(
        self,
        experts: ExpertReads,
        n_units: int,
        differences: _Array,
        replicates: _Array,
        confidence: float,
    ) -> Iterator[ReaderPoint]:
        """Yield every reader, by the others and by the majority."""
        for i, one in enumerate(self.truths):
            yes = self.reads[:, one.reader] == 1
            positive, negative = one.truth == 1, one.truth == 0
            shares: list[Any] = []
            for among, right in ((positive, yes), (negative, ~yes)):
                trials, hits = (
                    np.bincount(self.units, weights=on, minlength=n_units)
                    for on in (among, among & right)
                )
                shares += proportion(hits, trials, confidence)
            known = positive | negative
            reader = experts.readers[one.reader]
            yield ReaderPoint(
                label=self.label,
                reader=reader,
                against=one.against,
                on_panel=one.against == "majority" and reader in experts.panel,
                n=int(known.sum()),
                positives=int(positive.sum()),
                ties=int((~np.isnan(self.reads[:, one.reader]) & ~known).sum()),
                sensitivity=shares[0],
                sensitivity_interval=shares[1],
                specificity=shares[2],
                specificity_interval=shares[3],
                model_sensitivity=float(np.clip(differences[i] + shares[0], 0, 1)),
                difference=float(differences[i]),
                difference_interval=limits_of(differences[i], replicates[:, i], confidence),
            )


def drawn_curve(truth: _Array, score: _Array) -> tuple[tuple[float, float], ...]:
    """Return a curve's points, few and short enough for a drawing; none where a class is missing."""
    on = ~np.isnan(truth)
    if not (truth == 1).any() or not (truth == 0).any():
        return ()
    x, y = thinned(*roc_curve(truth[on], score[on]), _DRAWN)
    return tuple((round(float(a), 4), round(float(b), 4)) for a, b in zip(x, y, strict=True))
