"""BatchNorm as what it is in inference, a scale and a shift, put into the convolution before it."""

from itertools import pairwise

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from cxrzoo.errors import ModelError

__all__ = ["fold_batch_norm"]


def fold_batch_norm(model: keras.Model) -> keras.Model:
    """Gives a model that computes the same in inference, without BatchNorm layers.

    A convolution ``k * x + b`` and then ``gamma * (y - mean) / sqrt(variance + epsilon) + beta`` is one
    convolution: with ``s = gamma / sqrt(variance + epsilon)``, the kernel is ``s k`` and the bias
    ``s (b - mean) + beta``. It is computed in float64 and rounded once. The new model is for inference:
    trained on, it is another network. A model that has none comes back itself.

    Args:
        model: a model of the zoo, or any other whose layers follow one another in a row. It is left as
            it is.

    Raises:
        ModelError: the layers branch, or a BatchNorm does not follow a linear convolution or dense layer.
    """
    row = list(model.layers)
    if not any(isinstance(layer, layers.BatchNormalization) for layer in row):
        return model
    for before, after in pairwise(row):
        if after.input is not before.output:
            raise ModelError(
                f"fold_batch_norm takes layers in a row; {after.name!r} does not follow {before.name!r}."
            )
    x = inputs = keras.Input(model.input_shape[1:], dtype=row[0].dtype, name=row[0].name)
    for before, layer, after in zip(row[:-1], row[1:], [*row[2:], None], strict=True):
        if isinstance(layer, layers.BatchNormalization):
            if not _folds(before):
                raise ModelError(
                    f"{layer.name!r} follows {before.name!r}, which cannot take it in."
                )
            continue
        config = layer.get_config()
        weights = [np.asarray(keras.ops.convert_to_numpy(one)) for one in layer.weights]
        if isinstance(after, layers.BatchNormalization) and _folds(layer):
            config["use_bias"] = True
            weights = _folded(layer, after)
        copy = type(layer).from_config(config)
        x = copy(x)
        copy.set_weights(weights)
    folded = keras.Model(inputs, x, name=model.name)
    if (described := getattr(model, "cxrzoo", None)) is not None:
        folded.cxrzoo = described
    return folded


def _folds(layer: keras.Layer) -> bool:
    kinds = (layers.Conv2D, layers.DepthwiseConv2D, layers.Dense)
    return isinstance(layer, kinds) and layer.activation is keras.activations.linear


def _folded(layer: keras.Layer, norm: keras.Layer) -> list[NDArray[np.float32]]:
    def exact(variable: keras.Variable) -> NDArray[np.float64]:
        return np.asarray(keras.ops.convert_to_numpy(variable), np.float64)

    kernel = exact(layer.kernel)
    scale = 1 / np.sqrt(exact(norm.moving_variance) + norm.epsilon)
    if norm.scale:
        scale = scale * exact(norm.gamma)
    shift = -exact(norm.moving_mean) * scale
    if norm.center:
        shift = shift + exact(norm.beta)
    if layer.use_bias:
        shift = shift + exact(layer.bias) * scale
    # A depthwise kernel is (h, w, channels, 1); the others end in their filters.
    depthwise = isinstance(layer, layers.DepthwiseConv2D)
    spread = scale.reshape(kernel.shape[-2:]) if depthwise else scale
    return [(kernel * spread).astype(np.float32), shift.astype(np.float32)]
