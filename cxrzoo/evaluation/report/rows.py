"""The rows of a report: each label's figures, and the means over labels."""

from collections.abc import Sequence
from math import log, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxrzoo.evaluation.report.figures import Average, IntervalMethod, LabelRow
from cxrzoo.evaluation.scored import Scored
from cxrzoo.evaluation.statistics.bootstrap import Areas
from cxrzoo.evaluation.statistics.calibration import cross_entropy, expected_calibration_error
from cxrzoo.evaluation.statistics.delong import delong
from cxrzoo.evaluation.statistics.intervals import UNDEFINED, Interval, percentile


def label_rows(
    scored: Scored,
    areas: Areas,
    interval: IntervalMethod,
    confidence: float,
    *,
    has_metadata: bool,
) -> tuple[LabelRow, ...]:
    """Return one row a label.

    Args:
        scored: Truth and scores of ``k`` labels.
        areas: Of the ``k`` labels, of all cells pooled, and with ``has_metadata`` of the ``k`` labels
            under the scores of the metadata-only model, in this order.
        interval: How the labels' AUC intervals are made.
        confidence: Their nominal coverage.
        has_metadata: Whether ``areas`` holds the metadata-only model.
    """
    return tuple(
        _row(scored, areas, i, interval, confidence, has_metadata=has_metadata)
        for i in range(len(scored.labels))
    )


def _row(
    scored: Scored,
    areas: Areas,
    i: int,
    interval: IntervalMethod,
    confidence: float,
    *,
    has_metadata: bool,
) -> LabelRow:
    on = scored.known[:, i]
    truth, score, units = scored.y_true[on, i], scored.y_score[on, i], scored.units[0][on]
    # From a single patient on one side no replicate shows how patients of that side differ.
    enough = min(len(np.unique(units[truth == side])) for side in (0, 1)) > 1

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
        positive_units=len(np.unique(units[truth == 1])),
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


def average_over(
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
