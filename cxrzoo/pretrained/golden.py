"""Golden vectors: real inputs and the outputs that the saved model gave them.

``golden.safetensors`` holds three tensors: ``inputs``, uint8 ``(n, height, width, channels)``;
``outputs``, float32 ``(n, ...)``; and ``tolerance``, one float32: the largest absolute difference of
an output that another backend or machine may show.
"""

from dataclasses import dataclass
from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from cxrzoo.errors import TensorError
from cxrzoo.pretrained.tensors import HEADER_BYTES, read_safetensors

MAX_VECTORS: Final = 8
# Two backends on processors differ by some 1e-6; a graphics card that computes in TensorFloat-32
# keeps ten bits of each factor and differs by more; a wrong weight or activation by more still.
_RELATIVE: Final = 1e-3
_MAX_RELATIVE: Final = 1e-2


@dataclass(frozen=True, slots=True, eq=False)
class Golden:
    """A few inputs and what the saved model gave.

    Attributes:
        inputs: uint8 pixels ``(n, height, width, channels)``.
        outputs: float32 ``(n, ...)``.
        tolerance: the largest absolute difference that is no failure.
    """

    inputs: NDArray[np.uint8]
    outputs: NDArray[np.float32]
    tolerance: float


def dump_golden(inputs: NDArray[np.uint8], outputs: NDArray[np.float32]) -> bytes:
    """Return the bytes of ``golden.safetensors``.

    Raises:
        TensorError: an output is not finite.
    """
    if not np.isfinite(outputs).all():
        raise TensorError(
            "the model gives a real X-ray outputs that are not finite; it is not saved."
        )
    return save(
        {
            "inputs": np.ascontiguousarray(inputs, np.uint8),
            "outputs": np.ascontiguousarray(outputs, np.float32),
            "tolerance": np.asarray([_RELATIVE * _scale(outputs)], np.float32),
        }
    )


def golden_bytes(input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> int:
    """Return the most bytes that the golden vectors of a model with these shapes take."""
    return MAX_VECTORS * (prod(input_shape) + 4 * prod(output_shape)) + 4 + HEADER_BYTES


def parse_golden(
    raw: bytes, *, input_shape: tuple[int, ...], output_shape: tuple[int, ...], source: str
) -> Golden:
    """Read golden vectors of a model with these shapes (without the batch); ``source`` names them.

    Raises:
        TensorError: broken, or of another model, or with a tolerance that anything would pass.
    """
    found = read_safetensors(raw, source=source)
    if set(found) != {"inputs", "outputs", "tolerance"}:
        raise TensorError(
            f"{source} must hold 'inputs', 'outputs' and 'tolerance'; it has {sorted(found)!r:.200}."
        )
    inputs, outputs = found["inputs"], found["outputs"]
    n = len(inputs) if inputs.ndim else 0
    if not 1 <= n <= MAX_VECTORS:
        raise TensorError(f"{source} must hold 1 to {MAX_VECTORS} vectors; it has {n}.")
    for name, dtype, shape in (
        ("inputs", "uint8", (n, *input_shape)),
        ("outputs", "float32", (n, *output_shape)),
        ("tolerance", "float32", (1,)),
    ):
        value = found[name]
        if value.dtype.name != dtype or value.shape != shape:
            raise TensorError(
                f"{source}: {name!r} must be {dtype} {shape}; it is {value.dtype.name} {value.shape}."
            )
    tolerance = float(found["tolerance"][0])
    if not np.isfinite(outputs).all():
        raise TensorError(f"{source}: 'outputs' holds values that are not finite.")
    if not 0 < tolerance <= _MAX_RELATIVE * _scale(outputs):
        raise TensorError(
            f"{source}: a tolerance of {tolerance} beside outputs of up to "
            f"{np.abs(outputs).max():.3g} checks nothing; expected at most a hundredth of them."
        )
    return Golden(inputs, outputs, tolerance)


def _scale(outputs: NDArray[np.float32]) -> float:
    return max(1.0, float(np.abs(outputs).max(initial=0.0)))
