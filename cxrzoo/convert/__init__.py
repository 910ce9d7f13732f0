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
    scaled_linear,
)
from cxrzoo.convert.read import read_weights

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
    "read_weights",
    "scaled_linear",
]
