"""Plots of a report as files, drawn by matplotlib (extra ``plot``)."""

import io
from math import ceil
from os import PathLike
from pathlib import Path
from typing import Any

from cxrzoo.errors import EvaluationError, MissingExtraError
from cxrzoo.evaluation.report import panels
from cxrzoo.evaluation.report.figures import Figures
from cxrzoo.evaluation.statistics.auc import thinned
from cxrzoo.files import write_whole
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments

_SUFFIXES = (".png", ".svg", ".pdf")


def plot_roc(report: Figures, path: str | PathLike[str]) -> Path:
    """Write ROC curves, one panel a label, as PNG, SVG or PDF after the suffix of ``path``.

    Raises:
        EvaluationError: Another suffix, or a report that was loaded without its predictions.
        MissingExtraError: matplotlib is not installed.
    """
    check_arguments(plot_roc, locals(), EvaluationError)
    return draw_file(panels.roc_panels(report), path)


def plot_precision_recall(report: Figures, path: str | PathLike[str]) -> Path:
    """Write precision over recall, one panel a label; the dashed line is the prevalence.

    Formats and errors are those of `plot_roc`.
    """
    check_arguments(plot_precision_recall, locals(), EvaluationError)
    return draw_file(panels.precision_recall_panels(report), path)


def plot_reliability(report: Figures, path: str | PathLike[str]) -> Path:
    """Write observed share over mean score in ten bins of equal size, one panel a label.

    Formats and errors are those of `plot_roc`; scores outside [0, 1] are an EvaluationError too.
    """
    check_arguments(plot_reliability, locals(), EvaluationError)
    return draw_file(panels.reliability_panels(report), path)


def draw_file(drawn: panels.Panels, path: str | PathLike[str]) -> Path:
    """Write one kind of curve of every label as PNG, SVG or PDF after the suffix of ``path``."""
    suffix = Path(path).suffix.lower()
    if suffix not in _SUFFIXES:
        raise EvaluationError(
            f"a plot's name must end in {', '.join(_SUFFIXES)}, got {shown(str(path))}"
        )
    columns = min(5, len(drawn.panels))
    lines = ceil(len(drawn.panels) / columns)
    size = 2.3 * columns + 0.3, 2.3 * lines + 0.3
    figure = _figure_class()(figsize=size, layout="constrained")
    every = figure.subplots(lines, columns, squeeze=False).flat
    for axes, (row, panel) in zip(every, drawn.panels, strict=False):
        axes.set_title(f"{row.label} ({row.positives:,} of {row.n:,})", fontsize=8)
        axes.tick_params(labelsize=7)
        if panel is None:
            axes.text(0.5, 0.5, "undefined:\none class only", ha="center", va="center", fontsize=8)
        else:
            _draw_panel(axes, panel, drawn)
    for axes in every[len(drawn.panels) :]:
        axes.set_axis_off()
    figure.supxlabel(drawn.x, fontsize=9)
    figure.supylabel(drawn.y, fontsize=9)
    file = io.BytesIO()
    figure.savefig(file, format=suffix[1:], dpi=150)
    return write_whole(path, file.getvalue())


def _draw_panel(axes: Any, panel: panels.Panel, drawn: panels.Panels) -> None:
    limits = -0.01 * panel.edge, 1.01 * panel.edge
    axes.set(xlim=limits, ylim=limits)
    axes.plot([0, panel.edge], panel.guess, color=panels.GREY, linewidth=0.8, linestyle="--")
    marker = "o" if drawn.dots else ""
    curve = thinned(panel.x, panel.y)
    for beside in panel.beside:
        axes.plot(*thinned(*beside), color=panels.BASELINE, linewidth=0.9)
    for x, y, hollow in panel.points:
        fill = "white" if hollow else "black"
        axes.plot(x, y, "o", color=fill, markeredgecolor="black", markersize=4, zorder=3)
    axes.plot(*curve, color=panels.MODEL, linewidth=1.4, marker=marker, markersize=3)
    x, y = drawn.mark_at
    side = "right" if x > 0.5 else "left"
    axes.text(x, y, panel.mark, ha=side, fontsize=8, transform=axes.transAxes)


def _figure_class() -> Any:
    try:
        # The figure alone: no pyplot, so no display and no state shared with the caller's own plots.
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError(
            'plots need matplotlib, which is not installed: pip install "cxrzoo[plot]"'
        ) from None
    return Figure
