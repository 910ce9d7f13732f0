"""`auc_report`: from arrays to each label's figures, and the means over labels."""

from collections.abc import Mapping, Sequence
from itertools import chain
from math import log, nan
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.consistency import consistency
from cxrzoo.evaluation.predictions import Predictions
from cxrzoo.evaluation.report.figures import Average, IntervalMethod, LabelRow
from cxrzoo.evaluation.report.report import Report
from cxrzoo.evaluation.report.subgroups import measure_subgroups
from cxrzoo.evaluation.scored import Scored, check_choice, check_scored
from cxrzoo.evaluation.statistics.bootstrap import (
    Areas,
    rank_labels,
    rank_pooled,
    replicate_areas,
)
from cxrzoo.evaluation.statistics.calibration import cross_entropy, expected_calibration_error
from cxrzoo.evaluation.statistics.delong import delong
from cxrzoo.evaluation.statistics.intervals import UNDEFINED, Interval, percentile
from cxrzoo.evaluation.statistics.thresholds import Thresholds, operating_points
from cxrzoo.labels import NIH_FINDINGS, match_labels
from cxrzoo.named import same_rows
from cxrzoo.sizes import LARGEST_SEED, MOST_REPLICATES, check_number, check_whole
from cxrzoo.typed import check_arguments


def auc_report(
    y_true: ArrayLike,
    y_score: ArrayLike | Predictions,
    *,
    labels: Sequence[str],
    groups: ArrayLike | None = None,
    n_bootstrap: int = 1000,
    seed: int = 0,
    interval: IntervalMethod = "bootstrap",
    confidence: float = 0.95,
    images: Sequence[str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    metadata_score: ArrayLike | None = None,
    thresholds: Thresholds | None = None,
    name: str | None = None,
    data: str | None = None,
    split: str | None = None,
    part: str | None = None,
) -> Report:
    """Measure exact AUCs with intervals, beside what guesses would score.

    Args:
        y_true: ``(n, k)`` of 1, 0 and NaN; NaN (not known) is left out cell by cell. A frame, or a
            mapping with a column for each label, is read by the names of its columns.
        y_score: ``(n, k)``, finite; any scale ranks, only [0, 1] has calibration figures. A frame or a
            mapping likewise, or `Predictions`, which know the names of their columns and images.
        labels: The ``k`` names. The index of every frame or column of one (a pandas ``Series``) must
            name the same rows; they are then measured in one order.
        groups: ``(n,)`` patients; they are resampled whole; an image whose patient is None or NaN
            stands for itself. None at all takes every image for itself, which
            makes intervals too narrow where patients have several images.
        n_bootstrap: Replicates; 0 leaves intervals out.
        seed: Of the replicates.
        interval: ``"bootstrap"`` (percentiles), or ``"delong"`` (logit scale, Student's) for the
            labels' AUCs, which covers better below about forty positives.
        confidence: Nominal coverage of every interval.
        images: ``n`` names, so that `compare` can see that two reports are of the same images.
        metadata: Columns ``(n,)`` by name, of ``"view"``, ``"sex"``, ``"age"`` and ``"follow_up"``: the
            AUC within each.
        metadata_score: ``(n, k)`` scores of a model that saw no image (`fit_metadata_baseline`): what
            the picture adds beyond it.
        thresholds: From another part (`choose_thresholds`): sensitivity, specificity, PPV, NPV there.
        name: What is measured, in your words.
        data: On which data.
        split: Which split, e.g. ``"official"``.
        part: Which part of it, e.g. ``"test"``.

    Raises:
        EvaluationError: Shapes that differ, scores that are not finite, targets other than 0, 1 and
            NaN, or thresholds that were chosen on this very part.
    """
    check_arguments(auc_report, locals(), EvaluationError)
    _check_options(n_bootstrap, seed, interval, confidence)
    confidence = float(confidence)
    y_true, y_score, groups, metadata, metadata_score = _in_one_order(
        y_true, y_score, groups, metadata, metadata_score
    )
    scored = check_scored(y_true, y_score, labels=labels, groups=groups, images=images)
    if thresholds is not None:
        thresholds.check_other_part(scored, part)
    baseline = None if metadata_score is None else _baseline(scored, metadata_score)
    beside = rank_labels(baseline) if baseline else ()
    rankings = chain(rank_labels(scored), map(rank_pooled, [scored]), beside)
    areas = replicate_areas(rankings, scored.units[1], n_bootstrap, seed)
    rows = tuple(
        _row(scored, areas, i, interval, confidence, has_metadata=baseline is not None)
        for i in range(len(scored.labels))
    )

    def average(members: Sequence[str]) -> Average:
        its = match_labels(members, scored.labels, where="the labels", error=EvaluationError)
        defined = [i for i, row in enumerate(rows) if row.label in its.values() and row.defined]
        return _average_over([rows[i] for i in defined], areas, defined, confidence)

    with_auc = [row.label for row in rows if row.defined]
    found = len(match_labels(NIH_FINDINGS, with_auc, where="the labels")) == len(NIH_FINDINGS)
    known, yes = scored.known, scored.y_score > 0.5
    truth = (scored.y_true == 1)[known]
    return Report(
        rows=rows,
        macro=average(scored.labels),
        macro_findings=average(NIH_FINDINGS) if found else None,
        # In the pooled ranking labels of one class take part too.
        micro=_average_over(rows, areas, [len(rows)], confidence),
        accuracy=float(np.mean(truth == yes[known])) if truth.size else nan,
        all_negative_accuracy=float(np.mean(~truth)) if truth.size else nan,
        n=len(scored.y_true),
        units=scored.units[1],
        unit=scored.unit,
        interval=interval,
        confidence=confidence,
        n_bootstrap=n_bootstrap,
        seed=seed,
        name=name,
        data=data,
        split=split,
        part=part,
        thresholds=thresholds,
        operating_points=operating_points(scored, thresholds, confidence) if thresholds else (),
        subgroups=measure_subgroups(scored, metadata, confidence) if metadata else (),
        no_finding=consistency(scored.y_score, scored.labels, thresholds),
        scored=scored,
    )


def _in_one_order(
    y_true: Any, y_score: Any, groups: Any, metadata: Mapping[str, Any] | None, metadata_score: Any
) -> tuple[Any, Any, Any, dict[str, Any] | None, Any]:
    """Return all of them with the rows in the order of the first that names its rows."""
    columns = {} if metadata is None else {name: metadata[name] for name in metadata}
    by_name = {f"metadata[{name!r}]": column for name, column in columns.items()}
    parts = {"y_true": y_true, "y_score": y_score, "groups": groups}
    parts = same_rows({**parts, "metadata_score": metadata_score, **by_name}, EvaluationError)
    aligned = {name: parts[f"metadata[{name!r}]"] for name in columns}
    return (
        *(parts["y_true"], parts["y_score"], parts["groups"]),
        *(aligned or None, parts["metadata_score"]),
    )


def _baseline(scored: Scored, metadata_score: ArrayLike) -> Scored:
    """Return the same images under the scores of a model that saw none of them."""
    try:
        checked = check_scored(scored.y_true, metadata_score, labels=scored.labels)
    except EvaluationError as error:
        raise EvaluationError(f"metadata_score: {error}") from None
    return scored.with_scores(checked.y_score)


def _check_options(n_bootstrap: int, seed: int, interval: str, confidence: float) -> None:
    check_whole("n_bootstrap", n_bootstrap, 0, most=MOST_REPLICATES, error=EvaluationError)
    check_whole("seed", seed, 0, most=LARGEST_SEED, error=EvaluationError)
    check_choice("interval", interval, IntervalMethod)
    check_number("confidence", confidence, 0, 1, error=EvaluationError)


def _row(
    scored: Scored,
    areas: Areas,
    i: int,
    interval: IntervalMethod,
    confidence: float,
    *,
    has_metadata: bool,
) -> LabelRow:
    """Return the figures of label ``i``.

    ``areas`` holds every label, all cells pooled, and with ``has_metadata`` every label under the
    metadata-only model, in this order.
    """
    on = scored.known[:, i]
    truth, score, units = scored.y_true[on, i], scored.y_score[on, i], scored.units[0][on]
    # From a single patient on one side no replicate shows how patients of that side differ.
    positive_units, negative_units = (
        int(np.count_nonzero(np.bincount(units[truth == side]))) for side in (1, 0)
    )
    enough = min(positive_units, negative_units) > 1

    def drawn(replicates: NDArray[np.float64]) -> Interval:
        """Return percentiles, where the replicates differ: those of a perfect AUC are all 1."""
        limits = percentile(replicates, confidence)
        return limits if enough and limits.low < limits.high else UNDEFINED

    replicates = areas.roc_auc_replicates[:, i]
    gain: dict[str, Any] = {}
    if has_metadata:
        j = len(scored.labels) + 1 + i
        gain["metadata_roc_auc"] = float(areas.roc_auc[j])
        gain["gain"] = float(areas.roc_auc[i] - areas.roc_auc[j])
        gain["gain_interval"] = drawn(replicates - areas.roc_auc_replicates[:, j])
    n, prevalence = len(truth), float(truth.mean()) if len(truth) else nan
    calibrated = bool(n) and scored.are_probabilities
    return LabelRow(
        label=scored.labels[i],
        n=n,
        positives=int(truth.sum()),
        positive_units=positive_units,
        prevalence=prevalence,
        roc_auc=float(areas.roc_auc[i]),
        roc_auc_interval=delong(truth, score[:, None], units, (1,)).interval_of_auc(confidence)
        if interval == "delong"
        else drawn(replicates),
        average_precision=float(areas.average_precision[i]),
        average_precision_interval=drawn(areas.average_precision_replicates[:, i]),
        accuracy=float(np.mean((score > 0.5) == (truth == 1))) if n else nan,
        all_negative_accuracy=1 - prevalence,
        cross_entropy=cross_entropy(truth, score) if calibrated else nan,
        prevalence_cross_entropy=_entropy(prevalence),
        brier=float(np.mean((score - truth) ** 2)) if calibrated else nan,
        ece=expected_calibration_error(truth, score) if calibrated else nan,
        one_class_replicates=int(np.isnan(replicates).sum()),
        **gain,
    )


def _entropy(p: float) -> float:
    """Return the log loss of answering ``p`` where a share of ``p`` is positive."""
    return -(p * log(p) + (1 - p) * log(1 - p)) if 0 < p < 1 else 0 * p


def _average_over(
    rows: Sequence[LabelRow], areas: Areas, columns: Sequence[int], confidence: float
) -> Average:
    """Return the mean over some columns of the areas: those of ``rows``, or the one of all cells pooled.

    Replicates in which one of them is undefined are left out: a mean over fewer is another figure.
    """
    if not columns:
        return Average((), nan, UNDEFINED, nan, UNDEFINED, 0)
    roc = areas.roc_auc_replicates[:, columns].mean(axis=1)
    ap = areas.average_precision_replicates[:, columns].mean(axis=1)
    return Average(
        labels=tuple(row.label for row in rows),
        roc_auc=float(areas.roc_auc[columns].mean()),
        roc_auc_interval=percentile(roc, confidence),
        average_precision=float(areas.average_precision[columns].mean()),
        average_precision_interval=percentile(ap, confidence),
        one_class_replicates=int(np.isnan(roc).sum()),
    )
