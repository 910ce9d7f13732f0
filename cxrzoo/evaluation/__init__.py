"""Exact figures with intervals, beside what a guess would score. No Keras anywhere in here.

Names are imported when they are first used: ``import cxrzoo.evaluation`` loads no scikit-learn and no
matplotlib.
"""

from typing import TYPE_CHECKING

from cxrzoo.lazy import lazy_names

if TYPE_CHECKING:
    from cxrzoo.evaluation.auc import average_precision, roc_auc
    from cxrzoo.evaluation.baselines import MetadataBaseline, fit_metadata_baseline
    from cxrzoo.evaluation.calibration import (
        Calibration,
        adjust_prevalence,
        fit_calibration,
        reliability,
    )
    from cxrzoo.evaluation.comparison import Comparison, compare
    from cxrzoo.evaluation.consistency import apply_no_finding_policy
    from cxrzoo.evaluation.intervals import Interval
    from cxrzoo.evaluation.measure import auc_report
    from cxrzoo.evaluation.predict import evaluate
    from cxrzoo.evaluation.predictions import Predictions, read_predictions
    from cxrzoo.evaluation.published import PublishedComparison, published_rows
    from cxrzoo.evaluation.report import Average, Consistency, LabelRow, Report, Stratum
    from cxrzoo.evaluation.thresholds import OperatingPoint, Thresholds, choose_thresholds

_HOMES = {
    "Average": "report",
    "Calibration": "calibration",
    "Comparison": "comparison",
    "Consistency": "report",
    "Interval": "intervals",
    "LabelRow": "report",
    "MetadataBaseline": "baselines",
    "OperatingPoint": "thresholds",
    "Predictions": "predictions",
    "PublishedComparison": "published",
    "Report": "report",
    "Stratum": "report",
    "Thresholds": "thresholds",
    "adjust_prevalence": "calibration",
    "apply_no_finding_policy": "consistency",
    "auc_report": "measure",
    "average_precision": "auc",
    "choose_thresholds": "thresholds",
    "compare": "comparison",
    "evaluate": "predict",
    "fit_calibration": "calibration",
    "fit_metadata_baseline": "baselines",
    "published_rows": "published",
    "read_predictions": "predictions",
    "reliability": "calibration",
    "roc_auc": "auc",
}

__all__ = [
    "Average",
    "Calibration",
    "Comparison",
    "Consistency",
    "Interval",
    "LabelRow",
    "MetadataBaseline",
    "OperatingPoint",
    "Predictions",
    "PublishedComparison",
    "Report",
    "Stratum",
    "Thresholds",
    "adjust_prevalence",
    "apply_no_finding_policy",
    "auc_report",
    "average_precision",
    "choose_thresholds",
    "compare",
    "evaluate",
    "fit_calibration",
    "fit_metadata_baseline",
    "published_rows",
    "read_predictions",
    "reliability",
    "roc_auc",
]


__getattr__, __dir__ = lazy_names(__name__, _HOMES)
