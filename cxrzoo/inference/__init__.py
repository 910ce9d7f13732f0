"""Scores for image files, and what a model's description makes of them."""

from cxrzoo.inference.decisions import calibrated, carried, decisions
from cxrzoo.inference.files import Predictions, expand_paths, predict_files

__all__ = ["Predictions", "calibrated", "carried", "decisions", "expand_paths", "predict_files"]
