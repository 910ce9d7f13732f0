"""The formats that a model is exported in; packages that only one of them needs are loaded with it."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import ArtifactError
from cxrzoo.export import openvino, saved_model
from cxrzoo.export.depthwise import with_depthwise
from cxrzoo.export.erfc import teach_tf2onnx
from cxrzoo.export.interface import OUTPUT, export_by_keras, metadata
from cxrzoo.typed import check_fields


@dataclass(frozen=True, slots=True)
class Format:
    """A format and its runtime.

    Attributes:
        name: as Keras's ``model.export`` calls it.
        suffix: how a path of it ends; empty where it is a directory.
        runtime: the package that runs it.
        packages: modules that it cannot do without.
        extra: the extra of cxrzoo that brings them; None where they are required anyway.
        write: writes a model and its card.
        run: gives the outputs of a written file for float32 pixels ``(n, h, w, c)``.
    """

    name: str
    suffix: str
    runtime: str
    packages: tuple[str, ...]
    extra: str | None
    write: Callable[[keras.Model, Path, dict[str, Any]], None]
    run: Callable[[Path, NDArray[np.float32]], NDArray[np.float32]]

    def __post_init__(self) -> None:
        check_fields(self, ArtifactError)


def _write_onnx(model: keras.Model, path: Path, card: dict[str, Any]) -> None:
    """Write ``path``, with the card among the file's metadata properties."""
    if keras.backend.backend() == "tensorflow":
        teach_tf2onnx()
        model = with_depthwise(model)
    export_by_keras(model, path, "onnx")
    onnx = import_module("onnx")
    written = onnx.load(path)
    _name_output(written.graph)
    for key, value in metadata(card).items():
        written.metadata_props.add(key=key, value=value)
    onnx.save(written, path)


def _run_onnx(path: Path, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
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


def _write_litert(model: keras.Model, path: Path, card: dict[str, Any]) -> None:
    """Write ``path``, with the card among the file's metadata buffers."""
    export_by_keras(model, path, "litert")
    path.write_bytes(_with_metadata(path.read_bytes(), metadata(card)))


def _run_litert(path: Path, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute outputs by the LiteRT interpreter."""
    interpreter = import_module("ai_edge_litert.interpreter").Interpreter(str(path))
    given, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    interpreter.resize_tensor_input(given["index"], pixels.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(given["index"], pixels)
    interpreter.invoke()
    return np.array(interpreter.get_tensor(result["index"]), np.float32)


def _with_metadata(content: bytes, entries: dict[str, str]) -> bytes:
    schema = import_module("ai_edge_litert.schema_py_generated")
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


_FORMATS: Final = (
    Format("onnx", ".onnx", "onnxruntime", ("onnx", "onnxruntime"), "onnx", _write_onnx, _run_onnx),
    Format("openvino", ".xml", "openvino", ("openvino",), "openvino", openvino.write, openvino.run),
    Format(
        "litert",
        ".tflite",
        "ai-edge-litert",
        ("ai_edge_litert",),
        "litert",
        _write_litert,
        _run_litert,
    ),
    Format(
        "tf_saved_model",
        "",
        "tensorflow",
        ("tensorflow",),
        None,
        saved_model.write,
        saved_model.run,
    ),
)
FORMATS: Final = {form.name: form for form in _FORMATS}
"""Every format by name."""
