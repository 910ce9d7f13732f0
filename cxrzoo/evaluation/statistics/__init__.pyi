"""What ``cxrzoo.evaluation.statistics`` offers. Written by tests/generate.py; do not edit."""

from cxrzoo.evaluation.statistics import agreement as agreement
from cxrzoo.evaluation.statistics import auc as auc
from cxrzoo.evaluation.statistics import bootstrap as bootstrap
from cxrzoo.evaluation.statistics import calibration as calibration
from cxrzoo.evaluation.statistics import delong as delong
from cxrzoo.evaluation.statistics import intervals as intervals
from cxrzoo.evaluation.statistics import label_noise as label_noise
from cxrzoo.evaluation.statistics import ranks as ranks
from cxrzoo.evaluation.statistics import thresholds as thresholds
from cxrzoo.evaluation.statistics import weighted_curves as weighted_curves
