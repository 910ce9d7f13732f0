"""Probabilities that mean what they say: measured, fitted, and moved to another prevalence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.scored import check_choice, check_scored
from cxrzoo.labels import match_labels
from cxrzoo.named import matrix
from cxrzoo.sizes import check_whole
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments, check_fields

CalibrationMethod = Literal["temperature", "platt"]

_EDGE = 1e-7
"""Scores are kept this far from 0 and 1 before a logarithm, as `keras.config.epsilon` has it."""


@dataclass(frozen=True)
class ReliabilityBin:
    """Images of similar score: how many, their mean score, and the share that has the label."""

    n: int
    mean_score: float
    observed: float


@dataclass(frozen=True)
class Calibration:
    """Per label ``sigmoid(slope * logit(score) + intercept)``; plain numbers for a `ModelConfig`.

    Attributes:
        slopes: One a label: 1 / temperature, or Platt's slope; NaN where nothing could be fitted.
        intercepts: One a label; 0 for a temperature.
        part: The name of the part it was fitted on.
    """

    labels: tuple[str, ...]
    slopes: tuple[float, ...]
    intercepts: tuple[float, ...]
    method: CalibrationMethod
    part: str

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)
        if not len(self.labels) == len(self.slopes) == len(self.intercepts):
            raise EvaluationError(
                f"labels, slopes and intercepts must be as many; got {len(self.labels)}, "
                f"{len(self.slopes)} and {len(self.intercepts)}"
            )

    @property
    def undefined(self) -> tuple[str, ...]:
        """Labels with one class only, whose scores `apply` leaves as they are."""
        return tuple(name for name, s in zip(self.labels, self.slopes, strict=True) if isnan(s))

    def as_dict(self) -> dict[str, tuple[float, float]]:
        """Return ``(slope, intercept)`` by label, undefined left out, as `ModelConfig.calibration`."""
        lines = zip(self.labels, self.slopes, self.intercepts, strict=True)
        return {name: (slope, intercept) for name, slope, intercept in lines if not isnan(slope)}

    @classmethod
    def from_dict(
        cls,
        lines: Mapping[str, tuple[float, float]],
        *,
        labels: Sequence[str],
        method: CalibrationMethod = "platt",
        part: str = "unknown",
    ) -> "Calibration":
        """Rebuild what `as_dict` gave, such as ``config.calibration``, for ``labels`` in order."""
        own = match_labels(labels, lines, where="the calibration", error=EvaluationError)
        found = [lines.get(own.get(name, name), (nan, 0.0)) for name in labels]
        slopes, intercepts = (tuple(float(line[i]) for line in found) for i in (0, 1))
        return cls(tuple(labels), slopes, intercepts, method, part)

    def apply(self, y_score: ArrayLike) -> NDArray[np.float64]:
        """Return calibrated probabilities ``(n, k)`` of scores ``(n, k)`` in [0, 1].

        Raises:
            EvaluationError: Another shape, or scores outside [0, 1].
        """
        scores = _probabilities(y_score, len(self.labels), self.labels)
        slopes, intercepts = np.array(self.slopes), np.array(self.intercepts)
        calibrated = _sigmoid(slopes * _logit(scores) + intercepts)
        return np.where(np.isnan(slopes), scores, calibrated)


def fit_calibration(
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    labels: Sequence[str],
    part: str,
    method: CalibrationMethod = "temperature",
) -> Calibration:
    """Fit a calibration of each label by maximum likelihood on a validation part.

    Targets are smoothed as Platt has it, to ``(m + 1) / (m + 2)`` and ``1 / (n + 2)`` for ``m`` positives
    and ``n`` negatives, so that separable scores keep finite parameters.

    Args:
        y_true: ``(n, k)`` of 1, 0 and NaN.
        y_score: ``(n, k)`` in [0, 1].
        labels: The ``k`` names.
        part: What this part is called, e.g. ``"validation"``.
        method: ``"temperature"`` (Guo et al., ICML 2017) or ``"platt"`` (Platt, 1999; Lin, Lin & Weng,
            Machine Learning 68:267, 2007).

    Raises:
        EvaluationError: The arrays do not fit, or scores lie outside [0, 1].
    """
    check_arguments(fit_calibration, locals(), EvaluationError)
    check_choice("method", method, CalibrationMethod)
    scored = check_scored(y_true, y_score, labels=labels)
    scores = _probabilities(scored.y_score, len(scored.labels))
    fits = [
        _fit(scored.y_true[on, i] == 1, _logit(scores[on, i]), intercept=method == "platt")
        for i, on in enumerate(scored.known.T)
    ]
    slopes, intercepts = zip(*fits, strict=True)
    return Calibration(scored.labels, slopes, intercepts, method, part)


def _fit(
    positive: NDArray[np.bool_], logits: NDArray[np.float64], *, intercept: bool
) -> tuple[float, float]:
    m, n = int(positive.sum()), int((~positive).sum())
    if not m or not n:
        return nan, nan
    target = np.where(positive, (m + 1) / (m + 2), 1 / (n + 2))
    design = np.column_stack([logits, np.ones_like(logits)]) if intercept else logits[:, None]
    weights = np.zeros(design.shape[1])
    weights[0] = 1.0
    # Newton's method on a convex loss; steps are halved until the loss falls.
    loss = _log_loss(target, design @ weights)
    for _ in range(100):
        p = _sigmoid(design @ weights)
        gradient = design.T @ (p - target)
        curvature = (design * (p * (1 - p))[:, None]).T @ design + 1e-12 * np.eye(len(weights))
        step = np.linalg.solve(curvature, gradient)
        while (lower := _log_loss(target, design @ (weights - step))) > loss and (
            np.abs(step).max() > 1e-12
        ):
            step /= 2
        weights, gained, loss = weights - step, loss - lower, lower
        if gained <= 1e-12 * max(1.0, abs(loss)):
            break
    return float(weights[0]), float(weights[1]) if intercept else 0.0


def adjust_prevalence(
    y_score: ArrayLike, source: ArrayLike, target: ArrayLike
) -> NDArray[np.float64]:
    """Return probabilities ``(n, k)`` as they would read where the labels are rarer or more frequent.

    Odds are multiplied by the ratio of prior odds (Saerens, Latinne & Decaestecker, Neural
    Computation 14:21, 2002): right where only the prevalence differs, and the pictures of each
    class do not. Ranks within a label, and so its AUC, stay.

    Args:
        y_score: ``(n, k)`` in [0, 1], calibrated for ``source``.
        source: ``(k,)`` prevalences, within (0, 1), where the scores are calibrated.
        target: ``(k,)`` prevalences, within (0, 1), where they are to be read.

    Raises:
        EvaluationError: Shapes differ, or a prevalence is not within (0, 1).
    """
    before, after = (
        np.atleast_1d(matrix(prior, None, name, EvaluationError))
        for name, prior in (("source", source), ("target", target))
    )
    if before.ndim != 1:
        raise EvaluationError(f"source must be prevalences (k,); got shape {before.shape}")
    scores = _probabilities(y_score, len(before), of="prevalence of source")
    for name, values in (("source", before), ("target", after)):
        if values.shape != before.shape or not ((values > 0) & (values < 1)).all():
            raise EvaluationError(
                f"{name} must be {len(before)} prevalences within (0, 1), got {shown(values.tolist())}"
            )
    shift = np.log(after) - np.log1p(-after) - np.log(before) + np.log1p(-before)
    with np.errstate(divide="ignore"):  # 0 and 1 stay what they are
        odds = np.log(scores) - np.log1p(-scores) + shift
    return np.asarray(np.exp(-np.logaddexp(0, -odds)))


def reliability(
    y_true: ArrayLike, y_score: ArrayLike, bins: int = 10
) -> tuple[ReliabilityBin, ...]:
    """Return bins of about equal size over one label's scores, equal scores kept together.

    Equal size, not equal width: nine in ten scores of a rare finding lie below 0.1.

    Args:
        y_true: ``(n,)`` of 1, 0 and NaN; NaN (not known) is left out.
        y_score: ``(n,)``, finite.
        bins: How many, from 1 to 10,000.

    Raises:
        EvaluationError: The arrays do not fit each other, or hold something else.
    """
    check_arguments(reliability, locals(), EvaluationError)
    check_whole("bins", bins, 1, most=10_000, error=EvaluationError)
    scored = check_scored(y_true, y_score, labels=["y_true"])
    on = scored.known[:, 0]
    return _bins(scored.y_true[on, 0], scored.y_score[on, 0], bins)


def _bins(
    y_true: NDArray[np.float64], y_score: NDArray[np.float64], bins: int = 10
) -> tuple[ReliabilityBin, ...]:
    order = np.argsort(y_score, kind="stable")
    score, truth = y_score[order], y_true[order]
    cuts = {round(len(score) * b / bins) for b in range(1, bins)}
    # A cut moves up to the end of the run of equal scores that it would part.
    starts = sorted(
        {int(np.searchsorted(score, score[c - 1], side="right")) for c in cuts if c} | {0}
    )
    return tuple(
        ReliabilityBin(b - a, float(score[a:b].mean()), float(truth[a:b].mean()))
        for a, b in zip(starts, [*starts[1:], len(score)], strict=True)
        if b > a
    )


def expected_calibration_error(y_true: NDArray[np.float64], y_score: NDArray[np.float64]) -> float:
    """Return the mean distance of observed share and mean score over `reliability`'s bins, by images."""
    bins, n = _bins(y_true, y_score), len(y_score)
    return sum((b.n / n * abs(b.observed - b.mean_score) for b in bins), start=0.0)


def cross_entropy(y_true: NDArray[np.float64], y_score: NDArray[np.float64]) -> float:
    """Return the mean log loss in nats, scores clipped to [1e-7, 1 - 1e-7]."""
    p = np.clip(y_score, _EDGE, 1 - _EDGE)
    return float(-np.mean(np.where(y_true == 1, np.log(p), np.log1p(-p))))


def _probabilities(
    y_score: ArrayLike, k: int, labels: Sequence[str] | None = None, *, of: str = "label"
) -> NDArray[np.float64]:
    scores = matrix(y_score, labels, "y_score", EvaluationError)
    if scores.ndim != 2 or scores.shape[1] != k:
        raise EvaluationError(
            f"y_score must have shape (n, {k}), got {scores.shape}: one column a {of}"
        )
    if not ((scores >= 0) & (scores <= 1)).all():
        raise EvaluationError(
            "y_score must be probabilities in [0, 1]; put logits through a sigmoid first"
        )
    return scores


def _logit(p: NDArray[np.float64]) -> NDArray[np.float64]:
    clipped = np.clip(p, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(clipped) - np.log1p(-clipped))


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


def _log_loss(target: NDArray[np.float64], logits: NDArray[np.float64]) -> float:
    return float(np.sum(np.logaddexp(0, logits) - target * logits))
