"""A report as one HTML page that needs nothing but a browser."""

from html import escape
from importlib.resources import files
from math import isnan
from os import PathLike
from pathlib import Path

from cxrzoo.evaluation.report.charts import (
    by_auc,
    forest,
    panels_precision_recall,
    panels_reliability,
    panels_roc,
)
from cxrzoo.evaluation.report.figures import Figures, Subgroup
from cxrzoo.evaluation.report.notes import measured_on, notes
from cxrzoo.evaluation.report.table import figure_text, interval_text
from cxrzoo.evaluation.report.tables import averages
from cxrzoo.evaluation.statistics.intervals import Interval
from cxrzoo.files import write_whole

__all__ = ["write_html"]


def write_html(report: Figures, path: str | PathLike[str]) -> Path:
    """Write one self-contained page with tables and plots; it needs no network and no matplotlib.

    Curves are left out of a report that was loaded without its predictions.
    """
    return write_whole(path, _page(report))


def _page(report: Figures) -> str:
    title = escape(report.name or "Evaluation")
    sections = [
        _section("Area under the ROC curve", forest(report), _forest_key(report)),
        _section("Every label", _label_table(report), _TABLE_KEY),
        *_curves(report),
    ]
    if report.operating_points:
        sections.append(_section("At the chosen thresholds", _operating_table(report)))
    if report.subgroups:
        sections.append(
            _section("Within parts of the images", _subgroups_tables(report), _STRATA_KEY)
        )
    style = (files("cxrzoo.evaluation.report") / "page.css").read_text("utf-8")
    said = "".join(f"<li>{escape(note)}</li>" for note in notes(report))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{style}</style></head><body><main>"
        f"<h1>{title}</h1><p class='lead'>{escape(measured_on(report))}</p>"
        f"{_tiles(report)}<ul class='notes'>{said}</ul>{''.join(sections)}"
        "<footer>Made with cxrzoo. For research; not a medical device.</footer>"
        "</main></body></html>\n"
    )


_TABLE_KEY = (
    "Sorted by ROC AUC. AP is average precision; a coin's is the prevalence. Accuracy is at a score "
    "of 0.5, beside what 'no' to every image scores."
)
_STRATA_KEY = (
    "Number of positives (+), ROC AUC and DeLong's interval; too few: positives or negatives that "
    "cannot say anything."
)


def _forest_key(report: Figures) -> str:
    key = f"Blue: the model, with {report.confidence:.0%} intervals."
    if any(not isnan(row.metadata_roc_auc) for row in report.rows):
        key += (
            " Open diamond: a model that sees age, sex and view, but no image. "
            "The distance between the two is what the image adds."
        )
    return key


def _section(title: str, body: str, key: str = "") -> str:
    said = f"<p class='key'>{key}</p>" if key else ""
    return f"<section><h2>{title}</h2>{said}<div class='wide'>{body}</div></section>"


def _curves(report: Figures) -> list[str]:
    if report.scored is None:
        return []
    sections = [
        _section("ROC curves", panels_roc(report), "True- over false-positive rate."),
        _section(
            "Precision and recall",
            panels_precision_recall(report),
            "Precision (up) over recall; the dashed line is the prevalence.",
        ),
    ]
    if report.scored.are_probabilities:
        sections.append(
            _section(
                "Calibration",
                panels_reliability(report),
                "Observed share (up) over mean score in ten bins of equal size; on the dashed line a "
                "score means what it says.",
            )
        )
    return sections


def _tiles(report: Figures) -> str:
    tiles = [
        (f"{name} ROC AUC", figure_text(average.roc_auc), interval_text(average.roc_auc_interval))
        for name, average in averages(report)
    ]
    guess = f"all 'no': {report.all_negative_accuracy:.1%}"
    tiles.append(("Accuracy at 0.5", f"{report.accuracy:.1%}", guess))
    cells = "".join(
        f"<div><span>{escape(name)}</span><b>{value}</b><span>{escape(below)}</span></div>"
        for name, value, below in tiles
    )
    return f"<div class='tiles'>{cells}</div>"


def _label_table(report: Figures) -> str:
    blind = any(not isnan(row.metadata_roc_auc) for row in report.rows)
    header = ["Label", "Positives", "ROC AUC", "AP", "Prevalence", "Accuracy", "All 'no'"]
    header += ["AUC, no image", "Gain"] if blind else []
    rows = []
    for row in by_auc(report):
        cells = [
            escape(row.label),
            f"{row.positives:,}" + (f" <i>of {row.n:,}</i>" if row.n != report.n else ""),
            _with_interval(row.roc_auc, row.roc_auc_interval),
            _with_interval(row.average_precision, row.average_precision_interval),
            figure_text(row.prevalence),
            figure_text(row.accuracy),
            figure_text(row.all_negative_accuracy),
        ]
        if blind:
            cells += [
                figure_text(row.metadata_roc_auc),
                _with_interval(row.gain, row.gain_interval),
            ]
        rows.append(cells)
    return _table(header, rows)


def _operating_table(report: Figures) -> str:
    header = ["Label", "Threshold", "Sensitivity", "Specificity", "PPV", "NPV"]
    points = {point.label: point for point in report.operating_points}
    rows = []
    for row in by_auc(report):
        point = points[row.label]
        shares = [
            _with_interval(getattr(point, name), getattr(point, f"{name}_interval"))
            for name in ("sensitivity", "specificity", "ppv", "npv")
        ]
        threshold = "none" if isnan(point.threshold) else f"{point.threshold:.4g}"
        rows.append([escape(row.label), threshold, *shares])
    return _table(header, rows)


def _subgroups_tables(report: Figures) -> str:
    tables = []
    for subgroup in dict.fromkeys(s.subgroup for s in report.subgroups):
        within = {(s.label, s.value): s for s in report.subgroups if s.subgroup == subgroup}
        values = list(dict.fromkeys(value for _, value in within))
        rows = [
            [escape(row.label), *(_subgroup_cell(within[row.label, value]) for value in values)]
            for row in by_auc(report)
        ]
        name = subgroup.replace("_", "-").capitalize()
        tables.append(_table([name, *map(escape, values)], rows))
    return f"<div class='side'>{''.join(tables)}</div>"


def _subgroup_cell(subgroup: Subgroup) -> str:
    if subgroup.too_small:
        return f"<i>{subgroup.positives:,}+ too few</i>"
    positives = f"<i>{subgroup.positives:,}+</i>"
    return f"{positives} {_with_interval(subgroup.roc_auc, subgroup.roc_auc_interval)}"


def _with_interval(value: float, interval: Interval) -> str:
    if isnan(value):
        return "<i>undefined</i>"
    return (
        f"{figure_text(value)} <i>{interval_text(interval)}</i>"
        if interval.defined
        else figure_text(value)
    )


def _table(header: list[str], rows: list[list[str]]) -> str:
    """Cells are HTML already."""
    head = "".join(f"<th scope='col'>{cell}</th>" for cell in header)
    body = "".join(
        f"<tr><th scope='row'>{first}</th>{''.join(f'<td>{cell}</td>' for cell in rest)}</tr>"
        for first, *rest in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
