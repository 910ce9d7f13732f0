"""`expert_report`: a model's report beside what several radiologists said of the same images."""

from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data import ExpertReads
from cxrzoo.errors import EvaluationError, argument
from cxrzoo.evaluation.experts.figures import NO_MEAN, ExpertMean, ExpertRow, ReaderPoint
from cxrzoo.evaluation.experts.reader_points import Finding, drawn_curve
from cxrzoo.evaluation.experts.report import ExpertReport
from cxrzoo.evaluation.experts.scoring import (
    check_options,
    labels_read,
    limits_of,
    rows_read,
    scorecard_of,
    units_of,
)
from cxrzoo.evaluation.report.report import Report
from cxrzoo.evaluation.scored import Scored
from cxrzoo.evaluation.statistics.agreement import replicate
from cxrzoo.evaluation.statistics.bootstrap import Areas, rank_labels, replicate_areas
from cxrzoo.evaluation.statistics.intervals import UNDEFINED
from cxrzoo.typed import check_arguments

_Array = NDArray[np.float64]


def expert_report(
    report: Report,
    experts: ExpertReads,
    *,
    n_bootstrap: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> ExpertReport:
    """Set a model beside radiologists: on the images of its report that they read.

    Args:
        report: Of the model against a data set's own labels, such as NIH's; it must still have its
            predictions and know its images by name (`evaluate`, `evaluate_predictions`, or
            `auc_report` with ``images``).
        experts: What each reader said (`read_expert_reads`).
        n_bootstrap: Replicates over patients, who are those of ``experts``; 0 leaves intervals out.
        seed: Of the replicates.
        confidence: Nominal coverage.

    Raises:
        EvaluationError: The report has no predictions or no names of images, or the two have no image
            or no label in common.
    """
    check_arguments(expert_report, locals(), EvaluationError)
    check_options(n_bootstrap, seed, confidence)
    confidence = float(confidence)
    scored, kept, labels = matched(report, experts)
    units, n_units, unit = units_of(kept)
    places = [kept.labels.index(name) for name in labels.values()]
    majority = kept.majority[:, places].astype(np.float64)
    by_label = chain(
        rank_labels(_with(scored, scored.y_true, units)),
        rank_labels(_with(scored, majority, units)),
    )
    areas = replicate_areas(by_label, n_units, n_bootstrap, seed)
    findings = [
        Finding(label, scored.y_score[:, j], majority[:, j], kept.reads[:, :, places[j]], units)
        for j, label in enumerate(labels)
    ]

    def measure(weights: NDArray[np.int32]) -> _Array:
        return np.concatenate([finding.measure(weights) for finding in findings])

    whole, replicates = replicate(measure, n_units, n_bootstrap, seed)
    rows: list[ExpertRow] = []
    points: list[ReaderPoint] = []
    start = 0
    for j, finding in enumerate(findings):
        own = slice(start, start + finding.figures)
        start = own.stop
        values, drawn = whole[own], replicates[:, own]
        figures = _areas(areas, j, len(labels), confidence)
        for name, truth in (("label", scored.y_true[:, j]), ("expert", majority[:, j])):
            if not _spread(truth, units):
                figures[f"{name}_auc_interval"] = figures[f"{name}_ap_interval"] = UNDEFINED
                figures["difference_interval"] = UNDEFINED
        in_range = limits_of(values[0], drawn[:, 0], confidence)
        rows.append(
            ExpertRow(
                label=finding.label,
                n=len(scored.y_true),
                label_positives=int((scored.y_true[:, j] == 1).sum()),
                expert_positives=int((majority[:, j] == 1).sum()),
                range_low=finding.low,
                range_high=finding.high,
                sensitivity_in_range=float(values[0]),
                sensitivity_in_range_interval=in_range,
                label_curve=drawn_curve(scored.y_true[:, j], finding.score),
                expert_curve=drawn_curve(majority[:, j], finding.score),
                **figures,
            )
        )
        points += finding.points(kept, n_units, values[1:], drawn[:, 1:], confidence)
    return ExpertReport(
        rows=tuple(rows),
        mean=_mean(rows, areas, confidence),
        points=tuple(points),
        scorecard=scorecard_of(
            kept,
            scored.y_true,
            labels=tuple(labels.values()),
            named=tuple(labels),
            population={},
            n_bootstrap=n_bootstrap,
            seed=seed,
            confidence=confidence,
            data=report.data or "the report's labels",
        ),
        n=len(scored.y_true),
        units=n_units,
        unit=unit,
        left_out=report.n - len(scored.y_true),
        unread=tuple(label for label in report.labels if label not in labels),
        confidence=confidence,
        n_bootstrap=n_bootstrap,
        seed=seed,
        name=report.name or "The model",
        data=report.data or "of the report",
        source=kept.name,
    )


def matched(report: Report, experts: ExpertReads) -> tuple[Scored, ExpertReads, dict[str, str]]:
    """Return a report's images and labels that were read, the reads of them, and both names of a label.

    Raises:
        EvaluationError: There are none, or the report does not name its images.
    """
    scored = report.require_scored()
    if not scored.images:
        raise EvaluationError(
            "report must know its images by name, so that they can be found among those that were read; "
            f"measure again with {argument('images', [...])}"
        )
    read, at = rows_read(experts, scored.images, of="report")
    labels = labels_read(report.labels, experts.labels, of="experts")
    columns = np.array([scored.labels.index(label) for label in labels])
    cut = Scored(
        tuple(labels),
        scored.y_true[np.ix_(at, columns)],
        scored.y_score[np.ix_(at, columns)],
        None,
        tuple(scored.images[i] for i in at),
    )
    return cut, experts.take(read), labels


def _with(scored: Scored, truth: _Array, units: NDArray[np.intp]) -> Scored:
    return Scored(scored.labels, truth, scored.y_score, units, scored.images)


def _spread(truth: _Array, units: NDArray[np.intp]) -> bool:
    """Return whether each class is of two patients at least; one shows not how patients differ."""
    return min(len(np.unique(units[truth == side])) for side in (0, 1)) > 1


def _areas(areas: Areas, j: int, k: int, confidence: float) -> dict[str, Any]:
    """Return label ``j``'s areas against the label and, ``k`` places on, against the radiologists."""
    figures: dict[str, Any] = {}
    for name, place in (("label", j), ("expert", k + j)):
        for kind, values, drawn in (
            ("auc", areas.roc_auc, areas.roc_auc_replicates),
            ("ap", areas.average_precision, areas.average_precision_replicates),
        ):
            figures[f"{name}_{kind}"] = float(values[place])
            limits = limits_of(values[place], drawn[:, place], confidence)
            figures[f"{name}_{kind}_interval"] = limits
    figures["difference"] = float(areas.roc_auc[k + j] - areas.roc_auc[j])
    paired = areas.roc_auc_replicates[:, k + j] - areas.roc_auc_replicates[:, j]
    figures["difference_interval"] = limits_of(figures["difference"], paired, confidence)
    return figures


def _mean(rows: list[ExpertRow], areas: Areas, confidence: float) -> ExpertMean:
    """Average over the findings that have both AUCs, in the same replicates.

    Replicates in which one of them is undefined are left out: a mean over fewer is another figure.
    """
    k = len(rows)
    on = [j for j, row in enumerate(rows) if row.defined]
    if not on:
        return NO_MEAN
    figures: dict[str, Any] = {}
    both = [
        (areas.roc_auc[at], areas.roc_auc_replicates[:, at]) for at in (on, [k + j for j in on])
    ]
    (label, label_drawn), (expert, expert_drawn) = both
    for name, values, drawn in (
        ("label_auc", label, label_drawn),
        ("expert_auc", expert, expert_drawn),
        ("difference", expert - label, expert_drawn - label_drawn),
    ):
        figures[name] = float(values.mean())
        figures[f"{name}_interval"] = limits_of(figures[name], drawn.mean(axis=1), confidence)
    return ExpertMean(
        labels=tuple(rows[j].label for j in on),
        one_class_replicates=int(np.isnan(label_drawn + expert_drawn).any(axis=1).sum()),
        **figures,
    )
