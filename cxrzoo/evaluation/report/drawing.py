"""Small plots as SVG, drawn from what `panels` describes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from cxrzoo.evaluation.report import panels
from cxrzoo.evaluation.statistics.auc import thinned
from cxrzoo.evaluation.statistics.intervals import Interval
from cxrzoo.text import for_page

_SIDE, _MARGIN = 150, 4
"""Edge of a small panel's plot and the air around it, in pixels."""


def draw_panels(drawn: panels.Panels) -> str:
    """Return HTML with a small panel for each label."""
    size = _SIDE + 2 * _MARGIN
    frame = (
        f'<rect x="{_MARGIN}" y="{_MARGIN}" width="{_SIDE}" height="{_SIDE}" '
        'fill="none" stroke="#c4c4c4"/>'
    )
    undefined = f'<text x="{_px(0.5)}" y="{_py(0.5)}" class="tick">undefined</text>'
    figures = []
    for row, panel in drawn.panels:
        inside = frame + (_draw_panel(panel, drawn) if panel else undefined)
        chart = svg(size, size, inside, f"{drawn.title}: {row.label}", "panel")
        caption = f"<b>{for_page(row.label)}</b><br>{row.positives:,} of {row.n:,}"
        figures.append(f"<figure>{chart}<figcaption>{caption}</figcaption></figure>")
    return f'<div class="panels">{"".join(figures)}</div>'


def _draw_panel(panel: panels.Panel, drawn: panels.Panels) -> str:
    x, y = (values / panel.edge for values in thinned(panel.x, panel.y, 120))
    guess = _path((0, 1), [height / panel.edge for height in panel.guess])
    parts = [
        f'<path d="{guess}" stroke="{panels.GREY}" stroke-dasharray="4 3"/>',
        *(
            f'<path d="{_path(a, b)}" fill="none" stroke="{panels.BASELINE}" stroke-width="1.2"/>'
            for a, b in panel.beside
        ),
        f'<path d="{_path(x, y)}" fill="none" stroke="{panels.MODEL}" stroke-width="1.8"/>',
    ]
    for a, b in zip(x, y, strict=True) if drawn.dots else ():
        parts.append(f'<circle cx="{_px(a):.1f}" cy="{_py(b):.1f}" r="2.6" fill="{panels.MODEL}"/>')
    for a, b, hollow in panel.points:
        fill = "#fff" if hollow else "#1c1c1c"
        place = f'cx="{_px(a):.1f}" cy="{_py(b):.1f}"'
        parts.append(f'<circle {place} r="3.4" fill="{fill}" stroke="#1c1c1c" stroke-width="1.2"/>')
    at, height = drawn.mark_at
    anchor = ' text-anchor="end"' if at > 0.5 else ""
    marks = [panel.mark, f"axes to {panel.edge:.2g}"] if panel.edge < 1 else [panel.mark]
    for i, mark in enumerate(marks):
        place = f'x="{_px(at):.1f}" y="{_py(height - 0.1 * i):.1f}"'
        parts.append(f'<text {place}{anchor} class="mark">{for_page(mark)}</text>')
    return "".join(parts)


def _px(value: float) -> float:
    return _MARGIN + value * _SIDE


def _py(value: float) -> float:
    return _MARGIN + (1 - value) * _SIDE


def _path(x: Iterable[float], y: Iterable[float]) -> str:
    return "M" + "L".join(f"{_px(a):.1f} {_py(b):.1f}" for a, b in zip(x, y, strict=True))


def svg(width: float, height: float, inside: str, title: str, kind: str) -> str:
    """Return an image of this size in pixels, with a title for those who cannot see it."""
    return (
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{for_page(title)}"><title>{for_page(title)}</title>{inside}</svg>'
    )


@dataclass(frozen=True)
class Dot:
    """A figure with its interval, in a colour; hollow ones are diamonds."""

    value: float
    interval: Interval
    colour: str
    hollow: bool = False


@dataclass(frozen=True)
class Line:
    """A name, its figures one below the other, and a text to the right."""

    name: str
    dots: Sequence[Dot]
    text: str = ""


_LEFT, _PLOT, _LETTER = 190, 400, 7.4
_PITCH, _GAP = 10, 14
"""Height of a figure, and the air between two names, in pixels."""


def draw_forest(
    lines: Sequence[Line], *, low: float, high: float, title: str, reference: float = 0.0
) -> str:
    """Return names with figures and intervals over a common axis, as SVG.

    Args:
        lines: From the top down.
        low: Where the axis begins.
        high: Where it ends.
        title: For those who cannot see it.
        reference: Where a darker line stands.
    """

    def x(value: float) -> float:
        return _LEFT + (min(max(value, low), high) - low) / (high - low) * _PLOT

    heights = [_PITCH * len(line.dots) + _GAP for line in lines]
    bottom = sum(heights) + 8
    parts = []
    for tick in np.linspace(low, high, 11 if high - low <= 1 else 9).round(2):
        shade = "#9a9a9a" if tick == reference else "#e3e3e3"
        parts.append(f'<path d="M{x(tick):.1f} 4V{bottom - 4}" stroke="{shade}"/>')
        parts.append(f'<text x="{x(tick):.1f}" y="{bottom + 12}" class="tick">{tick:g}</text>')
    top = 4.0
    for line, height in zip(lines, heights, strict=True):
        middle = top + height / 2
        parts.append(
            f'<text x="{_LEFT - 12}" y="{middle + 4:.1f}" text-anchor="end">{for_page(line.name)}</text>'
        )
        for i, dot in enumerate(line.dots):
            parts.append(_dot(dot, top + _GAP / 2 + _PITCH * (i + 0.5), x))
        place = f'x="{_LEFT + _PLOT + 14}" y="{middle + 4:.1f}"'
        parts.append(f"<text {place}>{for_page(line.text)}</text>")
        top += height
    right = 28 + _LETTER * max((len(line.text) for line in lines), default=0)
    return svg(round(_LEFT + _PLOT + right), bottom + 20, "".join(parts), title, "forest")


def _dot(dot: Dot, y: float, x: Callable[[float], float]) -> str:
    if isnan(dot.value):
        return ""
    parts = []
    if dot.interval.defined:
        ends = f"M{x(dot.interval.low):.1f} {y:.1f}H{x(dot.interval.high):.1f}"
        parts.append(f'<path d="{ends}" stroke="{dot.colour}" stroke-width="2"/>')
    if dot.hollow:
        shape = f"M{x(dot.value):.1f} {y - 4.5:.1f}l4.5 4.5l-4.5 4.5l-4.5-4.5z"
        parts.append(f'<path d="{shape}" fill="#fff" stroke="{dot.colour}" stroke-width="1.6"/>')
    else:
        parts.append(f'<circle cx="{x(dot.value):.1f}" cy="{y:.1f}" r="4" fill="{dot.colour}"/>')
    return "".join(parts)
