"""A Keras 3 model zoo for chest X-rays. Research use only; not a medical device.

Names are imported when they are first used: ``import cxrzoo`` alone loads no Keras, no backend and
no scikit-learn. The stub beside this file, which type checkers read, is generated from it.
"""

from cxrzoo.builders import BUILDERS
from cxrzoo.lazy import lazy_names
from cxrzoo.readers import READERS

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "artifacts": (
            "convert_file",
            "describe",
            "from_pretrained",
            "push_to_hub",
            "save_pretrained",
        ),
        "data": (
            "Records",
            "concat",
            "load_sample",
            "pack",
            "records_from_csv",
            *READERS.values(),
        ),
        "errors": (),
        "evaluation": ("Report", "auc_report", "compare"),
        "export": ("export_model",),
        "heatmaps": ("explain",),
        "images": ("check_images",),
        "inference": ("Scorer", "evaluate"),
        "labels": ("NIH_FINDINGS", "NIH_LABELS"),
        "models": ("create_model", "list_models", "replace_head", *BUILDERS),
        "pretrained": ("ModelConfig",),
        "training": ("Recipe", "Run", "ValidationAUC", "callback_preset", "recipes", "train"),
    },
    renamed={"inspect": "cxrzoo.check_images"},
)
__all__ += ["__version__"]
