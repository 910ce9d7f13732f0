"""A Keras 3 model zoo for chest X-rays. Research use only; not a medical device.

Names are imported when they are first used: ``import cxrzoo`` alone loads no Keras, no backend and
no scikit-learn.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxrzoo.artifacts import from_pretrained, save_pretrained
    from cxrzoo.data import (
        NIHChestXray14,
        Records,
        concat,
        load_sample,
        records_from_csv,
    )
    from cxrzoo.evaluation import Report, auc_report, compare, evaluate
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
    "NIHChestXray14": "data",
    "NIH_FINDINGS": "labels",
    "NIH_LABELS": "labels",
    "ModelConfig": "store",
    "Recipe": "training",
    "Records": "data",
    "Report": "evaluation",
    "Run": "training",
    "ValidationAUC": "training",
    "auc_report": "evaluation",
    "callback_preset": "training",
    "cnn_test1": "models",
    "cnn_test2": "models",
    "compare": "evaluation",
    "concat": "data",
    "create_model": "models",
    "evaluate": "evaluation",
    "from_pretrained": "artifacts",
    "list_models": "models",
    "load_sample": "data",
    "mobilenet_cxr": "models",
    "records_from_csv": "data",
    "recipes": "training",
    "replace_head": "models",
    "save_pretrained": "artifacts",
    "train": "training",
}

__all__ = [
    "NIH_FINDINGS",
    "NIH_LABELS",
    "ModelConfig",
    "NIHChestXray14",
    "Recipe",
    "Records",
    "Report",
    "Run",
    "ValidationAUC",
    "__version__",
    "auc_report",
    "callback_preset",
    "cnn_test1",
    "cnn_test2",
    "compare",
    "concat",
    "create_model",
    "evaluate",
    "from_pretrained",
    "list_models",
    "load_sample",
    "mobilenet_cxr",
    "recipes",
    "records_from_csv",
    "replace_head",
    "save_pretrained",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cxrzoo' has no attribute {name!r}")
    value = getattr(import_module(f"cxrzoo.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
