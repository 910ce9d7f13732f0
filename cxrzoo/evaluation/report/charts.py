"""Charts of the HTML page, as inline SVG: no library, no font and no script to fetch."""

from collections.abc import Callable, Sequence
from html import escape
from math import floor, isnan

import numpy as np
from numpy.typing import NDArray

from cxrzoo.evaluation.report.figures import Figures, LabelRow
from cxrzoo.evaluation.report.palette import BASELINE, GREY, MODEL
from cxrzoo.evaluation.report.table import figure_text, interval_text
from cxrzoo.evaluation.report.tables import averages
from cxrzoo.evaluation.statistics.calibration import reliability
from cxrzoo.evaluation.statistics.curves import precision_recall_curve, roc_curve, thinned
from cxrzoo.evaluation.statistics.intervals import Interval

__all__ = ["forest", "panels_precision_recall", "panels_reliability", "panels_roc"]

_LEFT, _PLOT, _RIGHT, _ROW = 190, 400, 170, 26
"""Widths of names, plot and figures, and the height of a row, in pixels."""

_SIDE, _MARGIN = 150, 4
"""Edge of a small panel's plot and the air around it, in pixels."""


def forest(report: Figures) -> str:
    """Every label's AUC with its interval, best first, and the averages below."""
    rows = [(r.label, r.roc_auc, r.roc_auc_interval, r.metadata_roc_auc) for r in by_auc(report)]
    means = [(name, a.roc_auc, a.roc_auc_interval, float("nan")) for name, a in averages(report)]
    figures = [v for _, auc, i, blind in (*rows, *means) for v in (auc, i.low, i.high, blind)]
    low = min(0.5, floor(10 * min([v for v in figures if not isnan(v)], default=0.5)) / 10)

    def x(value: float) -> float:
        return _LEFT + (value - low) / (1 - low) * _PLOT

    bottom = _ROW * (len(rows) + len(means)) + 14
    parts = []
    for tick in np.arange(round(low * 10), 11) / 10:
        shade = "#9a9a9a" if tick == 0.5 else "#e3e3e3"
        parts.append(f'<path d="M{x(tick):.1f} 4V{bottom - 4}" stroke="{shade}"/>')
        parts.append(f'<text x="{x(tick):.1f}" y="{bottom + 12}" class="tick">{tick:.1f}</text>')
    for i, (name, auc, interval, blind) in enumerate((*rows, *means)):
        y = _ROW * i + _ROW / 2 + (10 if i >= len(rows) else 0)
        mean = i >= len(rows)
        parts.append(f'<g transform="translate(0 {y})">')
        parts.append(_forest_row(name, auc, interval, x, mean=mean) + _diamond(blind, x) + "</g>")
    rule = _ROW * len(rows) + 5
    parts.append(f'<path d="M0 {rule}H{_LEFT + _PLOT + _RIGHT}" stroke="#9a9a9a"/>')
    return _svg(
        _LEFT + _PLOT + _RIGHT, bottom + 20, "".join(parts), "ROC AUC of each label", "forest"
    )


def by_auc(report: Figures) -> list[LabelRow]:
    """The rows, best AUC first, undefined ones last."""
    return sorted(report.rows, key=lambda r: (isnan(r.roc_auc), -r.roc_auc if r.defined else 0))


def _forest_row(
    name: str, auc: float, interval: Interval, x: Callable[[float], float], *, mean: bool
) -> str:
    """Name, interval, point and figures around the height 0."""
    weight = ' font-weight="600"' if mean else ""
    parts = [f'<text x="{_LEFT - 12}" y="4" text-anchor="end"{weight}>{escape(name)}</text>']
    if isnan(auc):
        undefined = f'<text x="{_LEFT + 8}" y="4" fill="{GREY}">undefined: one class only</text>'
        return parts[0] + undefined
    if interval.defined:
        ends = f"M{x(interval.low):.1f} 0H{x(interval.high):.1f}"
        parts.append(f'<path d="{ends}" stroke="{MODEL}" stroke-width="2.5"/>')
    if mean:
        parts.append(f'<rect x="{x(auc) - 5:.1f}" y="-5" width="10" height="10" fill="{MODEL}"/>')
    else:
        parts.append(f'<circle cx="{x(auc):.1f}" r="5" fill="{MODEL}"/>')
    figures = (
        f"{figure_text(auc)} ({interval_text(interval)})" if interval.defined else figure_text(auc)
    )
    parts.append(f'<text x="{_LEFT + _PLOT + 14}" y="4"{weight}>{figures}</text>')
    return "".join(parts)


def _diamond(value: float, x: Callable[[float], float]) -> str:
    if isnan(value):
        return ""
    shape = f"M{x(value):.1f} -5l5 5l-5 5l-5-5z"
    return f'<path d="{shape}" fill="#fff" stroke="{BASELINE}" stroke-width="1.6"/>'


def panels_roc(report: Figures) -> str:
    """ROC curves, best label first."""

    def draw(row: LabelRow, truth: NDArray[np.float64], score: NDArray[np.float64]) -> str:
        line = _line(*thinned(*roc_curve(truth, score), 120))
        return _reference([0, 1], [0, 1]) + line + _caption(f"AUC {figure_text(row.roc_auc)}")

    return _panels(report, draw, "ROC curve")


def panels_precision_recall(report: Figures) -> str:
    """Precision over recall beside the prevalence, best label first."""

    def draw(row: LabelRow, truth: NDArray[np.float64], score: NDArray[np.float64]) -> str:
        line = _line(*thinned(*precision_recall_curve(truth, score), 120))
        guess = _reference([0, 1], [row.prevalence, row.prevalence])
        return guess + line + _caption(f"AP {figure_text(row.average_precision)}", top=True)

    return _panels(report, draw, "Precision-recall curve")


def panels_reliability(report: Figures) -> str:
    """Observed share over mean score, both axes up to the largest of them, best label first."""

    def draw(row: LabelRow, truth: NDArray[np.float64], score: NDArray[np.float64]) -> str:
        bins = reliability(truth, score)
        mean, seen = np.array([(b.mean_score, b.observed) for b in bins]).T
        edge = min(1.0, 1.05 * max(mean.max(), seen.max(), 1e-3))
        dots = "".join(
            f'<circle cx="{_px(m / edge):.1f}" cy="{_py(s / edge):.1f}" r="2.6" fill="{MODEL}"/>'
            for m, s in zip(mean, seen, strict=True)
        )
        caption = _caption(f"ECE {figure_text(row.ece)}", left=0.92)
        caption += _caption(f"axes to {edge:.2g}", left=0.82)
        return _reference([0, 1], [0, 1]) + _line(mean / edge, seen / edge) + dots + caption

    return _panels(report, draw, "Reliability curve")


def _panels(
    report: Figures,
    draw: Callable[[LabelRow, NDArray[np.float64], NDArray[np.float64]], str],
    what: str,
) -> str:
    scored = report.require_scored()
    figures = []
    for row in by_auc(report):
        i = scored.labels.index(row.label)
        on = scored.known[:, i]
        if row.defined:
            inside = draw(row, scored.y_true[on, i], scored.y_score[on, i])
        else:
            inside = f'<text x="{_px(0.5)}" y="{_py(0.5)}" class="tick">undefined</text>'
        size = _SIDE + 2 * _MARGIN
        frame = (
            f'<rect x="{_MARGIN}" y="{_MARGIN}" width="{_SIDE}" height="{_SIDE}" '
            'fill="none" stroke="#c4c4c4"/>'
        )
        chart = _svg(size, size, frame + inside, f"{what} of {row.label}", "panel")
        caption = f"<b>{escape(row.label)}</b><br>{row.positives:,} of {row.n:,}"
        figures.append(f"<figure>{chart}<figcaption>{caption}</figcaption></figure>")
    return f'<div class="panels">{"".join(figures)}</div>'


def _px(value: float) -> float:
    return _MARGIN + value * _SIDE


def _py(value: float) -> float:
    return _MARGIN + (1 - value) * _SIDE


def _path(
    x: Sequence[float] | NDArray[np.float64], y: Sequence[float] | NDArray[np.float64]
) -> str:
    points = (f"{_px(a):.1f} {_py(b):.1f}" for a, b in zip(x, y, strict=True))
    return "M" + "L".join(points)


def _line(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    return f'<path d="{_path(x, y)}" fill="none" stroke="{MODEL}" stroke-width="1.8"/>'


def _reference(x: Sequence[float], y: Sequence[float]) -> str:
    return f'<path d="{_path(x, y)}" stroke="{GREY}" stroke-dasharray="4 3"/>'


def _caption(text: str, *, top: bool = False, left: float | None = None) -> str:
    """A figure in the corner that the curve leaves free; ``left`` is its height on the left side."""
    if left is not None:
        return f'<text x="{_px(0.04):.1f}" y="{_py(left):.1f}" class="mark">{text}</text>'
    y = _py(0.9) if top else _py(0.04)
    return f'<text x="{_px(0.97):.1f}" y="{y:.1f}" text-anchor="end" class="mark">{text}</text>'


def _svg(width: float, height: float, inside: str, title: str, kind: str) -> str:
    return (
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>{inside}</svg>'
    )
