"""A report as one HTML page that needs nothing but a browser: no library, font or script to fetch."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import floor, isnan, nan
from os import PathLike
from pathlib import Path
from urllib.parse import quote

import numpy as np

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.report import panels, tables
from cxrzoo.evaluation.report.drawing import draw_panels, svg
from cxrzoo.evaluation.report.figures import Figures
from cxrzoo.evaluation.report.html import page, section, table_sections
from cxrzoo.evaluation.report.label_worth import WORTH_KEY, draw_worth, worth_tables
from cxrzoo.evaluation.report.table import figure_text, interval_text
from cxrzoo.evaluation.report.tables import measured_on, notes
from cxrzoo.evaluation.statistics.intervals import Interval
from cxrzoo.files import write_whole
from cxrzoo.text import for_page
from cxrzoo.typed import check_arguments

_LEFT, _PLOT, _RIGHT, _ROW = 190, 400, 170, 26
"""Widths of names, plot and figures, and the height of a row, in pixels."""


def write_html(
    report: Figures, path: str | PathLike[str], *, cases_page: str | None = None
) -> Path:
    """Write one self-contained page with tables and plots; it needs no network and no matplotlib.

    Labels are sorted by their AUC. Curves are left out of a report that was loaded without its
    predictions.

    Args:
        report: What is shown.
        path: Where to.
        cases_page: Name of a file beside it, by `write_cases_html`, that the page has a link to.
    """
    check_arguments(write_html, locals(), EvaluationError)
    by_auc = sorted(report.rows, key=lambda r: (isnan(r.roc_auc), -r.roc_auc if r.defined else 0))
    return write_whole(path, _page(replace(report, rows=tuple(by_auc)), cases_page))


def _page(report: Figures, cases_page: str | None) -> str:
    beside = quote(cases_page or "", safe="", errors="replace")
    link = f"<p><a href='{beside}'>Cases of each label</a></p>"
    return page(
        report.name or "Evaluation",
        measured_on(report),
        _tiles(report),
        notes(report),
        [
            *([link] if cases_page else []),
            section("Area under the ROC curve", _forest_key(report), _forest(report)),
            *table_sections([tables.label_table(report), tables.guess_table(report)]),
            *(section(one.title, one.key, draw_panels(one)) for one in _curves(report)),
            *_worth(report),
            *table_sections([*tables.operating_table(report), *tables.subgroup_tables(report)]),
        ],
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


def _worth(report: Figures) -> Iterable[str]:
    """Draw what NIH's labels are worth, where the report is on them, and give the figures."""
    for table in worth_tables(report):
        yield section(table.title, WORTH_KEY, draw_worth(report))
        yield section("The same in figures", table.key, table.to_html())


def _curves(report: Figures) -> Iterable[panels.Panels]:
    if report.scored is not None:
        yield panels.roc_panels(report)
        yield panels.precision_recall_panels(report)
        if report.scored.are_probabilities:
            yield panels.reliability_panels(report)


def _tiles(report: Figures) -> list[tuple[str, str, str]]:
    tiles = [
        (f"{name} ROC AUC", figure_text(a.roc_auc), interval_text(a.roc_auc_interval))
        for name, a in tables.averages(report)
    ]
    guess = f"all 'no': {report.all_negative_accuracy:.1%}"
    return [*tiles, ("Accuracy at 0.5", f"{report.accuracy:.1%}", guess)]


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
    return svg(
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
