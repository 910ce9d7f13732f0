"""What a reader of a report must be told in words."""

from cxrzoo.evaluation.report.figures import SMALLEST_CLASS, Figures
from cxrzoo.evaluation.statistics.thresholds import Thresholds
from cxrzoo.labels import NO_FINDING


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
    sentences = [_on_intervals(report)]
    if report.undefined:
        sentences.append(
            f"Undefined for {', '.join(report.undefined)}: one class only. They are in no macro "
            f"average, which is taken over the {len(report.macro.labels)} other labels."
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
