"""BatchNorm as what it is in inference, a scale and a shift, put into the convolution before it."""

from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from cxrzoo.errors import ModelError
from cxrzoo.typed import check_arguments


def fold_batch_norm(model: keras.Model) -> keras.Model:
    """Return a model that computes the same in inference with fewer BatchNorm layers.

    A convolution ``k * x + b`` and then ``gamma * (y - mean) / sqrt(variance + epsilon) + beta`` is one
    convolution: with ``s = gamma / sqrt(variance + epsilon)``, the kernel is ``s k`` and the bias
    ``s (b - mean) + beta``. It is computed in float64 and rounded once. A BatchNorm that follows
    something else, or a convolution whose output is also used elsewhere, stays. The new model is for
    inference: trained on, it is another network. A model that has nothing to fold is returned itself.

    Args:
        model: a functional model. It is left as it is.
    """
    check_arguments(fold_batch_norm, locals(), ModelError)
    folded = _pairs(model)
    if not folded:
        return model
    norms = {norm.name for norm in folded.values()}

    def clone(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config()
        if layer.name in norms:
            return layers.Activation("linear", name=layer.name, dtype=layer.dtype_policy)
        if layer.name in folded:
            config["use_bias"] = True
        return type(layer).from_config(config)

    def call(layer: keras.Layer, *args: Any, **kwargs: Any) -> Any:
        return layer(*args) if layer.name in norms else layer(*args, **kwargs)

    copy = keras.models.clone_model(model, clone_function=clone, call_function=call)
    for layer in model.layers:
        if layer.name in folded:
            copy.get_layer(layer.name).set_weights(_folded(layer, folded[layer.name]))
        elif layer.name not in norms and layer.weights:
            copy.get_layer(layer.name).set_weights(layer.get_weights())
    if (described := getattr(model, "cxrzoo", None)) is not None:
        copy.cxrzoo = described
    return copy


def _pairs(model: keras.Model) -> dict[str, keras.Layer]:
    """Return the BatchNorm that each convolution or dense layer takes in, by that layer's name."""
    if not model.built or not isinstance(getattr(model, "outputs", None), list):
        raise ModelError("model must be a functional model, built with its input's shape")
    made_by = {id(layer.output): layer for layer in model.layers if _once(layer)}
    readers: dict[int, int] = {id(output): 1 for output in model.outputs}
    for layer in model.layers:
        for node in layer._inbound_nodes:  # noqa: SLF001 - who reads what is not said in public
            for tensor in node.input_tensors:
                readers[id(tensor)] = readers.get(id(tensor), 0) + 1
    pairs = {}
    for norm in model.layers:
        if isinstance(norm, layers.BatchNormalization) and _once(norm):
            before = made_by.get(id(norm.input))
            if before is not None and readers[id(norm.input)] == 1 and _takes(before, norm):
                pairs[before.name] = norm
    return pairs


def _once(layer: keras.Layer) -> bool:
    return len(layer._inbound_nodes) == 1 and not isinstance(layer.output, list | dict)  # noqa: SLF001


def _takes(layer: keras.Layer, norm: keras.Layer) -> bool:
    kinds = (layers.Conv2D, layers.DepthwiseConv2D, layers.Dense)
    if not isinstance(layer, kinds) or layer.activation is not keras.activations.linear:
        return False
    return norm.axis in (-1, len(layer.output.shape) - 1)


def _folded(layer: keras.Layer, norm: keras.Layer) -> list[NDArray[np.float32]]:
    def exact(variable: Any) -> NDArray[np.float64]:
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
    # A depthwise kernel is (h, w, channels, multiplier); the others end in their filters.
    depthwise = isinstance(layer, layers.DepthwiseConv2D)
    factor = scale.reshape(kernel.shape[-2:]) if depthwise else scale
    return [(kernel * factor).astype(np.float32), shift.astype(np.float32)]
