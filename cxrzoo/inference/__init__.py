"""Scores for images, and what a model's description makes of them.

Names are imported when they are first used: ``import cxrzoo.inference`` loads no Keras.
"""

from cxrzoo.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "description": ("calibrated", "carried", "decisions"),
        "evaluating": ("evaluate",),
        "files": ("Predictions", "expand_paths", "predict_files"),
    },
)
