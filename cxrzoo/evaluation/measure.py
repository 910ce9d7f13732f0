"""`auc_report`: from arrays to a report."""

from collections.abc import Mapping, Sequence
from math import nan
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.consistency import consistency
from cxrzoo.evaluation.predictions import Predictions
from cxrzoo.evaluation.report.figures import Average, IntervalMethod
from cxrzoo.evaluation.report.report import Report
from cxrzoo.evaluation.report.rows import average_over, label_rows
from cxrzoo.evaluation.report.subgroups import measure_subgroups
from cxrzoo.evaluation.scored import Scored, check_choice, check_scored
from cxrzoo.evaluation.statistics.bootstrap import rank_labels, rank_pooled, replicate_areas
from cxrzoo.evaluation.statistics.thresholds import Thresholds, operating_points
from cxrzoo.labels import NIH_FINDINGS


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
        y_true: ``(n, k)`` of 1, 0 and NaN; NaN (not known) is left out cell by cell.
        y_score: ``(n, k)``, finite; any scale ranks, only [0, 1] has calibration figures. Or
            `Predictions`, which know the names of their columns and images.
        labels: The ``k`` names.
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
    _check_options(n_bootstrap, interval, confidence)
    scored = check_scored(y_true, y_score, labels=labels, groups=groups, images=images)
    if thresholds is not None:
        thresholds.check_other_part(scored, part)
    baseline = None if metadata_score is None else _baseline(scored, metadata_score)
    rankings = [*rank_labels(scored), rank_pooled(scored)]
    rankings += rank_labels(baseline) if baseline else []
    areas = replicate_areas(rankings, scored.units[1], n_bootstrap, seed)
    rows = label_rows(scored, areas, interval, confidence, has_metadata=baseline is not None)

    def average(members: Sequence[str]) -> Average:
        defined = [i for i, row in enumerate(rows) if row.label in members and row.defined]
        return average_over([rows[i] for i in defined], areas, defined, confidence)

    found = {row.label for row in rows if row.defined} >= set(NIH_FINDINGS)
    known, yes = scored.known, scored.y_score > 0.5
    truth = scored.y_true[known] == 1
    return Report(
        rows=rows,
        macro=average(scored.labels),
        macro_findings=average(NIH_FINDINGS) if found else None,
        # In the pooled ranking labels of one class take part too.
        micro=average_over(rows, areas, [len(rows)], confidence),
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


def _baseline(scored: Scored, metadata_score: ArrayLike) -> Scored:
    """Return the same images under the scores of a model that saw none of them."""
    try:
        checked = check_scored(scored.y_true, metadata_score, labels=scored.labels)
    except EvaluationError as error:
        raise EvaluationError(f"metadata_score: {error}") from None
    return scored.with_scores(checked.y_score)


def _check_options(n_bootstrap: int, interval: str, confidence: float) -> None:
    if n_bootstrap < 0:
        raise EvaluationError(f"n_bootstrap must not be negative, got {n_bootstrap}")
    check_choice("interval", interval, IntervalMethod)
    if not 0 < confidence < 1:
        raise EvaluationError(f"confidence must lie in (0, 1), got {confidence}")
