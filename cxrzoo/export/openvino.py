"""OpenVINO: a graph (``.xml``) and its weights (``.bin``)."""

import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.export.interface import INPUT, OUTPUT, input_signature, metadata
from cxrzoo.export.openvino_graph import free_batch, sink_transposes

IN_FLOAT32 = {"INFERENCE_PRECISION_HINT": "f32"}
"""Compile with this. By itself OpenVINO computes in bfloat16 on processors that can, and scores then
differ in the second decimal."""


def runtime() -> Any:
    """Return the module ``openvino``, without its telemetry.

    Its converter would otherwise tell its makers of every conversion, unasked. What a hospital computes
    is nobody's business; a program that imported OpenVINO itself before has made its own choice.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type] # None: not to be had
    return import_module("openvino")


def converted(model: keras.Model) -> Any:
    """Return the model as an ``openvino.Model``, weights in float32, of any batch."""
    core = runtime().Core()
    core.set_property({"ENABLE_MMAP": False})  # the file is gone before the model is
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.xml"
        model.export(
            str(path), format="openvino", verbose=False, input_signature=input_signature(model)
        )
        graph = core.read_model(path)
    # Where PyTorch traced the model, the input has neither name nor shape.
    graph.inputs[0].tensor.set_names({INPUT})
    graph.inputs[0].get_node().set_friendly_name(INPUT)
    graph.outputs[0].tensor.set_names({OUTPUT})
    # TensorFlow's export lists every swish within the model as an output too, and each would be kept.
    for result in graph.get_results()[1:]:
        graph.remove_result(result)
    graph.reshape([-1, *model.input_shape[1:]])
    free_batch(graph)
    sink_transposes(graph)
    return graph


def write(model: keras.Model, path: Path, card: dict[str, Any]) -> None:
    """Write ``path`` and the ``.bin`` beside it, with the card as runtime information."""
    graph = converted(model)
    for key, value in metadata(card).items():
        graph.set_rt_info(value, ["cxrzoo", key])
    runtime().save_model(graph, path, compress_to_fp16=False)


def run(path: Path, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute outputs by the OpenVINO runtime on the processor, in float32."""
    core = runtime().Core()
    core.set_property({"ENABLE_MMAP": False})
    compiled = core.compile_model(core.read_model(path), "CPU", IN_FLOAT32)
    return np.array(compiled(pixels)[0], np.float32)
