"""Scores for images, and what a model's description makes of them.

Names are imported when they are first used: ``import cxrzoo.inference`` loads no Keras.
"""

from cxrzoo.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "description": ("calibrated", "decisions"),
        "evaluating": ("evaluate",),
        "files": ("expand_paths", "predict_files"),
        "scorer": ("Scorer",),
    },
    renamed={"Predictions": "cxrzoo.evaluation.Predictions"},
    gone={"carried": "read model.cxrzoo.calibration or model.cxrzoo.thresholds"},
)
