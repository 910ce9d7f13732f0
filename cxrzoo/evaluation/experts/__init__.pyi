"""What ``cxrzoo.evaluation.experts`` offers. Written by tests/generate.py; do not edit."""

from cxrzoo.evaluation.experts import comparison as comparison
from cxrzoo.evaluation.experts import figures as figures
from cxrzoo.evaluation.experts import measure as measure
from cxrzoo.evaluation.experts import page as page
from cxrzoo.evaluation.experts import reader_points as reader_points
from cxrzoo.evaluation.experts import report as report
from cxrzoo.evaluation.experts import scorecard as scorecard
from cxrzoo.evaluation.experts import scoring as scoring
from cxrzoo.evaluation.experts import tables as tables
