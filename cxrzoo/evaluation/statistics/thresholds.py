"""Thresholds: chosen on one part of the data, applied to another, never to the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxrzoo.errors import EvaluationError, LabelError
from cxrzoo.evaluation.scored import Scored, check_choice, check_scored
from cxrzoo.evaluation.statistics.auc import counts_above
from cxrzoo.evaluation.statistics.intervals import Interval, check_figures, proportion
from cxrzoo.labels import own_name
from cxrzoo.sizes import check_number
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments, check_fields

ThresholdMethod = Literal["youden", "sensitivity", "specificity", "ppv"]

_ROUNDING = 1e-9
"""In images: 0.55 of 20 is 11, not 11.000000000000002."""


@dataclass(frozen=True)
class Thresholds:
    """One threshold a label, and where they come from; a score at or above it means 'yes'.

    Attributes:
        values: One a label; NaN where the part could not give one.
        part: The name of the part they were chosen on.
        fingerprint: What that part's truth and ranking of scores hash to.
    """

    labels: tuple[str, ...]
    values: tuple[float, ...]
    method: ThresholdMethod
    target: float | None
    part: str
    fingerprint: str

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)
        if len(self.labels) != len(self.values):
            raise EvaluationError(
                "labels and values: there must be one threshold a label; got "
                f"{len(self.values)} for {len(self.labels)}"
            )

    def __getitem__(self, label: str) -> float:
        name = own_name(label, self.labels) or label
        return dict(zip(self.labels, self.values, strict=True))[name]

    @property
    def undefined(self) -> tuple[str, ...]:
        """Labels without a threshold: one class only, or a target that no threshold reaches."""
        return tuple(
            label for label, value in zip(self.labels, self.values, strict=True) if isnan(value)
        )

    def as_dict(self) -> dict[str, float]:
        """Return the thresholds by label, undefined ones left out: what a `ModelConfig` carries."""
        by_label = zip(self.labels, self.values, strict=True)
        return {label: value for label, value in by_label if not isnan(value)}

    def check_other_part(self, scored: Scored, part: str | None) -> None:
        """Refuse the part that the thresholds were chosen on, and labels they do not know.

        Raises:
            EvaluationError: The same part, by its name or by its predictions.
            LabelError: Labels without an entry here.
        """
        if part == self.part:
            raise EvaluationError(
                f"these thresholds were chosen on the part {self.part!r}; measured there they would "
                "flatter the model. Choose them on the validation part and measure on the test part"
            )
        if scored.fingerprint == self.fingerprint:
            raise EvaluationError(
                f"these are the predictions the thresholds were chosen on (part {self.part!r}), "
                "whatever they are called here; measure on images that had no say in the choice"
            )
        if missing := [label for label in scored.labels if own_name(label, self.labels) is None]:
            raise LabelError(
                f"the thresholds have no value for {', '.join(missing)}; "
                f"they were chosen for the labels {', '.join(self.labels)}"
            )


@dataclass(frozen=True)
class OperatingPoint:
    """What a label's threshold gives on a part that had no say in choosing it."""

    label: str
    threshold: float
    sensitivity: float
    sensitivity_interval: Interval
    specificity: float
    specificity_interval: Interval
    ppv: float
    ppv_interval: Interval
    npv: float
    npv_interval: Interval

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)
        check_figures(self, (), ("sensitivity", "specificity", "ppv", "npv"))


def choose_thresholds(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    labels: Sequence[str],
    part: str,
    method: ThresholdMethod = "youden",
    target: float | None = None,
) -> Thresholds:
    """Choose thresholds on a validation part.

    Args:
        y_true: ``(n, k)`` of 1, 0 and NaN.
        y_score: ``(n, k)``.
        labels: The ``k`` names.
        part: What this part is called, e.g. ``"validation"``; a report on the same part refuses them.
        method: ``"youden"``: the largest sensitivity + specificity (Youden, Cancer 3:32, 1950).
            ``"sensitivity"``: the highest threshold that still reaches ``target``.
            ``"specificity"`` and ``"ppv"``: the lowest that does.
        target: The share to reach, in (0, 1]; not for ``"youden"``.

    Raises:
        EvaluationError: The arrays do not fit, or method and target make no sense.
    """
    check_arguments(choose_thresholds, locals(), EvaluationError)
    check_choice("method", method, ThresholdMethod)
    if (method == "youden") != (target is None):
        raise EvaluationError(
            "method 'youden' takes no target"
            if target is not None
            else f"method {shown(method)} needs a target, such as target=0.9"
        )
    if target is not None:
        check_number("target", target, 0, 1, closed=True, error=EvaluationError)
    scored = check_scored(y_true, y_score, labels=labels)
    values = tuple(
        _choose(scored.y_true[on, i] == 1, scored.y_score[on, i], method, target or 0.0)
        for i, on in enumerate(scored.known.T)
    )
    return Thresholds(scored.labels, values, method, target, part, scored.fingerprint)


def _choose(
    positive: NDArray[np.bool_],
    score: NDArray[np.float64],
    method: ThresholdMethod,
    target: float,
) -> float:
    m, n = int(positive.sum()), int((~positive).sum())
    if not m or not n:
        return nan
    # From the highest threshold (nothing is a 'yes') down to the lowest (everything is).
    candidates, hits, alarms = counts_above(positive, score)
    if method == "youden":
        return float(candidates[np.argmax(hits / m - alarms / n)])
    if method == "sensitivity":
        return float(candidates[np.argmax(hits >= target * m - _ROUNDING)])
    if method == "specificity":
        reached = np.flatnonzero(n - alarms >= target * n - _ROUNDING)
    else:
        reached = np.flatnonzero((hits > 0) & (hits >= target * (hits + alarms) - _ROUNDING))
    return float(candidates[reached[-1]]) if len(reached) else nan


def operating_points(
    scored: Scored, thresholds: Thresholds, confidence: float
) -> tuple[OperatingPoint, ...]:
    """Measure sensitivity, specificity, PPV and NPV at each threshold, clustered by patient."""
    units, n_units = scored.units
    points = []
    for i, label in enumerate(scored.labels):
        threshold = thresholds[label]
        known = scored.known[:, i] & (not isnan(threshold))
        positive = known & (scored.y_true[:, i] == 1)
        negative = known & ~positive
        yes = known & (scored.y_score[:, i] >= threshold)
        right = (positive & yes) | (negative & ~yes)

        shares: list[Any] = []
        for among in (positive, negative, yes, known & ~yes):
            hits = np.bincount(units, weights=among & right, minlength=n_units)
            trials = np.bincount(units, weights=among, minlength=n_units)
            shares += proportion(hits, trials, confidence)
        points.append(OperatingPoint(label, threshold, *shares))
    return tuple(points)
