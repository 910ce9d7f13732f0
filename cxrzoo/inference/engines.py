"""What computes scores from pixels: Keras's backend, or OpenVINO."""

import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Literal

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import DataError, MissingExtraError, ModelError
from cxrzoo.export.openvino import IN_FLOAT32, converted, runtime
from cxrzoo.models import fold_batch_norm

__all__ = ["Engine", "EngineName", "engine_for"]

EngineName = Literal["auto", "keras", "openvino"]

_MANY = 500
"""Files from which the second or two that OpenVINO takes to convert a model come back, on TensorFlow and
two processors: some 300 for a MobileNet of 224 pixels, more for 160 pixels."""

_FOLDED_FROM = 1_000
"""Files from which the time that folding and compiling once more take comes back; fewer are scored by
the model itself, whose compiled function serves the next call too."""

Engine = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""Gives scores float32 ``(b, k)`` for pixels uint8 ``(b, h, w, c)``."""


def engine_for(model: keras.Model, name: EngineName, n: int) -> Engine:
    """Gives what computes a model's scores.

    Args:
        model: a model of the zoo.
        name: ``"keras"``, ``"openvino"``, or ``"auto"``: OpenVINO where it is installed, can take the
            model over, and ``n`` is large enough for that to pay.
        n: how many files are to be scored.

    Raises:
        DataError: there is no such engine.
        MissingExtraError: OpenVINO is not installed.
        ModelError: OpenVINO cannot take the model over from this backend.
    """
    if name not in ("auto", "keras", "openvino"):
        raise DataError(f"engine must be 'auto', 'keras' or 'openvino'; received {name!r:.80}")
    backend = keras.backend.backend()
    # Keras itself lets its OpenVINO backend compute in bfloat16 where the processor can.
    if backend == "openvino":
        return _openvino(model)
    installed = find_spec("openvino") is not None
    if name == "openvino" and not installed:
        raise MissingExtraError(
            "the engine 'openvino' needs a package that is not installed: pip install 'cxrzoo[openvino]'"
        )
    worth = installed and n >= _MANY and backend in ("tensorflow", "torch")
    if name == "openvino" or (name == "auto" and worth):
        return _openvino(model)
    return _keras(model, n)


def _keras(model: keras.Model, n: int) -> Engine:
    computing = model
    # Where it pays: benchmarks/speed/predict.py
    if n >= _FOLDED_FROM and keras.backend.backend() in ("tensorflow", "torch"):
        computing = fold_batch_norm(model)
    return lambda pixels: np.asarray(computing.predict_on_batch(pixels), np.float32)


def _openvino(model: keras.Model) -> Engine:
    openvino = runtime()
    from openvino.preprocess import PrePostProcessor  # noqa: PLC0415 - an optional dependency

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the converter, to those who write converters
            graph = converted(model)
    except Exception as error:  # the converter raises anything
        raise ModelError(
            f"OpenVINO cannot take a model over from Keras's {keras.backend.backend()} backend: "
            f"{' '.join(str(error).split()):.200}. Set KERAS_BACKEND=tensorflow, or take engine 'keras'."
        ) from error
    # A quarter of the bytes go in; the conversion to float32 is part of the graph.
    bytes_in = PrePostProcessor(graph)
    bytes_in.input().tensor().set_element_type(openvino.Type.u8)
    bytes_in.input().preprocess().convert_element_type(openvino.Type.f32)
    compiled = openvino.Core().compile_model(bytes_in.build(), "CPU", IN_FLOAT32)
    return lambda pixels: np.array(compiled(pixels)[0], np.float32)
