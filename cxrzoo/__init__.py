"""A Keras 3 model zoo for chest X-rays. Research use only; not a medical device.

Names are imported when they are first used: ``import cxrzoo`` alone loads no Keras, no backend and
no scikit-learn.
"""

from typing import TYPE_CHECKING

from cxrzoo.lazy import lazy_names

if TYPE_CHECKING:
    from cxrzoo.artifacts import from_pretrained, push_to_hub, save_pretrained
    from cxrzoo.data import (
        MIMICCXRJPG,
        ChestMNIST,
        CheXpert,
        NIHChestXray14,
        NIHGoogle,
        OpenI,
        PadChest,
        Records,
        RSNAPneumonia,
        VinDrCXR,
        concat,
        inspect,
        load_sample,
        pack,
        records_from_csv,
    )
    from cxrzoo.evaluation import Report, auc_report, compare, evaluate
    from cxrzoo.export import export_model
    from cxrzoo.labels import NIH_FINDINGS, NIH_LABELS
    from cxrzoo.models import (
        cnn_test1,
        cnn_test2,
        create_model,
        list_models,
        mobilenet_cxr,
        replace_head,
    )
    from cxrzoo.store import ModelConfig
    from cxrzoo.training import (
        Recipe,
        Run,
        ValidationAUC,
        callback_preset,
        recipes,
        train,
    )

__version__ = "0.1.0"

_HOMES = {
    "CheXpert": "data",
    "ChestMNIST": "data",
    "MIMICCXRJPG": "data",
    "ModelConfig": "store",
    "NIHChestXray14": "data",
    "NIHGoogle": "data",
    "NIH_FINDINGS": "labels",
    "NIH_LABELS": "labels",
    "OpenI": "data",
    "PadChest": "data",
    "RSNAPneumonia": "data",
    "Recipe": "training",
    "Records": "data",
    "Report": "evaluation",
    "Run": "training",
    "ValidationAUC": "training",
    "VinDrCXR": "data",
    "auc_report": "evaluation",
    "callback_preset": "training",
    "cnn_test1": "models",
    "cnn_test2": "models",
    "compare": "evaluation",
    "concat": "data",
    "create_model": "models",
    "evaluate": "evaluation",
    "export_model": "export",
    "from_pretrained": "artifacts",
    "inspect": "data",
    "list_models": "models",
    "load_sample": "data",
    "mobilenet_cxr": "models",
    "pack": "data",
    "push_to_hub": "artifacts",
    "recipes": "training",
    "records_from_csv": "data",
    "replace_head": "models",
    "save_pretrained": "artifacts",
    "train": "training",
}

__all__ = [
    "MIMICCXRJPG",
    "NIH_FINDINGS",
    "NIH_LABELS",
    "CheXpert",
    "ChestMNIST",
    "ModelConfig",
    "NIHChestXray14",
    "NIHGoogle",
    "OpenI",
    "PadChest",
    "RSNAPneumonia",
    "Recipe",
    "Records",
    "Report",
    "Run",
    "ValidationAUC",
    "VinDrCXR",
    "__version__",
    "auc_report",
    "callback_preset",
    "cnn_test1",
    "cnn_test2",
    "compare",
    "concat",
    "create_model",
    "evaluate",
    "export_model",
    "from_pretrained",
    "inspect",
    "list_models",
    "load_sample",
    "mobilenet_cxr",
    "pack",
    "push_to_hub",
    "recipes",
    "records_from_csv",
    "replace_head",
    "save_pretrained",
    "train",
]


__getattr__, __dir__ = lazy_names(__name__, _HOMES)
