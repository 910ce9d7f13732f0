"""What ``cxrzoo.inference`` offers. Written by tests/generate.py; do not edit."""

from cxrzoo.inference.description import calibrated as calibrated
from cxrzoo.inference.description import decisions as decisions
from cxrzoo.inference.evaluating import evaluate as evaluate
from cxrzoo.inference.files import expand_paths as expand_paths
from cxrzoo.inference.files import predict_files as predict_files
from cxrzoo.inference.scorer import Scorer as Scorer
from cxrzoo.inference import choice as choice
from cxrzoo.inference import decoding as decoding
from cxrzoo.inference import description as description
from cxrzoo.inference import engines as engines
from cxrzoo.inference import evaluating as evaluating
from cxrzoo.inference import files as files
from cxrzoo.inference import scorer as scorer
