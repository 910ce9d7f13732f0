"""Grouped convolutions with a filter a channel as depthwise ones, which every converter knows.

On TensorFlow, Keras computes a Conv2D with groups by a function compiled for it alone, and tf2onnx has no
words for that. ConvNeXt has such layers. A DepthwiseConv2D is the same sum with another order of its
kernel's axes.
"""

import keras
from keras import layers


def with_depthwise(model: keras.Model) -> keras.Model:
    """Return the same network without such convolutions; the model itself if it has none."""
    if not any(_is_depthwise(layer) for layer in _layers(model)):
        return model
    made = keras.models.clone_model(model, clone_function=_cloned, recursive=True)
    for theirs, ours in zip(_layers(model), _layers(made), strict=True):
        values = theirs.get_weights()
        if _is_depthwise(theirs):
            values[0] = values[0].transpose(0, 1, 3, 2)  # (h, w, 1, c) -> (h, w, c, 1)
        ours.set_weights(values)
    made.cxrzoo = model.cxrzoo
    return made


def _layers(model: keras.Model) -> list[layers.Layer]:
    """Return every layer that is no network of layers itself, in order."""
    found = model._flatten_layers(include_self=False)  # noqa: SLF001 - Keras has no public way
    return [layer for layer in found if not isinstance(layer, keras.Model)]


def _is_depthwise(layer: layers.Layer) -> bool:
    return (
        type(layer) is layers.Conv2D and 1 < layer.groups == layer.filters == layer.input.shape[-1]
    )


def _cloned(layer: layers.Layer) -> layers.Layer:
    config = layer.get_config()
    if not _is_depthwise(layer):
        return type(layer).from_config(config)
    for name in ("filters", "groups"):
        del config[name]
    for part in ("initializer", "regularizer", "constraint"):
        config[f"depthwise_{part}"] = config.pop(f"kernel_{part}")
    return layers.DepthwiseConv2D.from_config(config)
