"""Which engine computes: decided from what is asked for and what is there, before Keras is imported."""

import os
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from typing import Final, Literal, get_args

from cxrzoo.errors import DataError, MissingExtraError
from cxrzoo.text import shown

EngineName = Literal["auto", "keras", "openvino"]

_MANY: Final = 500
"""Images from which the second or two that OpenVINO takes to convert a model come back, on TensorFlow
and two processors: some 300 for a MobileNet of 224 pixels, more for 160 pixels."""

_FOLDED_FROM: Final = 1_000
"""Images from which the time that folding and compiling once more take comes back; fewer are scored by
the model itself, whose compiled function serves the next call too (benchmarks/speed/predict.py)."""

_BUILDS_ALL: Final = (3, 13)
"""The first Keras whose OpenVINO backend has all layers."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What computes scores.

    Attributes:
        engine: ``"keras"``, its backend; or ``"openvino"``, in float32 on the processor.
        folded: whether each BatchNorm is first folded into the convolution before it.
        backend: the Keras backend to import, where nobody has asked for one and OpenVINO will compute:
            it only builds the model, and is ready before TensorFlow would be imported.
    """

    engine: Literal["keras", "openvino"]
    folded: bool = False
    backend: str | None = None


def choose_engine(
    asked: EngineName,
    n: int | None = None,
    *,
    installed: bool,
    backend: str | None,
    keras: tuple[int, ...] = _BUILDS_ALL,
) -> Choice:
    """Decide what computes.

    Args:
        asked: ``"keras"``, ``"openvino"``, or ``"auto"``: OpenVINO where it is installed, can take the
            model over, and ``n`` is large enough for that to pay.
        n: how many images are to be scored, if that is known.
        installed: whether OpenVINO is there.
        backend: Keras's backend; None before Keras is imported, where none was asked for.
        keras: its version.

    Raises:
        DataError: there is no such engine.
        MissingExtraError: OpenVINO was asked for and is not installed.
    """
    if asked not in get_args(EngineName):
        raise DataError(f"engine must be 'auto', 'keras' or 'openvino'; received {shown(asked)}")
    # Keras itself lets its OpenVINO backend compute in bfloat16 where the processor can.
    if backend == "openvino":
        return Choice("openvino")
    if asked == "openvino" and not installed:
        raise MissingExtraError(
            "the engine 'openvino' needs a package that is not installed: pip install 'cxrzoo[openvino]'"
        )
    if backend is None and asked != "keras" and installed and keras >= _BUILDS_ALL:
        return Choice("openvino", backend="openvino")
    images, convertible = n or 0, backend in ("tensorflow", "torch")
    if asked == "openvino" or (asked == "auto" and installed and convertible and images >= _MANY):
        return Choice("openvino")
    return Choice("keras", folded=convertible and images >= _FOLDED_FROM)


def engine_here(asked: EngineName, n: int | None = None) -> Choice:
    """Decide what computes in this process; see :func:`choose_engine`."""
    backend = os.environ.get("KERAS_BACKEND") or None
    if (keras := sys.modules.get("keras")) is not None:
        backend = keras.backend.backend()
    installed, version_of_keras = _installed()
    return choose_engine(asked, n, installed=installed, backend=backend, keras=version_of_keras)


@cache
def _installed() -> tuple[bool, tuple[int, ...]]:
    major, minor = version("keras").split(".")[:2]
    return find_spec("openvino") is not None, (int(major), int(minor))
