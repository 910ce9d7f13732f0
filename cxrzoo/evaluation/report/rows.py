"""The rows of a report: each label's figures, and the means over labels."""

from collections.abc import Sequence
from math import log, nan
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from cxrzoo.evaluation.report.figures import Average, IntervalMethod, LabelRow
from cxrzoo.evaluation.scored import Scored
from cxrzoo.evaluation.statistics.bootstrap import Areas
from cxrzoo.evaluation.statistics.calibration import cross_entropy, expected_calibration_error
from cxrzoo.evaluation.statistics.delong import delong
from cxrzoo.evaluation.statistics.intervals import UNDEFINED, Interval, percentile

__all__ = ["average_over", "label_rows", "micro_average"]


def label_rows(
    scored: Scored,
    areas: Areas,
    interval: IntervalMethod,
    confidence: float,
    *,
    has_metadata: bool,
) -> tuple[LabelRow, ...]:
    """One row a label.

    Args:
        scored: Truth and scores of ``k`` labels.
        areas: Of the ``k`` labels, of all cells pooled, and with ``has_metadata`` of the ``k`` labels
            under the scores of the metadata-only model, in this order.
        interval: How the labels' AUC intervals are made.
        confidence: Their nominal coverage.
        has_metadata: Whether ``areas`` holds the metadata-only model.
    """
    rows = []
    for i, label in enumerate(scored.labels):
        on = scored.known[:, i]
        truth, score, units = scored.y_true[on, i], scored.y_score[on, i], scored.units[0][on]
        # From a single patient on one side no replicate shows how patients of that side differ.
        enough = min(len(np.unique(units[truth == side])) for side in (0, 1)) > 1

        replicates = areas.roc_auc_replicates[:, i]
        without_image = i + len(scored.labels) + 1
        rows.append(
            LabelRow(
                label=label,
                n=len(truth),
                positives=int(truth.sum()),
                positive_units=len(np.unique(units[truth == 1])),
                **_guesses(truth),
                **_scores(truth, score, probabilities=scored.are_probabilities),
                roc_auc=float(areas.roc_auc[i]),
                roc_auc_interval=delong(truth, score[:, None], units, (1,)).interval_of_auc(
                    confidence
                )
                if interval == "delong"
                else _drawn(replicates, confidence, enough=enough),
                average_precision=float(areas.average_precision[i]),
                average_precision_interval=_drawn(
                    areas.average_precision_replicates[:, i], confidence, enough=enough
                ),
                one_class_replicates=int(np.isnan(replicates).sum()),
                metadata_roc_auc=float(areas.roc_auc[without_image]) if has_metadata else nan,
                gain=float(areas.roc_auc[i] - areas.roc_auc[without_image])
                if has_metadata
                else nan,
                gain_interval=_drawn(
                    replicates - areas.roc_auc_replicates[:, without_image],
                    confidence,
                    enough=enough,
                )
                if has_metadata
                else UNDEFINED,
            )
        )
    return tuple(rows)


def _drawn(replicates: NDArray[np.float64], confidence: float, *, enough: bool) -> Interval:
    """Percentiles, where the replicates differ: those of a perfect AUC all say 1."""
    interval = percentile(replicates, confidence)
    return interval if enough and interval.low < interval.high else UNDEFINED


class _Guesses(TypedDict):
    prevalence: float
    all_negative_accuracy: float
    prevalence_cross_entropy: float


class _Scores(TypedDict):
    accuracy: float
    cross_entropy: float
    brier: float
    ece: float


def _guesses(truth: NDArray[np.float64]) -> _Guesses:
    """What can be had without any score."""
    share = float(truth.mean()) if len(truth) else nan
    doubt = -(share * log(share) + (1 - share) * log(1 - share)) if 0 < share < 1 else 0 * share
    return {
        "prevalence": share,
        "all_negative_accuracy": 1 - share,
        "prevalence_cross_entropy": doubt,
    }


def _scores(
    truth: NDArray[np.float64], score: NDArray[np.float64], *, probabilities: bool
) -> _Scores:
    """What needs the scores' values, not their ranks."""
    calibrated = bool(len(truth)) and probabilities
    return {
        "accuracy": float(np.mean((score > 0.5) == (truth == 1))) if len(truth) else nan,
        "cross_entropy": cross_entropy(truth, score) if calibrated else nan,
        "brier": float(np.mean((score - truth) ** 2)) if calibrated else nan,
        "ece": expected_calibration_error(truth, score) if calibrated else nan,
    }


def average_over(
    rows: Sequence[LabelRow], areas: Areas, columns: Sequence[int], confidence: float
) -> Average:
    """The mean over some labels, all of them defined.

    Replicates in which one of them is not are left out: a mean over fewer labels is another figure.
    """
    if not columns:
        return Average((), nan, UNDEFINED, nan, UNDEFINED, 0)
    roc = areas.roc_auc_replicates[:, columns].mean(axis=1)
    ap = areas.average_precision_replicates[:, columns].mean(axis=1)
    return Average(
        labels=tuple(rows[i].label for i in columns),
        roc_auc=float(areas.roc_auc[columns].mean()),
        roc_auc_interval=percentile(roc, confidence),
        average_precision=float(areas.average_precision[columns].mean()),
        average_precision_interval=percentile(ap, confidence),
        one_class_replicates=int(np.isnan(roc).sum()),
    )


def micro_average(rows: Sequence[LabelRow], areas: Areas, confidence: float) -> Average:
    """All known cells of all labels in one ranking; labels of one class take part too."""
    i = len(rows)
    replicates = areas.roc_auc_replicates[:, i]
    return Average(
        labels=tuple(row.label for row in rows),
        roc_auc=float(areas.roc_auc[i]),
        roc_auc_interval=percentile(replicates, confidence),
        average_precision=float(areas.average_precision[i]),
        average_precision_interval=percentile(areas.average_precision_replicates[:, i], confidence),
        one_class_replicates=int(np.isnan(replicates).sum()),
    )
