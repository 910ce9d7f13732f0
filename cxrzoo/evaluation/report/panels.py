"""The curves of a report as data, a panel a label: `page` draws them as SVG, `plots` by matplotlib."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.report.figures import Figures, LabelRow
from cxrzoo.evaluation.report.table import figure_text
from cxrzoo.evaluation.statistics.auc import precision_recall_curve, roc_curve
from cxrzoo.evaluation.statistics.calibration import reliability

# Colours that stay apart for colour-blind readers (Okabe & Ito, "Color Universal Design", 2008).
MODEL: Final = "#0072B2"
"""Blue: the model that was measured."""
BASELINE: Final = "#D55E00"
"""Vermilion: what a guess, or a model without the image, scores."""
GREY: Final = "#767676"
"""Lines of reference."""

_Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Panel:
    """One label's curve.

    Attributes:
        x: ``(p,)``, as ``y``.
        y: ``(p,)``.
        guess: Heights of the dashed line at the left and at the right edge.
        mark: The figure that belongs to the curve.
        edge: Where both axes end.
        beside: Other curves, ``(x, y)`` each.
        points: Points beside the curves: ``(x, y)`` and whether they are hollow.
    """

    x: _Array
    y: _Array
    guess: tuple[float, float]
    mark: str
    edge: float = 1.0
    beside: tuple[tuple[_Array, _Array], ...] = ()
    points: tuple[tuple[float, float, bool], ...] = ()


class Titled(Protocol):
    """What a panel stands under: a label, and how many of its images are positive."""

    @property
    def label(self) -> str:
        """The name."""

    @property
    def positives(self) -> int:
        """Positive images."""

    @property
    def n(self) -> int:
        """Images."""


@dataclass(frozen=True, eq=False)
class Panels:
    """One kind of curve of every label.

    Attributes:
        panels: Row and panel; None where the label has one class only.
        mark_at: Where marks stand, as shares of the axes: in the corner that curves leave free.
        dots: Whether each point of a curve is marked.
    """

    title: str
    key: str
    x: str
    y: str
    panels: tuple[tuple[Titled, Panel | None], ...]
    mark_at: tuple[float, float]
    dots: bool = False


def roc_panels(report: Figures) -> Panels:
    """Describe ROC curves beside the diagonal."""

    def panel(row: LabelRow, truth: _Array, score: _Array) -> Panel:
        return Panel(*roc_curve(truth, score), (0, 1), f"AUC {figure_text(row.roc_auc)}")

    return Panels(
        title="ROC curves",
        key="True- over false-positive rate.",
        x="false-positive rate",
        y="true-positive rate",
        panels=_each(report, panel),
        mark_at=(0.97, 0.05),
    )


def precision_recall_panels(report: Figures) -> Panels:
    """Describe precision over recall beside the prevalence."""

    def panel(row: LabelRow, truth: _Array, score: _Array) -> Panel:
        guess = row.prevalence, row.prevalence
        curve = precision_recall_curve(truth, score)
        return Panel(*curve, guess, f"AP {figure_text(row.average_precision)}")

    return Panels(
        title="Precision and recall",
        key="Precision (up) over recall; the dashed line is the prevalence.",
        x="recall",
        y="precision",
        panels=_each(report, panel),
        mark_at=(0.97, 0.9),
    )


def reliability_panels(report: Figures) -> Panels:
    """Describe observed share over mean score, both axes up to the largest of them.

    Raises:
        EvaluationError: The scores are no probabilities.
    """
    if not report.require_scored().are_probabilities:
        raise EvaluationError(
            "reliability needs scores in [0, 1]; put logits through a sigmoid first"
        )

    def panel(row: LabelRow, truth: _Array, score: _Array) -> Panel:
        mean, observed = np.array([(b.mean_score, b.observed) for b in reliability(truth, score)]).T
        edge = min(1.0, 1.05 * max(mean.max(), observed.max(), 1e-3))
        return Panel(mean, observed, (0, edge), f"ECE {figure_text(row.ece)}", edge)

    return Panels(
        title="Calibration",
        key="Observed share (up) over mean score in ten bins of equal size; on the dashed line a score "
        "means what it says.",
        x="mean score",
        y="observed share",
        panels=_each(report, panel),
        mark_at=(0.04, 0.92),
        dots=True,
    )


def _each(
    report: Figures, panel: Callable[[LabelRow, _Array, _Array], Panel]
) -> tuple[tuple[LabelRow, Panel | None], ...]:
    scored = report.require_scored()
    found = []
    for row in report.rows:
        i = scored.labels.index(row.label)
        on = scored.known[:, i]
        drawn = panel(row, scored.y_true[on, i], scored.y_score[on, i]) if row.defined else None
        found.append((row, drawn))
    return tuple(found)
