"""The tables of a report, and the report as Markdown and as CSV."""

import csv
import io
from collections.abc import Iterable
from dataclasses import fields
from math import isnan
from typing import Final

from cxrzoo.evaluation.report.figures import SMALLEST_CLASS, Average, Figures, LabelRow, Subgroup
from cxrzoo.evaluation.report.label_worth import worth_notes, worth_tables
from cxrzoo.evaluation.report.table import Cell, Table, document, figure
from cxrzoo.evaluation.statistics.thresholds import Thresholds
from cxrzoo.labels import NO_FINDING
from cxrzoo.text import for_csv

_MOST_NAMED: Final = 20
"""Columns that one sentence names."""


def markdown(report: Figures, *, details: bool) -> str:
    """Return tables and notes; labels stay in their order."""
    tables = [label_table(report), guess_table(report), *worth_tables(report)]
    if details:
        tables += [*operating_table(report), *subgroup_tables(report)]
    return document(headline(report), tables, notes(report))


def averages(report: Figures) -> list[tuple[str, Average]]:
    """Return the averages that the report has, by name."""
    rows = [(f"Macro ({len(report.macro.labels)} labels)", report.macro)]
    if report.macro_findings and len(report.macro_findings.labels) != len(report.macro.labels):
        rows.append(
            (f"Macro ({len(report.macro_findings.labels)} findings)", report.macro_findings)
        )
    return [*rows, ("Micro", report.micro)]


def has_metadata_model(report: Figures) -> bool:
    """Return whether a model that sees no image was measured too."""
    return any(not isnan(row.metadata_roc_auc) for row in report.rows)


def _areas(row: LabelRow | Average) -> tuple[Cell, Cell]:
    return (
        figure(row.roc_auc, row.roc_auc_interval),
        figure(row.average_precision, row.average_precision_interval),
    )


def label_table(report: Figures) -> Table:
    """Describe every label's areas, and the averages below."""
    return Table(
        ("Label", "n", "positives", "ROC AUC", "AP", "prevalence"),
        [
            (row.label, f"{row.n:,}", f"{row.positives:,}", *_areas(row), figure(row.prevalence))
            for row in report.rows
        ],
        totals=[(name, "", "", *_areas(average), "") for name, average in averages(report)],
        limits=f"{report.confidence:.0%}",
        title="Every label",
        key="AP is average precision; a coin's is the prevalence.",
    )


def guess_table(report: Figures) -> Table:
    """Describe the figures that a guess without any image also reaches, beside the guess."""
    header = ["Beside a guess", "accuracy", "all 'no'", "log loss", "of prevalence", "Brier", "ECE"]
    has_metadata = has_metadata_model(report)
    header += ["AUC without image", "gain"] if has_metadata else []
    rows: list[list[str | Cell]] = []
    for row in report.rows:
        beside = row.accuracy, row.all_negative_accuracy
        losses = row.cross_entropy, row.prevalence_cross_entropy, row.brier, row.ece
        rows.append([row.label, *map(figure, (*beside, *losses))])
        if has_metadata:
            rows[-1] += figure(row.metadata_roc_auc), figure(row.gain, row.gain_interval)
    overall = map(figure, (report.accuracy, report.all_negative_accuracy))
    return Table(
        header,
        rows,
        totals=[("All cells", *overall, *[""] * (len(header) - 3))],
        limits=f"{report.confidence:.0%}",
        title="Beside a guess",
        key="Accuracy is at a score of 0.5, beside what 'no' to every image scores; log loss stands "
        "beside that of answering the prevalence to every image.",
    )


def operating_table(report: Figures) -> Iterable[Table]:
    """Describe each label at its threshold, where there are thresholds."""
    points = {point.label: point for point in report.operating_points}
    if points:
        yield Table(
            ("At its threshold", "threshold", "sensitivity", "specificity", "PPV", "NPV"),
            [
                (
                    point.label,
                    "-" if isnan(point.threshold) else f"{point.threshold:.4g}",
                    figure(point.sensitivity, point.sensitivity_interval),
                    figure(point.specificity, point.specificity_interval),
                    figure(point.ppv, point.ppv_interval),
                    figure(point.npv, point.npv_interval),
                )
                for point in (points[label] for label in report.labels if label in points)
            ],
            limits=f"{report.confidence:.0%}",
            title="At the chosen thresholds",
        )


def subgroup_tables(report: Figures) -> Iterable[Table]:
    """Describe the subgroups, a table for view, sex, age and follow-up each, values side by side."""
    for name in dict.fromkeys(one.subgroup for one in report.subgroups):
        within = {(s.label, s.value): s for s in report.subgroups if s.subgroup == name}
        values = list(dict.fromkeys(value for _, value in within))
        yield Table(
            (f"ROC AUC by {name.replace('_', '-')}", *values),
            [
                (label, *(_subgroup_cell(within[label, value]) for value in values))
                for label in report.labels
            ],
            title="Within subgroups of the images",
            key="Number of positives (+), ROC AUC and DeLong's interval; too few: positives or negatives "
            "that cannot say anything.",
        )


def _subgroup_cell(subgroup: Subgroup) -> Cell:
    if subgroup.too_small:
        return Cell(before=f"{subgroup.positives:,}+ too few")
    positives = f"{subgroup.positives:,}+"
    return figure(subgroup.roc_auc, subgroup.roc_auc_interval, before=positives)


_FIGURES = [field.name for field in fields(LabelRow) if not field.name.endswith("_interval")]
_LIMITS = [
    (f"{name}_{side}", f"{name}_interval", side)
    for name in ("roc_auc", "average_precision", "gain")
    for side in ("low", "high")
]


def csv_text(report: Figures) -> str:
    """Return a row a label, then the averages; an undefined figure is 'undefined', others are empty."""
    out = io.StringIO()
    columns = [*_FIGURES, *(column for column, _, _ in _LIMITS)]
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    for row in report.rows:
        writer.writerow({**_csv_cells(row), "label": for_csv(row.label)})
    for name, average in averages(report):
        writer.writerow({"label": name, **_csv_cells(average)})
    return out.getvalue()


def _csv_cells(row: LabelRow | Average) -> dict[str, object]:
    """Return the columns that this kind of row has; floats in full, so that they read back unchanged."""
    cells = {name: getattr(row, name) for name in _FIGURES if hasattr(row, name)}
    for column, interval, side in _LIMITS:
        if hasattr(row, interval):
            cells[column] = getattr(getattr(row, interval), side)
    if isnan(cells.get("metadata_roc_auc", 0.0)):
        cells = {k: v for k, v in cells.items() if not k.startswith(("metadata_", "gain"))}
    return {k: "undefined" if isinstance(v, float) and isnan(v) else v for k, v in cells.items()}


def headline(report: Figures) -> str:
    """Return one line: what was measured on what."""
    return f"{report.name or 'Evaluation'}: {measured_on(report)}"


def measured_on(report: Figures) -> str:
    """Return images and patients, and where they are from."""
    of = f" of {report.units:,} patients" if report.unit == "patient" else ""
    where = {"data": report.data, "split": report.split, "part": report.part}
    known = [f"{kind} {value}" for kind, value in where.items() if value]
    return ", ".join([f"{report.n:,} images{of}", *known])


def notes(report: Figures) -> list[str]:
    """Return sentences on intervals, undefined labels, guesses, thresholds and contradictions."""
    sentences = [*worth_notes(report), _on_intervals(report)]
    if report.undefined:
        sentences.append(
            f"Undefined for {', '.join(report.undefined)}: one class only. They are in no macro "
            f"average, which is taken over the {len(report.macro.labels)} other labels."
        )
    for names, whose, why in (
        (report.unmatched_predictions, "predictions", "the truth has no such label"),
        (report.unmatched_truth, "truth", "nothing was predicted for it"),
    ):
        if names:
            more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
            sentences.append(
                f"Not measured of the {whose}, because {why}: {', '.join(names[:_MOST_NAMED])}{more}."
            )
    short = [row for row in report.rows if row.defined and row.one_class_replicates]
    if short:
        counts = ", ".join(f"{row.label} {row.one_class_replicates}" for row in short)
        sentences.append(
            f"Replicates left out because one class was not drawn: {counts}; "
            f"macro {report.macro.one_class_replicates}."
        )
    sentences.append(
        f"A model that says 'no' to everything is right in {report.all_negative_accuracy:.1%} of the "
        f"cells, this one in {report.accuracy:.1%} at a threshold of 0.5. "
        "A coin's AUC is 0.5; its average precision is the prevalence."
    )
    if report.thresholds is not None:
        sentences.append(_on_thresholds(report.thresholds, report.part))
    if small := sum(subgroup.too_small for subgroup in report.subgroups):
        sentences.append(
            f"{small} of {len(report.subgroups)} subgroups have too few positives or negatives "
            f"(under {SMALLEST_CLASS}) to say anything about the model there."
        )
    if report.no_finding is not None:
        found = report.no_finding
        sentences.append(
            f"The answers contradict each other on {found.contradictions:,} of {found.n:,} images: "
            f"{found.finding_and_none:,} say {NO_FINDING!r} and a finding, {found.neither:,} say neither "
            f"(thresholds: {found.thresholds})."
        )
    return sentences


def _on_intervals(report: Figures) -> str:
    if not report.n_bootstrap and report.interval == "bootstrap":
        return "No intervals: the report was made with n_bootstrap=0."
    unit = "patients, whole" if report.unit == "patient" else "images"
    drawn = (
        f"{report.confidence:.0%} intervals: percentiles of {report.n_bootstrap:,} bootstrap replicates "
        f"over {unit} (seed {report.seed})"
    )
    if report.interval == "delong":
        drawn += "; DeLong's for the labels' AUCs"
    if report.unit == "image":
        drawn += ". No groups were given: images of one patient count as independent"
    return f"{drawn}."


def _on_thresholds(thresholds: Thresholds, part: str | None) -> str:
    target = "" if thresholds.target is None else f" {thresholds.target:g}"
    where = f"the part {part!r}" if part else "other images"
    text = (
        f"Thresholds were chosen on the part {thresholds.part!r} by {thresholds.method}{target}; "
        f"what is measured here is {where}."
    )
    if thresholds.undefined:
        text += f" No threshold could be chosen for {', '.join(thresholds.undefined)}."
    return text
