"""What computes scores from pixels: Keras's backend, or OpenVINO."""

import warnings
from collections.abc import Callable

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import ModelError, either
from cxrzoo.export.openvino import IN_FLOAT32, converted, runtime
from cxrzoo.inference.choice import Choice
from cxrzoo.models import fold_batch_norm

Engine = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""Gives scores float32 ``(b, k)`` for pixels uint8 ``(b, h, w, c)``."""


def make_engine(model: keras.Model, choice: Choice) -> Engine:
    """Make what computes a model's scores, with the weights that it has now.

    Raises:
        ModelError: OpenVINO cannot take the model over from this backend.
    """
    if choice.engine == "openvino":
        return _openvino(model)
    computing = fold_batch_norm(model) if choice.folded else model
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
            f"{' '.join(str(error).split()):.200}. Set KERAS_BACKEND=tensorflow, or take "
            + either("engine 'keras'.", "--engine keras.")
        ) from error
    # A quarter of the bytes go in; the conversion to float32 is part of the graph.
    bytes_in = PrePostProcessor(graph)
    bytes_in.input().tensor().set_element_type(openvino.Type.u8)
    bytes_in.input().preprocess().convert_element_type(openvino.Type.f32)
    compiled = openvino.Core().compile_model(bytes_in.build(), "CPU", IN_FLOAT32)
    return lambda pixels: np.array(compiled(pixels)[0], np.float32)
