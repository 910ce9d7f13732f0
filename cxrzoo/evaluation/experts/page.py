"""A report on radiologists as one HTML page that needs nothing but a browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.experts import tables
from cxrzoo.evaluation.experts.figures import ExpertRow, Position
from cxrzoo.evaluation.experts.report import ExpertReport
from cxrzoo.evaluation.report.drawing import Dot, Line, draw_forest, draw_panels
from cxrzoo.evaluation.report.html import page, section, table_sections
from cxrzoo.evaluation.report.panels import BASELINE, GREY, MODEL, Panel, Panels
from cxrzoo.evaluation.report.plots import draw_file
from cxrzoo.evaluation.report.table import figure_text, interval_text
from cxrzoo.files import write_whole
from cxrzoo.typed import check_arguments

_COLOURS: Final[dict[Position, str]] = {"above": MODEL, "below": BASELINE}


def write_expert_html(report: ExpertReport, path: str | PathLike[str]) -> Path:
    """Write one self-contained page of a report on radiologists: curves, readers' points and tables.

    Raises:
        OSError: The file cannot be written.
    """
    check_arguments(write_expert_html, locals(), EvaluationError)
    return write_whole(path, _page(report))


def plot_expert_roc(report: ExpertReport, path: str | PathLike[str]) -> Path:
    """Write ROC curves against radiologists and label with every reader, as PNG, SVG or PDF.

    Raises:
        EvaluationError: The name has another suffix.
        MissingExtraError: matplotlib is not installed.
    """
    check_arguments(plot_expert_roc, locals(), EvaluationError)
    return draw_file(expert_panels(report), path)


def _page(report: ExpertReport) -> str:
    both_ways, positions, precision, worth, readers, *points = report.tables()
    panels = expert_panels(report)
    sections = [
        section(both_ways.title, _BOTH_WAYS, _forest(report)),
        section("The same in figures", both_ways.key, both_ways.to_html()),
        section(panels.title, panels.key, draw_panels(panels)),
        section("The model minus each reader", _DIFFERENCES, _differences(report)),
        *table_sections([positions, precision]),
        section(worth.title, _WORTH, _worth(report)),
        section("The labels in figures", worth.key, worth.to_html()),
        *table_sections([readers, *points]),
    ]
    title = f"{report.name} beside radiologists"
    return page(title, report.measured_on(), _tiles(report), report.notes(), sections)


def _tiles(report: ExpertReport) -> Iterator[tuple[str, str, str]]:
    mean, n = report.mean, len(report.mean.labels)
    for name, value, interval in (
        ("AUC against the label", mean.label_auc, mean.label_auc_interval),
        ("AUC against radiologists", mean.expert_auc, mean.expert_auc_interval),
        ("difference", mean.difference, mean.difference_interval),
    ):
        yield f"{name} ({n} labels)", figure_text(value), interval_text(interval)


_BOTH_WAYS: Final = (
    "Blue: AUC against the majority of the radiologists. Open diamond: AUC against the data set's label, "
    "on the same images."
)


def _forest(report: ExpertReport) -> str:
    lines = [
        Line(
            row.label,
            (
                Dot(row.expert_auc, row.expert_auc_interval, MODEL),
                Dot(row.label_auc, row.label_auc_interval, BASELINE, hollow=True),
            ),
            f"{figure_text(row.expert_auc)} and {figure_text(row.label_auc)}",
        )
        for row in report.rows
    ]
    title = "ROC AUC against radiologists and against the label"
    return draw_forest(lines, low=0.0, high=1.0, reference=0.5, title=title)


@dataclass(frozen=True)
class _Titled:
    label: str
    positives: int
    n: int


def expert_panels(report: ExpertReport) -> Panels:
    """Describe ROC curves both ways with every reader's point."""
    return Panels(
        title="ROC curves, and the readers",
        key="True- over false-positive rate. Blue: against the majority of the radiologists; vermilion: "
        "against the data set's label. Dots are readers against the same majority: filled ones had no "
        "vote in it, hollow ones had, which flatters them.",
        x="false-positive rate",
        y="true-positive rate",
        panels=tuple(
            (_Titled(row.label, row.expert_positives, row.n), _panel(report, row))
            for row in report.rows
        ),
        mark_at=(0.97, 0.05),
    )


def _panel(report: ExpertReport, row: ExpertRow) -> Panel | None:
    if not row.expert_curve:
        return None
    points = tuple(
        (1 - one.specificity, one.sensitivity, one.on_panel)
        for one in report.points
        if one.label == row.label and one.against == "majority"
    )
    return Panel(
        *_curve(row.expert_curve),
        (0, 1),
        f"AUC {figure_text(row.expert_auc)}",
        beside=(_curve(row.label_curve),) if row.label_curve else (),
        points=points,
    )


def _curve(
    points: tuple[tuple[float, float], ...],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.array(points, np.float64).T
    return x, y


_DIFFERENCES: Final = (
    "The model's sensitivity at each reader's false-positive rate, minus the reader's, a dot a reader; "
    "readers are judged by the majority of the others. Blue: the model's curve passes above the reader; "
    "vermilion: below; grey: the interval holds 0, or there are too few positives to say."
)


def _differences(report: ExpertReport) -> str:
    lines = []
    for row in report.rows:
        its = [p for p in report.points if p.label == row.label and p.against == "others"]
        dots = [
            Dot(p.difference, p.difference_interval, _COLOURS.get(p.position, GREY)) for p in its
        ]
        counts = [[p.position for p in its].count(side) for side in ("above", "through", "below")]
        text = f"{counts[0]} above, {counts[1]} through, {counts[2]} below" if any(counts) else ""
        lines.append(Line(row.label, dots, text or "too few"))
    title = "The model's sensitivity minus each reader's"
    return draw_forest(lines, low=-1.0, high=1.0, title=title)


_WORTH: Final = (
    "Blue: the share of the label's positives that the radiologists confirm (PPV). Open diamond: the "
    "share of the radiologists' positives that have the label (sensitivity)."
)


def _worth(report: ExpertReport) -> str:
    lines = [
        Line(
            row.label,
            (
                Dot(row.ppv, row.ppv_interval, MODEL),
                Dot(row.sensitivity, row.sensitivity_interval, BASELINE, hollow=True),
            ),
            f"{row.both:,} of {row.label_positives:,}; {row.both:,} of {row.expert_positives:,}",
        )
        for row in report.scorecard.rows
    ]
    return draw_forest(lines, low=0.0, high=1.0, title=tables.scorecard_table(()).title)
