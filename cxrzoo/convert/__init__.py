"""Weights published for other frameworks: read as numbers, never run."""

from cxrzoo.convert.foreign import ForeignTensor, ForeignWeights
from cxrzoo.convert.read import read_weights

__all__ = ["ForeignTensor", "ForeignWeights", "read_weights"]
