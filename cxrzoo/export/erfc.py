"""ONNX's words for TensorFlow's Erfc, which an exact GELU is made of and tf2onnx does not know."""

from importlib import import_module
from typing import Any, Final

import numpy as np

_VERSION: Final = 9
"""Since this version of its operators ONNX has an Erf."""


def teach_tf2onnx() -> None:
    """Register the operation with tf2onnx, unless it has come to know it."""
    known = import_module("tf2onnx.handler").tf_op
    import_module("tf2onnx.onnx_opset")  # registers its own first
    versions = (version for domain in known.get_opsets().values() for version in domain)
    if not any("Erfc" in version for version in versions):
        known("Erfc").register_compat_handler(_erfc, _VERSION)


def _erfc(graph: Any, node: Any, **_: Any) -> None:
    """Replace one operation in tf2onnx's graph: ``erfc(x) = 1 - erf(x)``."""
    given, made = list(node.input), list(node.output)
    kind, shape = graph.get_dtype(made[0]), graph.get_shape(made[0])
    graph.remove_node(node.name)
    error = graph.make_node("Erf", given, name=f"{node.name}_erf")
    one = graph.make_const(f"{node.name}_one", np.array(1, np.float32))
    inputs = [one.output[0], error.output[0]]
    graph.make_node("Sub", inputs, name=node.name, outputs=made, dtypes=[kind], shapes=[shape])
