"""Two models on the same images: paired differences, per label and over labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from math import isnan, nan
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.report.report import Report
from cxrzoo.evaluation.report.table import Table, figure, figure_text
from cxrzoo.evaluation.scored import Scored, check_choice
from cxrzoo.evaluation.statistics.bootstrap import rank_labels, replicate_areas
from cxrzoo.evaluation.statistics.delong import delong
from cxrzoo.evaluation.statistics.intervals import UNDEFINED, Interval, percentile
from cxrzoo.labels import match_labels
from cxrzoo.typed import check_arguments, check_fields

ComparisonMethod = Literal["delong", "bootstrap"]


@dataclass(frozen=True)
class Difference:
    """One label's two AUCs and ``roc_auc_a - roc_auc_b``; NaN where the label has one class only.

    Attributes:
        p_value: Two-sided, of no difference.
        p_holm: The same, adjusted over the labels that are defined.
    """

    label: str
    roc_auc_a: float
    roc_auc_b: float
    difference: float
    interval: Interval
    p_value: float
    p_holm: float


@dataclass(frozen=True)
class Comparison:
    """Two models on the same images.

    Attributes:
        rows: One a label that both have.
        macro: The mean over the defined ones, by paired bootstrap; its p-value stands by itself.
        only_one: Labels that only one of the two has; they are left out.
    """

    name_a: str
    name_b: str
    rows: tuple[Difference, ...]
    macro: Difference
    only_one: tuple[str, ...]
    method: ComparisonMethod
    n: int
    units: int
    unit: str
    confidence: float

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)

    def __getitem__(self, label: str) -> Difference:
        for row in self.rows:
            if row.label == label:
                return row
        raise KeyError(f"the comparison has no label {label!r}")

    def to_markdown(self) -> str:
        """Return a table of both AUCs, their difference and its p-values."""
        rows = [
            (
                row.label,
                figure(row.roc_auc_a),
                figure(row.roc_auc_b),
                figure(row.difference, row.interval),
                figure_text(row.p_value, 4),
                "" if row is self.macro else figure_text(row.p_holm, 4),
            )
            for row in (*self.rows, self.macro)
        ]
        header = ("ROC AUC", self.name_a, self.name_b, "difference", "p", "p (Holm)")
        table = Table(header, rows, limits=f"{self.confidence:.0%}").to_markdown()
        how = "DeLong" if self.method == "delong" else "paired bootstrap"
        units = f" of {self.units:,} patients" if self.unit == "patient" else ""
        note = f"{self.n:,} images{units}; labels by {how}, the macro average by paired bootstrap."
        if self.only_one:
            note += f" Only one of the two has {', '.join(self.only_one)}."
        return f"{table}\n\n{note}\n"


def compare(a: Report, b: Report, *, method: ComparisonMethod = "delong") -> Comparison:
    """Compute paired differences ``a - b`` of two reports on the same images.

    Args:
        a: A report that still has its predictions; its patients, seed and number of replicates are
            used.
        b: Another. Where both know their images' names, rows are matched by name, else by order.
        method: ``"delong"`` (with patients as clusters), or ``"bootstrap"`` over the patients.

    Raises:
        EvaluationError: The reports are of different images, or were loaded without predictions.
    """
    check_arguments(compare, locals(), EvaluationError)
    check_choice("method", method, ComparisonMethod)
    in_b = match_labels(a.labels, b.labels, where="the second report", error=EvaluationError)
    labels = tuple(in_b)
    if not labels:
        raise EvaluationError("the two reports have no label in common")
    first, second = matched(a.require_scored(), b.require_scored(), in_b)
    n_bootstrap = a.n_bootstrap or 1000
    rankings = chain(rank_labels(first), rank_labels(second))
    found = replicate_areas(rankings, first.units[1], n_bootstrap, a.seed)
    k = len(labels)
    paired = found.roc_auc_replicates[:, :k] - found.roc_auc_replicates[:, k:]
    point_a, point_b = found.roc_auc[:k], found.roc_auc[k:]

    if method == "delong":
        judged = [_delong(first, second, i, a.confidence) for i in range(k)]
    else:
        judged = [bootstrap_test(replicates, a.confidence) for replicates in paired.T]
    by_steps = holm([p for _, p in judged])
    points = zip(point_a.tolist(), point_b.tolist(), (point_a - point_b).tolist(), strict=True)
    rows = tuple(
        Difference(label, *areas, *tested, adjusted)
        for label, areas, tested, adjusted in zip(labels, points, judged, by_steps, strict=True)
    )
    on = np.flatnonzero(~np.isnan(point_a))
    macro = _macro(point_a[on], point_b[on], paired[:, on], a.confidence)
    return Comparison(
        name_a=a.name or "a",
        name_b=b.name or "b",
        rows=rows,
        macro=macro,
        only_one=(
            *(label for label in a.labels if label not in in_b),
            *(label for label in b.labels if label not in in_b.values()),
        ),
        method=method,
        n=a.n,
        units=first.units[1],
        unit=first.unit,
        confidence=a.confidence,
    )


def matched(a: Scored, b: Scored, in_b: Mapping[str, str]) -> tuple[Scored, Scored]:
    """Return both, cut to the labels of ``a`` that ``in_b`` names, in its rows and with its patients."""
    if len(a.y_true) != len(b.y_true):
        raise EvaluationError(
            f"the reports are of different images: {len(a.y_true):,} and {len(b.y_true):,}"
        )
    order = np.arange(len(a.y_true))
    if a.images and b.images:
        at = {name: i for i, name in enumerate(b.images)}
        if missing := [name for name in a.images if name not in at]:
            raise EvaluationError(
                f"the reports are of different images: {len(missing):,} of {len(a.images):,} names "
                f"of the first are not in the second, e.g. {missing[0]}"
            )
        order = np.array([at[name] for name in a.images])
    columns_a = [a.labels.index(label) for label in in_b]
    columns_b = [b.labels.index(label) for label in in_b.values()]
    truth = a.y_true[:, columns_a]
    if not np.array_equal(truth, b.y_true[order][:, columns_b], equal_nan=True):
        raise EvaluationError(
            "the reports are of different images: their truths differ"
            + ("" if a.images and b.images else "; pass images=[...] if only the order does")
        )
    cut = Scored(tuple(in_b), truth, a.y_score[:, columns_a], a.groups, a.images)
    return cut, cut.with_scores(b.y_score[order][:, columns_b])


def _delong(a: Scored, b: Scored, i: int, confidence: float) -> tuple[Interval, float]:
    on = a.known[:, i]
    scores = np.column_stack([a.y_score[on, i], b.y_score[on, i]])
    estimate = delong(a.y_true[on, i], scores, a.units[0][on], (1, -1))
    return estimate.interval_of_difference(confidence), estimate.p_value()


def bootstrap_test(replicates: NDArray[np.float64], confidence: float) -> tuple[Interval, float]:
    """Return percentiles, and twice the share of replicates beyond 0, one more counted on either side."""
    defined = replicates[~np.isnan(replicates)]
    if not len(defined):
        return UNDEFINED, nan
    beyond = min(int((defined <= 0).sum()), int((defined >= 0).sum()))
    return percentile(defined, confidence), min(1.0, 2 * (1 + beyond) / (1 + len(defined)))


def holm(p_values: list[float]) -> list[float]:
    """Adjust by Holm's steps down (Scandinavian Journal of Statistics 6:65, 1979); NaN stays."""
    defined = sorted((p, i) for i, p in enumerate(p_values) if not isnan(p))
    adjusted, highest = [nan] * len(p_values), 0.0
    for rank, (p, i) in enumerate(defined):
        highest = max(highest, min(1.0, p * (len(defined) - rank)))
        adjusted[i] = highest
    return adjusted


def _macro(
    a: NDArray[np.float64], b: NDArray[np.float64], paired: NDArray[np.float64], confidence: float
) -> Difference:
    name = f"Macro ({len(a)} labels)"
    if not len(a):
        return Difference(name, nan, nan, nan, UNDEFINED, nan, nan)
    interval, p = bootstrap_test(paired.mean(axis=1), confidence)
    values = float(a.mean()), float(b.mean())
    return Difference(name, *values, values[0] - values[1], interval, p, p)
