"""A Keras 3 model zoo for chest X-rays. Research use only; not a medical device.

Names are imported when they are first used: ``import cxrzoo`` alone loads no Keras, no backend and
no scikit-learn. The stub beside this file, which type checkers read, is generated from it.
"""

from cxrzoo.builders import BUILDERS
from cxrzoo.lazy import lazy_names

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "artifacts": ("convert_file", "from_pretrained", "push_to_hub", "save_pretrained"),
        "data": (
            "CheXpert",
            "ChestMNIST",
            "MIMICCXRJPG",
            "NIHChestXray14",
            "NIHGoogle",
            "OpenI",
            "PadChest",
            "RSNAPneumonia",
            "Records",
            "VinDrCXR",
            "concat",
            "load_sample",
            "pack",
            "records_from_csv",
        ),
        "evaluation": ("Report", "auc_report", "compare"),
        "export": ("export_model",),
        "images": ("inspect",),
        "inference": ("Scorer", "evaluate"),
        "labels": ("NIH_FINDINGS", "NIH_LABELS"),
        "models": ("create_model", "list_models", "replace_head", *BUILDERS),
        "pretrained": ("ModelConfig",),
        "training": ("Recipe", "Run", "ValidationAUC", "callback_preset", "recipes", "train"),
    },
)
__all__ += ["__version__"]
