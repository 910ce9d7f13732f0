"""A report as one HTML page that needs nothing but a browser: no library, font or script to fetch."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib.resources import files
from itertools import groupby
from math import floor, isnan, nan
from os import PathLike
from pathlib import Path

import numpy as np

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.report import panels, tables
from cxrzoo.evaluation.report.figures import Figures
from cxrzoo.evaluation.report.table import Table, figure_text, interval_text
from cxrzoo.evaluation.report.tables import measured_on, notes
from cxrzoo.evaluation.statistics.auc import thinned
from cxrzoo.evaluation.statistics.intervals import Interval
from cxrzoo.files import write_whole
from cxrzoo.text import for_page
from cxrzoo.typed import check_arguments

_LEFT, _PLOT, _RIGHT, _ROW = 190, 400, 170, 26
"""Widths of names, plot and figures, and the height of a row, in pixels."""

_SIDE, _MARGIN = 150, 4
"""Edge of a small panel's plot and the air around it, in pixels."""


def write_html(report: Figures, path: str | PathLike[str]) -> Path:
    """Write one self-contained page with tables and plots; it needs no network and no matplotlib.

    Labels are sorted by their AUC. Curves are left out of a report that was loaded without its
    predictions.
    """
    check_arguments(write_html, locals(), EvaluationError)
    by_auc = sorted(report.rows, key=lambda r: (isnan(r.roc_auc), -r.roc_auc if r.defined else 0))
    return write_whole(path, _page(replace(report, rows=tuple(by_auc))))


def _page(report: Figures) -> str:
    title = for_page(report.name or "Evaluation")
    style = (files("cxrzoo.evaluation.report") / "page.css").read_text("utf-8")
    listed = "".join(f"<li>{for_page(note)}</li>" for note in notes(report))
    sections = [
        _section("Area under the ROC curve", _forest_key(report), _forest(report)),
        *_tables([tables.label_table(report), tables.guess_table(report)]),
        *(_section(one.title, one.key, _panels(one)) for one in _curves(report)),
        *_tables([*tables.operating_table(report), *tables.subgroup_tables(report)]),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{style}</style></head><body><main>"
        f"<h1>{title}</h1><p class='lead'>{for_page(measured_on(report))}</p>"
        f"{_tiles(report)}<ul class='notes'>{listed}</ul>{''.join(sections)}"
        "<footer>Made with cxrzoo. For research; not a medical device.</footer>"
        "</main></body></html>\n"
    )


def _forest_key(report: Figures) -> str:
    key = (
        f"Blue: the model, with {report.confidence:.0%} intervals. Sorted by ROC AUC, as all below."
    )
    if tables.has_metadata_model(report):
        key += (
            " Open diamond: a model that sees age, sex and view, but no image. "
            "The distance between the two is what the image adds."
        )
    return key


def _curves(report: Figures) -> Iterable[panels.Panels]:
    if report.scored is not None:
        yield panels.roc_panels(report)
        yield panels.precision_recall_panels(report)
        if report.scored.are_probabilities:
            yield panels.reliability_panels(report)


def _tables(described: Iterable[Table]) -> Iterable[str]:
    """Give a section a title; tables of the same title, the subgroups', stand side by side."""
    for (title, key), alike in groupby(described, lambda table: (table.title, table.key)):
        body = "".join(table.to_html() for table in alike)
        yield _section(title, key, f"<div class='side'>{body}</div>")


def _section(title: str, key: str, body: str) -> str:
    how = f"<p class='key'>{for_page(key)}</p>" if key else ""
    return f"<section><h2>{for_page(title)}</h2>{how}<div class='wide'>{body}</div></section>"


def _tiles(report: Figures) -> str:
    tiles = [
        (f"{name} ROC AUC", figure_text(a.roc_auc), interval_text(a.roc_auc_interval))
        for name, a in tables.averages(report)
    ]
    guess = f"all 'no': {report.all_negative_accuracy:.1%}"
    tiles.append(("Accuracy at 0.5", f"{report.accuracy:.1%}", guess))
    cells = "".join(
        f"<div><span>{for_page(name)}</span><b>{value}</b><span>{for_page(below)}</span></div>"
        for name, value, below in tiles
    )
    return f"<div class='tiles'>{cells}</div>"


def _forest(report: Figures) -> str:
    """Draw every label's AUC with its interval, and the averages below."""
    rows = [(r.label, r.roc_auc, r.roc_auc_interval, r.metadata_roc_auc) for r in report.rows]
    means = [(name, a.roc_auc, a.roc_auc_interval, nan) for name, a in tables.averages(report)]
    figures = [v for _, auc, i, other in (*rows, *means) for v in (auc, i.low, i.high, other)]
    low = min(0.5, floor(10 * min([v for v in figures if not isnan(v)], default=0.5)) / 10)

    def x(value: float) -> float:
        return _LEFT + (value - low) / (1 - low) * _PLOT

    bottom = _ROW * (len(rows) + len(means)) + 14
    parts = []
    for tick in np.arange(round(low * 10), 11) / 10:
        shade = "#9a9a9a" if tick == 0.5 else "#e3e3e3"
        parts.append(f'<path d="M{x(tick):.1f} 4V{bottom - 4}" stroke="{shade}"/>')
        parts.append(f'<text x="{x(tick):.1f}" y="{bottom + 12}" class="tick">{tick:.1f}</text>')
    for i, (name, auc, interval, without_image) in enumerate((*rows, *means)):
        y = _ROW * i + _ROW / 2 + (10 if i >= len(rows) else 0)
        parts.append(f'<g transform="translate(0 {y})">')
        parts.append(_forest_row(name, auc, interval, x, mean=i >= len(rows)))
        parts.append(_diamond(without_image, x) + "</g>")
    rule = _ROW * len(rows) + 5
    parts.append(f'<path d="M0 {rule}H{_LEFT + _PLOT + _RIGHT}" stroke="#9a9a9a"/>')
    return _svg(
        _LEFT + _PLOT + _RIGHT, bottom + 20, "".join(parts), "ROC AUC of each label", "forest"
    )


def _forest_row(
    name: str, auc: float, interval: Interval, x: Callable[[float], float], *, mean: bool
) -> str:
    """Draw name, interval, point and figures around the height 0."""
    weight = ' font-weight="600"' if mean else ""
    parts = [f'<text x="{_LEFT - 12}" y="4" text-anchor="end"{weight}>{for_page(name)}</text>']
    if isnan(auc):
        undefined = (
            f'<text x="{_LEFT + 8}" y="4" fill="{panels.GREY}">undefined: one class only</text>'
        )
        return parts[0] + undefined
    if interval.defined:
        ends = f"M{x(interval.low):.1f} 0H{x(interval.high):.1f}"
        parts.append(f'<path d="{ends}" stroke="{panels.MODEL}" stroke-width="2.5"/>')
    if mean:
        parts.append(
            f'<rect x="{x(auc) - 5:.1f}" y="-5" width="10" height="10" fill="{panels.MODEL}"/>'
        )
    else:
        parts.append(f'<circle cx="{x(auc):.1f}" r="5" fill="{panels.MODEL}"/>')
    limits = f" ({interval_text(interval)})" if interval.defined else ""
    parts.append(f'<text x="{_LEFT + _PLOT + 14}" y="4"{weight}>{figure_text(auc)}{limits}</text>')
    return "".join(parts)


def _diamond(value: float, x: Callable[[float], float]) -> str:
    if isnan(value):
        return ""
    shape = f"M{x(value):.1f} -5l5 5l-5 5l-5-5z"
    return f'<path d="{shape}" fill="#fff" stroke="{panels.BASELINE}" stroke-width="1.6"/>'


def _panels(drawn: panels.Panels) -> str:
    """Draw a small panel for each label."""
    size = _SIDE + 2 * _MARGIN
    frame = (
        f'<rect x="{_MARGIN}" y="{_MARGIN}" width="{_SIDE}" height="{_SIDE}" '
        'fill="none" stroke="#c4c4c4"/>'
    )
    undefined = f'<text x="{_px(0.5)}" y="{_py(0.5)}" class="tick">undefined</text>'
    figures = []
    for row, panel in drawn.panels:
        inside = frame + (_panel(panel, drawn) if panel else undefined)
        chart = _svg(size, size, inside, f"{drawn.title}: {row.label}", "panel")
        caption = f"<b>{for_page(row.label)}</b><br>{row.positives:,} of {row.n:,}"
        figures.append(f"<figure>{chart}<figcaption>{caption}</figcaption></figure>")
    return f'<div class="panels">{"".join(figures)}</div>'


def _panel(panel: panels.Panel, drawn: panels.Panels) -> str:
    x, y = (values / panel.edge for values in thinned(panel.x, panel.y, 120))
    guess = _path((0, 1), [height / panel.edge for height in panel.guess])
    parts = [
        f'<path d="{guess}" stroke="{panels.GREY}" stroke-dasharray="4 3"/>',
        f'<path d="{_path(x, y)}" fill="none" stroke="{panels.MODEL}" stroke-width="1.8"/>',
    ]
    for a, b in zip(x, y, strict=True) if drawn.dots else ():
        parts.append(f'<circle cx="{_px(a):.1f}" cy="{_py(b):.1f}" r="2.6" fill="{panels.MODEL}"/>')
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


def _svg(width: float, height: float, inside: str, title: str, kind: str) -> str:
    return (
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{for_page(title)}"><title>{for_page(title)}</title>{inside}</svg>'
    )
