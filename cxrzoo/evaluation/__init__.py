"""Exact figures with intervals, beside what a guess would score. No Keras anywhere in here.

Names are imported when they are first used: ``import cxrzoo.evaluation`` loads no scikit-learn and no
matplotlib.
"""

from cxrzoo.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "baselines": ("MetadataBaseline", "fit_metadata_baseline"),
        "cases": ("Case", "CasePictures", "Cases", "LabelCases", "select_cases"),
        "cases_page": ("write_cases_html",),
        "comparison": ("Comparison", "compare"),
        "consistency": ("apply_no_finding_policy",),
        "experts.comparison": ("ReaderComparison", "compare_on_readers"),
        "experts.measure": ("expert_report",),
        "experts.page": ("plot_expert_roc", "write_expert_html"),
        "experts.report": ("ExpertReport",),
        "experts.scorecard": ("LabelScorecard",),
        "experts.scoring": ("label_scorecard",),
        "measure": ("auc_report",),
        "predictions": ("Predictions", "read_predictions"),
        "predictions_report": ("evaluate_predictions",),
        "published": ("PublishedComparison", "compare_published", "published_rows"),
        "report.figures": ("Average", "Consistency", "LabelRow", "Subgroup"),
        "report.page": ("write_html",),
        "report.plots": ("plot_precision_recall", "plot_reliability", "plot_roc"),
        "report.report": ("Report",),
        "statistics.auc": ("average_precision", "roc_auc"),
        "statistics.calibration": (
            "Calibration",
            "adjust_prevalence",
            "fit_calibration",
            "reliability",
        ),
        "statistics.intervals": ("Interval",),
        "statistics.thresholds": ("OperatingPoint", "Thresholds", "choose_thresholds"),
    },
    renamed={
        "Stratum": "cxrzoo.evaluation.Subgroup",
        "evaluate": "cxrzoo.inference.evaluate",
    },
)
