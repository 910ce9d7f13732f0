"""Plots of a report as files, drawn by matplotlib (extra ``plot``)."""

import io
from collections.abc import Callable
from math import ceil
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import EvaluationError, MissingExtraError
from cxrzoo.evaluation.report.figures import Figures, LabelRow
from cxrzoo.evaluation.report.palette import GREY, MODEL
from cxrzoo.evaluation.statistics.calibration import reliability
from cxrzoo.evaluation.statistics.curves import precision_recall_curve, roc_curve, thinned
from cxrzoo.files import write_whole

__all__ = ["plot_precision_recall", "plot_reliability", "plot_roc"]

_SUFFIXES = (".png", ".svg", ".pdf")
_Draw = Callable[[Any, LabelRow, NDArray[np.float64], NDArray[np.float64]], None]


def plot_roc(report: Figures, path: str | PathLike[str]) -> Path:
    """ROC curves, one panel a label."""

    def draw(
        axes: Any, row: LabelRow, truth: NDArray[np.float64], score: NDArray[np.float64]
    ) -> None:
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle="--")
        axes.plot(*thinned(*roc_curve(truth, score)), color=MODEL, linewidth=1.4)
        axes.text(0.97, 0.05, f"AUC {row.roc_auc:.3f}", ha="right", fontsize=8)

    return _panels(report, path, draw, "false-positive rate", "true-positive rate")


def plot_precision_recall(report: Figures, path: str | PathLike[str]) -> Path:
    """Precision over recall, one panel a label; the dashed line is the prevalence."""

    def draw(
        axes: Any, row: LabelRow, truth: NDArray[np.float64], score: NDArray[np.float64]
    ) -> None:
        axes.axhline(row.prevalence, color=GREY, linewidth=0.8, linestyle="--")
        recall, precision = thinned(*precision_recall_curve(truth, score))
        axes.plot(recall, precision, color=MODEL, linewidth=1.4)
        axes.text(0.97, 0.9, f"AP {row.average_precision:.3f}", ha="right", fontsize=8)

    return _panels(report, path, draw, "recall", "precision")


def plot_reliability(report: Figures, path: str | PathLike[str]) -> Path:
    """Observed share over mean score in ten bins of equal size, one panel a label.

    Raises:
        EvaluationError: The scores are no probabilities.
    """
    if not report.require_scored().are_probabilities:
        raise EvaluationError(
            "reliability needs scores in [0, 1]; put logits through a sigmoid first"
        )

    def draw(
        axes: Any, row: LabelRow, truth: NDArray[np.float64], score: NDArray[np.float64]
    ) -> None:
        bins = reliability(truth, score)
        mean, observed = [b.mean_score for b in bins], [b.observed for b in bins]
        edge = min(1.0, 1.1 * max(*mean, *observed, 1e-3))
        axes.plot([0, edge], [0, edge], color=GREY, linewidth=0.8, linestyle="--")
        axes.plot(mean, observed, color=MODEL, linewidth=1.2, marker="o", markersize=3)
        axes.set_xlim(0, edge)
        axes.set_ylim(0, edge)
        axes.text(0.95 * edge, 0.05 * edge, f"ECE {row.ece:.3f}", ha="right", fontsize=8)

    return _panels(report, path, draw, "mean score", "observed share")


def _panels(report: Figures, path: str | PathLike[str], draw: _Draw, x: str, y: str) -> Path:
    suffix = Path(path).suffix.lower()
    if suffix not in _SUFFIXES:
        raise EvaluationError(
            f"a plot's name must end in {', '.join(_SUFFIXES)}, got {str(path)!r}"
        )
    figure_class = _figure_class()
    scored = report.require_scored()
    columns = min(5, len(report.rows))
    lines = ceil(len(report.rows) / columns)
    figure = figure_class(figsize=(2.3 * columns + 0.3, 2.3 * lines + 0.3), layout="constrained")
    grid = figure.subplots(lines, columns, squeeze=False)
    for i, axes in enumerate(grid.flat):
        if i >= len(report.rows):
            axes.set_axis_off()
            continue
        row, on = report.rows[i], scored.known[:, i]
        axes.set_title(f"{row.label} ({row.positives:,} of {row.n:,})", fontsize=8)
        axes.set_xlim(-0.01, 1.01)
        axes.set_ylim(-0.01, 1.01)
        axes.tick_params(labelsize=7)
        if row.defined:
            draw(axes, row, scored.y_true[on, i], scored.y_score[on, i])
        else:
            axes.text(0.5, 0.5, "undefined:\none class only", ha="center", va="center", fontsize=8)
    figure.supxlabel(x, fontsize=9)
    figure.supylabel(y, fontsize=9)
    drawn = io.BytesIO()
    figure.savefig(drawn, format=suffix[1:], dpi=150)
    return write_whole(path, drawn.getvalue())


def _figure_class() -> Any:
    try:
        # The figure alone: no pyplot, so no display and no state shared with the caller's own plots.
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError(
            'plots need matplotlib, which is not installed: pip install "cxrzoo[plot]"'
        ) from None
    return Figure
