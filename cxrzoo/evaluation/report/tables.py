"""A report as Markdown and as CSV."""

import csv
import io
from math import isnan

from cxrzoo.evaluation.report.figures import Average, Figures, LabelRow, Subgroup
from cxrzoo.evaluation.report.notes import headline, notes
from cxrzoo.evaluation.report.table import figure_text, interval_text, markdown_table

__all__ = ["averages", "csv_text", "markdown"]


def averages(report: Figures) -> list[tuple[str, Average]]:
    """The averages that the report has, by name."""
    rows = [(f"Macro ({len(report.macro.labels)} labels)", report.macro)]
    if report.macro_findings and len(report.macro_findings.labels) != len(report.macro.labels):
        rows.append(
            (f"Macro ({len(report.macro_findings.labels)} findings)", report.macro_findings)
        )
    return [*rows, ("Micro", report.micro)]


def markdown(report: Figures, *, details: bool) -> str:
    """Tables and notes; labels stay in their order."""
    blocks = [headline(report), _label_table(report), _guess_table(report)]
    if details and report.operating_points:
        blocks.append(_operating_table(report))
    if details and report.subgroups:
        blocks += _subgroups_tables(report)
    blocks.append("\n".join(f"- {note}" for note in notes(report)))
    return "\n\n".join(blocks) + "\n"


def _label_table(report: Figures) -> str:
    share = f"{report.confidence:.0%}"
    header = ["Label", "n", "positives", "ROC AUC", share, "AP", share, "prevalence"]
    rows = [
        [
            row.label,
            str(row.n),
            str(row.positives),
            figure_text(row.roc_auc),
            interval_text(row.roc_auc_interval),
            figure_text(row.average_precision),
            interval_text(row.average_precision_interval),
            figure_text(row.prevalence),
        ]
        for row in report.rows
    ]
    for name, average in averages(report):
        rows.append(
            [
                f"**{name}**",
                "",
                "",
                figure_text(average.roc_auc),
                interval_text(average.roc_auc_interval),
                figure_text(average.average_precision),
                interval_text(average.average_precision_interval),
                "",
            ]
        )
    return markdown_table(header, rows)


def _guess_table(report: Figures) -> str:
    """The figures that a guess without any image also reaches, beside the guess."""
    blind = any(not isnan(row.metadata_roc_auc) for row in report.rows)
    header = ["Beside a guess", "accuracy", "all 'no'", "log loss", "of prevalence", "Brier", "ECE"]
    if blind:
        header += ["AUC without image", "gain", f"{report.confidence:.0%}"]
    rows = []
    for row in report.rows:
        cells = [
            row.label,
            figure_text(row.accuracy),
            figure_text(row.all_negative_accuracy),
            figure_text(row.cross_entropy),
            figure_text(row.prevalence_cross_entropy),
            figure_text(row.brier),
            figure_text(row.ece),
        ]
        if blind:
            cells += [
                figure_text(row.metadata_roc_auc),
                figure_text(row.gain),
                interval_text(row.gain_interval),
            ]
        rows.append(cells)
    overall = [
        "**All cells**",
        figure_text(report.accuracy),
        figure_text(report.all_negative_accuracy),
    ]
    rows.append(overall + [""] * (len(header) - len(overall)))
    return markdown_table(header, rows)


def _operating_table(report: Figures) -> str:
    header = ["At its threshold", "threshold"]
    names = ("sensitivity", "specificity", "ppv", "npv")
    for name in names:
        header += [name if len(name) > 3 else name.upper(), f"{report.confidence:.0%}"]
    rows = []
    for point in report.operating_points:
        cells = [
            point.label,
            f"{point.threshold:.4g}" if point.threshold == point.threshold else "-",
        ]
        for name in names:
            cells += [
                figure_text(getattr(point, name)),
                interval_text(getattr(point, f"{name}_interval")),
            ]
        rows.append(cells)
    return markdown_table(header, rows)


def _subgroups_tables(report: Figures) -> list[str]:
    """A table a subgroup, its values side by side; where there is too little, only how much."""
    tables = []
    for subgroup in dict.fromkeys(s.subgroup for s in report.subgroups):
        within = {(s.label, s.value): s for s in report.subgroups if s.subgroup == subgroup}
        values = list(dict.fromkeys(value for _, value in within))
        rows = [
            [label, *(_subgroup_cell(within[label, value]) for value in values)]
            for label in report.labels
        ]
        tables.append(markdown_table([f"ROC AUC by {subgroup}", *values], rows))
    return tables


def _subgroup_cell(subgroup: Subgroup) -> str:
    if subgroup.too_small:
        return f"{subgroup.positives}+ too few"
    interval = interval_text(subgroup.roc_auc_interval)
    return f"{subgroup.positives}+ {figure_text(subgroup.roc_auc)} ({interval})"


_FIGURES = (
    "n",
    "positives",
    "positive_units",
    "prevalence",
    "roc_auc",
    "average_precision",
    "accuracy",
    "all_negative_accuracy",
    "cross_entropy",
    "prevalence_cross_entropy",
    "brier",
    "ece",
    "one_class_replicates",
    "metadata_roc_auc",
    "gain",
)
_INTERVALS = ("roc_auc", "average_precision", "gain")


def csv_text(report: Figures) -> str:
    """One row a label, then the averages; an undefined figure is 'undefined', an absent one empty."""
    limits = [f"{name}_{side}" for name in _INTERVALS for side in ("low", "high")]
    out = io.StringIO()
    writer = csv.DictWriter(out, ["label", *_FIGURES, *limits], lineterminator="\n")
    writer.writeheader()
    for row in report.rows:
        writer.writerow({"label": row.label, **_figures(row)})
    for name, average in averages(report):
        writer.writerow({"label": name, **_figures(average)})
    return out.getvalue()


def _figures(row: LabelRow | Average) -> dict[str, object]:
    """The columns that this kind of row has; floats in full, so that they read back unchanged."""
    cells: dict[str, object] = {name: getattr(row, name) for name in _FIGURES if hasattr(row, name)}
    for name in _INTERVALS:
        if hasattr(row, f"{name}_interval"):
            interval = getattr(row, f"{name}_interval")
            cells |= {f"{name}_low": interval.low, f"{name}_high": interval.high}
    if isnan(getattr(row, "metadata_roc_auc", 0.0)):
        cells = {k: v for k, v in cells.items() if not k.startswith(("metadata_", "gain"))}
    return {k: "undefined" if isinstance(v, float) and isnan(v) else v for k, v in cells.items()}
