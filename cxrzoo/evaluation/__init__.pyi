"""What ``cxrzoo.evaluation`` offers. Written by tests/generate.py; do not edit."""

from cxrzoo.evaluation.baselines import MetadataBaseline as MetadataBaseline
from cxrzoo.evaluation.baselines import fit_metadata_baseline as fit_metadata_baseline
from cxrzoo.evaluation.comparison import Comparison as Comparison
from cxrzoo.evaluation.comparison import compare as compare
from cxrzoo.evaluation.consistency import apply_no_finding_policy as apply_no_finding_policy
from cxrzoo.evaluation.measure import auc_report as auc_report
from cxrzoo.evaluation.predictions import Predictions as Predictions
from cxrzoo.evaluation.predictions import read_predictions as read_predictions
from cxrzoo.evaluation.predictions_report import evaluate_predictions as evaluate_predictions
from cxrzoo.evaluation.published import PublishedComparison as PublishedComparison
from cxrzoo.evaluation.published import published_rows as published_rows
from cxrzoo.evaluation.report.report import Average as Average
from cxrzoo.evaluation.report.report import Consistency as Consistency
from cxrzoo.evaluation.report.report import LabelRow as LabelRow
from cxrzoo.evaluation.report.report import Report as Report
from cxrzoo.evaluation.report.report import Stratum as Stratum
from cxrzoo.evaluation.statistics.auc import average_precision as average_precision
from cxrzoo.evaluation.statistics.auc import roc_auc as roc_auc
from cxrzoo.evaluation.statistics.calibration import Calibration as Calibration
from cxrzoo.evaluation.statistics.calibration import adjust_prevalence as adjust_prevalence
from cxrzoo.evaluation.statistics.calibration import fit_calibration as fit_calibration
from cxrzoo.evaluation.statistics.calibration import reliability as reliability
from cxrzoo.evaluation.statistics.intervals import Interval as Interval
from cxrzoo.evaluation.statistics.thresholds import OperatingPoint as OperatingPoint
from cxrzoo.evaluation.statistics.thresholds import Thresholds as Thresholds
from cxrzoo.evaluation.statistics.thresholds import choose_thresholds as choose_thresholds
