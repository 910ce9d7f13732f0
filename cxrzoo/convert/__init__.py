"""Weights published for other frameworks: read as numbers, never run, and named as ours are."""

from cxrzoo.convert.foreign import ForeignTensor, ForeignWeights
from cxrzoo.convert.key_map import KeyMap, Rule
from cxrzoo.convert.layers import (
    attention,
    batch_norm,
    conv,
    depthwise,
    layer_norm,
    linear,
    patch_embedding,
    scaled_linear,
)
from cxrzoo.convert.read import read_weights
from cxrzoo.lazy import lazy_names

__all__ = [
    "ForeignTensor",
    "ForeignWeights",
    "KeyMap",
    "Rule",
    "attention",
    "batch_norm",
    "conv",
    "depthwise",
    "layer_norm",
    "linear",
    "patch_embedding",
    "read_weights",
    "scaled_linear",
]

__getattr__, __dir__, _ = lazy_names(__name__, {})
