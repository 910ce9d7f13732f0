"""Whether a model is the one that its description makes: held before anything is written of it."""

from dataclasses import dataclass
from typing import Final

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.artifacts.selfcheck import golden_inputs, outputs_of
from cxrzoo.errors import ArtifactError, CxrZooError
from cxrzoo.models import computes_in_float32, model_tensors
from cxrzoo.models.restore import build_described
from cxrzoo.models.structure import differences
from cxrzoo.models.tensors import assign_tensors
from cxrzoo.pretrained import ModelConfig

_COMPARED: Final = 2
_FLOAT32: Final = 1e-3
"""Of the largest output: the same sums in another order, in TensorFloat-32 on a graphics card."""
_HALF: Final = 0.05
"""Likewise, of a model that computes in bfloat16 or float16."""
_NAMED: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """The model that a description makes, with the weights of a model that was held against it.

    Attributes:
        model: computes in float32.
        inputs: real X-rays, uint8 ``(n, height, width, channels)``.
        outputs: what the model gives for them, float32 ``(n, ...)``.
    """

    model: keras.Model
    inputs: NDArray[np.uint8]
    outputs: NDArray[np.float32]


def require_described(
    model: keras.Model,
    config: ModelConfig,
    *,
    instead: str,
    error: type[CxrZooError] = ArtifactError,
) -> Described:
    """Refuse a model that is not the one that its description makes; return that one.

    The description is built anew and given the model's weights. Both must have the same layers, as far
    as these show in inference, with the same settings, and give the same outputs for real X-rays: what
    an output does not show, because it is saturated or dead, the layers do, and the other way round.

    Args:
        model: what should be a model of the zoo.
        config: its description.
        instead: what to do with another model, as sentences.
        error: what to raise.

    Returns:
        The new model, with a copy of the weights, and its outputs.

    Raises:
        ArtifactError: it is another model, unless ``error`` names another error. Says what differs.
        ModelError: the description makes no model.
    """
    made = build_described(config)
    found = differences(model, made)
    shape = getattr(model, "output_shape", None)  # a model with a call of its own may have none
    if found and config.labels and shape not in (None, made.output_shape):
        found.insert(0, f"its output is {shape}, but its config has {len(config.labels)} labels")
    if not found:
        assign_tensors(made, model_tensors(model))
        inputs = golden_inputs(made)
        described = Described(made, inputs, outputs_of(made, inputs))
        found = _unlike_outputs(model, described, config)
    if not found:
        return described
    more = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    raise error(
        f"{model.name!r:.80} is not the model that its description makes "
        f"({config.builder}): {'; '.join(found[:_NAMED])}{more}. {instead}"
    )


def _unlike_outputs(model: keras.Model, described: Described, config: ModelConfig) -> list[str]:
    inputs = described.inputs[:_COMPARED]
    try:
        found = outputs_of(model, inputs)
    except Exception as error:  # noqa: BLE001 - a call of one's own raises anything
        return [f"it cannot take an X-ray: {' '.join(str(error).split()):.200}"]
    expected, relative = described.outputs[:_COMPARED], _FLOAT32
    if not computes_in_float32(model):
        # Deep in a network bfloat16 is a third off float32, but not off itself.
        policy = next(layer.dtype_policy for layer in model.layers if not _is_float32(layer))
        same_precision = build_described(config, policy.name)
        assign_tensors(same_precision, model_tensors(model))
        expected, relative = outputs_of(same_precision, inputs), _HALF
    if found.shape != expected.shape:
        return [f"its outputs have the shape {found.shape}, described is {expected.shape}"]
    size = np.abs(expected[np.isfinite(expected)]).max(initial=0.0)
    tolerance = 1e-6 + relative * float(size)
    # Outputs that are no numbers are the business of who writes them.
    if np.allclose(found, expected, rtol=0.0, atol=tolerance, equal_nan=True):
        return []
    difference = np.abs(found - expected).max()
    text = (
        f"the layers are those described, but outputs for real X-rays differ by up to {difference:.2g}, "
        f"of which rounding explains {tolerance:.1g}"
    )
    return [text]


def _is_float32(layer: keras.Layer) -> bool:
    return layer.compute_dtype in (None, "float32")
