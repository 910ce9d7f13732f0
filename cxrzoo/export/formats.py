"""The formats that a model is exported in."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.export import litert, onnx, openvino, saved_model


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


FORMATS: Final = {
    form.name: form
    for form in (
        Format(
            "onnx", ".onnx", "onnxruntime", ("onnx", "onnxruntime"), "onnx", onnx.write, onnx.run
        ),
        Format(
            "openvino", ".xml", "openvino", ("openvino",), "openvino", openvino.write, openvino.run
        ),
        Format(
            "litert",
            ".tflite",
            "ai-edge-litert",
            ("ai_edge_litert",),
            "litert",
            litert.write,
            litert.run,
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
}
"""Every format by name."""
