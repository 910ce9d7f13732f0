"""LiteRT (TensorFlow Lite): one file, for phones and small devices."""

from importlib import import_module
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.export.interface import input_signature, metadata


def write(model: keras.Model, path: Path, card: dict[str, Any]) -> None:
    """Write ``path``, with the card among the file's metadata buffers."""
    model.export(str(path), format="litert", verbose=False, input_signature=input_signature(model))
    path.write_bytes(_with_metadata(path.read_bytes(), metadata(card)))


def run(path: Path, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute outputs by the LiteRT interpreter."""
    interpreter = import_module("ai_edge_litert.interpreter").Interpreter(str(path))
    given, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    interpreter.resize_tensor_input(given["index"], pixels.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(given["index"], pixels)
    interpreter.invoke()
    return np.array(interpreter.get_tensor(result["index"]), np.float32)


def _with_metadata(content: bytes, entries: dict[str, str]) -> bytes:
    schema = import_module("ai_edge_litert.schema_py_generated")  # an optional dependency
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    for key, value in entries.items():
        buffer, entry = schema.BufferT(), schema.MetadataT()
        buffer.data = np.frombuffer(value.encode(), np.uint8)
        entry.name, entry.buffer = f"cxrzoo.{key}", len(model.buffers)
        model.buffers.append(buffer)
        model.metadata = [*(model.metadata or []), entry]
    builder = import_module("flatbuffers").Builder(len(content))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
