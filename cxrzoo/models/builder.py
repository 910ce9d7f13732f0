"""The one builder behind every public one: from a backbone and arguments to a ``keras.Model``."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from typing import Any

import keras
from keras import layers

from cxrzoo.errors import ModelError, ReluOutputWarning, either
from cxrzoo.models.backbone import Backbone, Scaling, Tokens
from cxrzoo.models.head import classify, is_head, pool, require_room
from cxrzoo.models.tensors import planned_shapes
from cxrzoo.nearest import with_nearest
from cxrzoo.pretrained import ModelConfig
from cxrzoo.pretrained.config import normalise_labels
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments


def require_known(backbone: Backbone, given: Mapping[str, Any]) -> None:
    """Refuse arguments that the builder does not have.

    Raises:
        ModelError: says which, with the nearest names.
    """
    if unknown := [name for name in given if name not in backbone.defaults]:
        raise ModelError(
            f"{backbone.name} has no argument {with_nearest(unknown, backbone.defaults)}; "
            f"it takes {', '.join(backbone.defaults)}."
        )


def describe(backbone: Backbone, arguments: Mapping[str, Any]) -> ModelConfig:
    """Return the description of the model that complete arguments make, each in its one spelling.

    Raises:
        ModelError: an argument is of the wrong type or out of bounds; says which, what was expected and
            what came.
    """
    checked = {}
    for name, value in arguments.items():
        if name in {"labels", "weights"}:
            continue
        kind = backbone.kind(name)
        try:
            checked[name] = kind.check(value)
        except Exception:  # noqa: BLE001 - a stranger's object raises what it likes
            raise ModelError(
                f"{backbone.name}: {name} must be {kind.expected}; received {shown(value)}."
            ) from None
    _require_whole_patches(backbone, checked["input_shape"])
    try:
        labels = normalise_labels(arguments["labels"])
        return ModelConfig(backbone.name, checked, labels if checked["include_top"] else ())
    except ValueError as error:
        raise ModelError(f"{backbone.name}: {error}.") from None


def build(backbone: Backbone, config: ModelConfig, *, advise: bool = True) -> keras.Model:
    """Build a described model with random weights and hang its description on it.

    ``advise`` is whether to warn of a ReLU output.

    Raises:
        ModelError: the model would have too many parameters, Keras is set to channels first, or the
            backbone uses a name of the head.
    """
    if keras.config.image_data_format() != "channels_last":
        raise ModelError(
            "cxrzoo builds channels-last models; call "
            "keras.config.set_image_data_format('channels_last') first."
        )
    model = _construct(backbone, config)
    arguments = config.arguments
    if advise and arguments["include_top"] and arguments["classifier_activation"] == "relu":
        warnings.warn(
            f"{backbone.name} has a ReLU output: its scores are no probabilities, and an output that "
            "falls to 0 gets no gradient and stays there"
            + either("; pass classifier_activation='sigmoid'.", "."),
            ReluOutputWarning,
            stacklevel=4,  # the line that calls the builder, or from_pretrained
        )
    model.cxrzoo = config
    return model


def planned(backbone: Backbone, config: ModelConfig) -> dict[str, tuple[int, ...]]:
    """Return the shape of every tensor of a described model by name, without building it.

    Raises:
        ModelError: it would have too many parameters.
    """
    return planned_shapes(lambda: _construct(backbone, config))


def parameters(backbone: Backbone) -> int:
    """Return the number of parameters that a builder's model has by default."""
    check_arguments(parameters, locals(), ModelError)
    shapes = planned(backbone, describe(backbone, backbone.defaults))
    return sum(prod(shape) for shape in shapes.values())


def _construct(backbone: Backbone, config: ModelConfig) -> keras.Model:
    arguments = config.arguments
    pixels = keras.Input(arguments["input_shape"], name="pixels")
    scaled = _scaled(pixels, backbone.scaling_for(arguments))
    try:
        made = backbone.network(scaled, weights=None, **backbone.own(arguments))
    except Exception as error:  # a network refuses what it cannot take in its own ways
        reason = " ".join(str(error).split())
        raise ModelError(
            f"{backbone.name} cannot be built with these arguments: {reason:.300}"
        ) from error
    features = _features(made)
    body = keras.Model(pixels, [one for one in (features.maps, features.pooled) if one is not None])
    if reserved := [layer.name for layer in body.layers if is_head(layer.name)]:
        raise ModelError(
            f"the backbone {backbone.name} has a layer {reserved[0]!r}; 'predictions' and names that "
            "start with 'head_' belong to the head. Give the layer another name."
        )
    below = body.count_params()
    require_room(below)
    if arguments["include_top"]:
        outputs = classify(
            features,
            flatten=backbone.flatten,
            hidden_units=arguments["hidden_units"],
            hidden_activation=arguments["hidden_activation"],
            dropout=arguments["dropout"],
            n_labels=len(config.labels),
            activation=arguments["classifier_activation"],
            below=below,
        )
    else:
        outputs = pool(features, arguments["pooling"], flatten=backbone.flatten)
    return keras.Model(pixels, outputs, name=arguments["name"])


def _features(made: keras.Model | keras.KerasTensor | Tokens) -> Tokens:
    """Return what a network gives, whichever way it says so."""
    if isinstance(made, Tokens):
        return made
    return Tokens(made.output if isinstance(made, keras.Model) else made)


def _require_whole_patches(backbone: Backbone, shape: tuple[int, int, int]) -> None:
    """Refuse an input that is no whole number of patches high and wide.

    Raises:
        ModelError: says the nearest ones.
    """
    nearest = backbone.nearest_shapes(shape)
    if backbone.patches is not None and nearest != [shape]:
        sizes = " and ".join(f"{height} x {width}" for height, width, _ in nearest)
        raise ModelError(
            f"{backbone.name}: input_shape must have sides that are multiples of "
            f"{backbone.patches.side} pixels, the side of its patches; received {shape!r}. The nearest "
            f"are {sizes} pixels."
        )


def _scaled(pixels: keras.KerasTensor, scaling: Scaling) -> keras.KerasTensor:
    """Scale pixels; a grey image becomes three channels where each is scaled in its own way."""
    if scaling.by_channel and pixels.shape[-1] == 1:
        pixels = layers.Concatenate(name="grey_to_rgb")([pixels] * 3)
    scale, offset = (
        list(value) if isinstance(value, tuple) else value
        for value in (scaling.scale, scaling.offset)
    )
    return layers.Rescaling(scale, offset, name="scale")(pixels)


@contextmanager
def building_in(policy: str) -> Iterator[None]:
    """Build models under a dtype policy, such as ``"float32"``, whatever Keras's global policy is."""
    check_arguments(building_in, locals(), ModelError)
    before = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy(policy)
    except ValueError:
        raise ModelError(
            f"policy must be a dtype policy of Keras, such as 'float32'; got {shown(policy)}"
        ) from None
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def computes_in_float32(model: keras.Model) -> bool:
    """Return whether every layer of a model computes in float32."""
    check_arguments(computes_in_float32, locals(), ModelError)
    return all(layer.compute_dtype in (None, "float32") for layer in model.layers)
