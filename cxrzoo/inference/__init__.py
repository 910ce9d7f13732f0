"""Scores for image files."""

from cxrzoo.inference.files import Predictions, expand_paths, predict_files

__all__ = ["Predictions", "expand_paths", "predict_files"]
