"""What ``cxrzoo.evaluation.report`` offers. Written by tests/generate.py; do not edit."""

from cxrzoo.evaluation.report import drawing as drawing
from cxrzoo.evaluation.report import figures as figures
from cxrzoo.evaluation.report import html as html
from cxrzoo.evaluation.report import label_worth as label_worth
from cxrzoo.evaluation.report import page as page
from cxrzoo.evaluation.report import panels as panels
from cxrzoo.evaluation.report import plots as plots
from cxrzoo.evaluation.report import report as report
from cxrzoo.evaluation.report import subgroups as subgroups
from cxrzoo.evaluation.report import table as table
from cxrzoo.evaluation.report import tables as tables
