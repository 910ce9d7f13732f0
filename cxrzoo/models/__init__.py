"""The zoo: builders of plain ``keras.Model``s that carry their own preprocessing and labels."""

from cxrzoo.models.cnn import cnn_test1, cnn_test2
from cxrzoo.models.folding import fold_batch_norm
from cxrzoo.models.heads import replace_head
from cxrzoo.models.mobilenet import mobilenet_cxr
from cxrzoo.models.registry import (
    Entry,
    build_artifact,
    create_model,
    entry,
    list_models,
    register_model,
)
from cxrzoo.models.trunk import is_trunk_file
from cxrzoo.models.weights import model_tensors

__all__ = [
    "Entry",
    "build_artifact",
    "cnn_test1",
    "cnn_test2",
    "create_model",
    "entry",
    "fold_batch_norm",
    "is_trunk_file",
    "list_models",
    "mobilenet_cxr",
    "model_tensors",
    "register_model",
    "replace_head",
]
