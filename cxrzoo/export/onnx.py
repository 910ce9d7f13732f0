"""ONNX: one file, run by ONNX Runtime."""

from importlib import import_module
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.export.interface import OUTPUT, input_signature, metadata


def write(model: keras.Model, path: Path, card: dict[str, Any]) -> None:
    """Write ``path``, with the card among the file's metadata properties."""
    onnx = import_module("onnx")  # an optional dependency, as all such

    model.export(str(path), format="onnx", verbose=False, input_signature=input_signature(model))
    written = onnx.load(path)
    _name_output(written.graph)
    for key, value in metadata(card).items():
        written.metadata_props.add(key=key, value=value)
    onnx.save(written, path)


def run(path: Path, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute outputs by ONNX Runtime on the processor."""
    session = import_module("onnxruntime").InferenceSession(
        str(path), providers=["CPUExecutionProvider"]
    )
    (outputs,) = session.run([OUTPUT], {session.get_inputs()[0].name: pixels})
    return np.asarray(outputs, np.float32)


def _name_output(graph: Any) -> None:
    """Call the output by one name, whichever backend wrote the file."""
    given = graph.output[0].name
    for node in graph.node:
        for names in (node.input, node.output):
            for place, name in enumerate(names):
                if name == given:
                    names[place] = OUTPUT
    graph.output[0].name = OUTPUT
