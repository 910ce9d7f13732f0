"""ONNX: one file, run by ONNX Runtime."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.export.card import OUTPUT, input_signature, metadata

__all__ = ["run", "write"]


def write(model: keras.Model, path: Path, card: dict[str, Any]) -> None:
    """Writes ``path``, with the card among the file's metadata properties."""
    import onnx  # noqa: PLC0415 - an optional dependency

    model.export(str(path), format="onnx", verbose=False, input_signature=input_signature(model))
    written = onnx.load(path)
    _name_output(written.graph)
    for key, value in metadata(card).items():
        written.metadata_props.add(key=key, value=value)
    onnx.save(written, path)


def run(path: Path, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Computes outputs by ONNX Runtime on the processor."""
    import onnxruntime  # noqa: PLC0415 - an optional dependency

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (outputs,) = session.run([OUTPUT], {session.get_inputs()[0].name: pixels})
    return np.asarray(outputs, np.float32)


def _name_output(graph: Any) -> None:
    """Calls the output by one name, whichever backend wrote the file."""
    given = graph.output[0].name
    for node in graph.node:
        for names in (node.input, node.output):
            for place, name in enumerate(names):
                if name == given:
                    names[place] = OUTPUT
    graph.output[0].name = OUTPUT
