"""A report as one HTML page that needs nothing but a browser."""

from collections.abc import Iterable
from dataclasses import replace
from html import escape
from importlib.resources import files
from itertools import groupby
from math import isnan
from os import PathLike
from pathlib import Path

from cxrzoo.evaluation.report import charts, panels, tables
from cxrzoo.evaluation.report.figures import Figures
from cxrzoo.evaluation.report.notes import measured_on, notes
from cxrzoo.evaluation.report.table import Table, figure_text, interval_text
from cxrzoo.files import write_whole

__all__ = ["write_html"]


def write_html(report: Figures, path: str | PathLike[str]) -> Path:
    """Write one self-contained page with tables and plots; it needs no network and no matplotlib.

    Labels are sorted by their AUC. Curves are left out of a report that was loaded without its
    predictions.
    """
    by_auc = sorted(report.rows, key=lambda r: (isnan(r.roc_auc), -r.roc_auc if r.defined else 0))
    return write_whole(path, _page(replace(report, rows=tuple(by_auc))))


def _page(report: Figures) -> str:
    title = escape(report.name or "Evaluation")
    style = (files("cxrzoo.evaluation.report") / "page.css").read_text("utf-8")
    listed = "".join(f"<li>{escape(note)}</li>" for note in notes(report))
    sections = [
        _section("Area under the ROC curve", _forest_key(report), charts.forest(report)),
        *_tables([tables.label_table(report), tables.guess_table(report)]),
        *(_section(one.title, one.key, charts.panels_svg(one)) for one in _curves(report)),
        *_tables([*tables.operating_table(report), *tables.subgroup_tables(report)]),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{style}</style></head><body><main>"
        f"<h1>{title}</h1><p class='lead'>{escape(measured_on(report))}</p>"
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
    how = f"<p class='key'>{escape(key, quote=False)}</p>" if key else ""
    return f"<section><h2>{title}</h2>{how}<div class='wide'>{body}</div></section>"


def _tiles(report: Figures) -> str:
    tiles = [
        (f"{name} ROC AUC", figure_text(a.roc_auc), interval_text(a.roc_auc_interval))
        for name, a in tables.averages(report)
    ]
    guess = f"all 'no': {report.all_negative_accuracy:.1%}"
    tiles.append(("Accuracy at 0.5", f"{report.accuracy:.1%}", guess))
    cells = "".join(
        f"<div><span>{escape(name)}</span><b>{value}</b><span>{escape(below)}</span></div>"
        for name, value, below in tiles
    )
    return f"<div class='tiles'>{cells}</div>"
