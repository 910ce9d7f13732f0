"""What stands on a backbone: pooling, and one output a label, with or without a hidden layer.

Every layer of a head has a name that starts with ``head_`` or is ``predictions``; by these names
:func:`cxrzoo.replace_head` knows what to leave behind, and no backbone may use them.
"""

import keras
from keras import layers

from cxrzoo.errors import ModelError
from cxrzoo.models.arguments import MAX_PARAMETERS
from cxrzoo.models.backbone import Tokens


def is_head(path: str) -> bool:
    """Return whether a layer's name or a variable's path belongs to a head."""
    return path.startswith("head_") or path.split("/", maxsplit=1)[0] == "predictions"


def classify(
    features: Tokens,
    *,
    flatten: bool,
    hidden_units: int | None,
    hidden_activation: str,
    dropout: float,
    n_labels: int,
    activation: str | None,
    below: int,
) -> keras.KerasTensor:
    """Put a head on what a network gives; return ``(b, n_labels)``.

    The output is computed in float32 under every dtype policy: a float16 sigmoid saturates.
    ``below`` counts the parameters below the head.

    Raises:
        ModelError: there would be too many parameters in all.
    """
    x = _embedding(features, flatten=flatten)
    if not flatten:
        x = layers.Dropout(dropout, name="head_dropout_in")(x)
    require_room(below + _parameters(x.shape[-1], hidden_units, n_labels))
    if hidden_units is not None:
        x = layers.Dense(hidden_units, name="head_dense")(x)
        x = activate(hidden_activation, "head_activation")(x)
    if hidden_units is not None or flatten:
        x = layers.Dropout(dropout, name="head_dropout")(x)
    return layers.Dense(n_labels, activation=activation, dtype="float32", name="predictions")(x)


def activate(name: str, layer_name: str) -> keras.Layer:
    """Return an activation layer: ``"leaky_relu"`` has slope 0.3, the others are Keras's own."""
    if name == "leaky_relu":
        return layers.LeakyReLU(name=layer_name)
    return layers.Activation(name, name=layer_name)


def pool(features: Tokens, pooling: str | None, *, flatten: bool) -> keras.KerasTensor:
    """Pool feature maps ``(b, h, w, c)`` to vectors; None leaves them.

    ``"avg"`` and ``"max"`` give ``(b, c)``, ``"head"`` what a head takes.
    """
    if pooling == "head":
        return _embedding(features, flatten=flatten)
    if pooling == "avg":
        return _averaged(features.maps, "pool_avg")
    if pooling == "max":
        flat = len(features.maps.shape) == 3
        kind = layers.GlobalMaxPooling1D if flat else layers.GlobalMaxPooling2D
        return kind(name="pool_max")(features.maps)
    return features.maps


def _embedding(features: Tokens, *, flatten: bool) -> keras.KerasTensor:
    """Return the vector that a head takes."""
    if flatten:
        return layers.Flatten(name="head_flatten")(features.maps)
    x = _averaged(features.maps, "head_pool") if features.pooled is None else features.pooled
    if features.epsilon is not None:
        x = layers.LayerNormalization(epsilon=features.epsilon, name="head_norm")(x)
    return x


def _averaged(features: keras.KerasTensor, name: str) -> keras.KerasTensor:
    maps = len(features.shape) == 4
    kind = layers.GlobalAveragePooling2D if maps else layers.GlobalAveragePooling1D
    return kind(name=name)(features)


def require_room(size: int) -> None:
    """Refuse a model of too many parameters; a head's are known before they are made.

    Raises:
        ModelError: there would be more than ``MAX_PARAMETERS``.
    """
    if size > MAX_PARAMETERS:
        raise ModelError(
            f"a model with these arguments would have {size:,} parameters; the most is "
            f"{MAX_PARAMETERS:,}. Take a smaller input_shape, filters or hidden_units."
        )


def _parameters(n_features: int, hidden_units: int | None, n_labels: int) -> int:
    if hidden_units is None:
        return (n_features + 1) * n_labels
    return (n_features + 1) * hidden_units + (hidden_units + 1) * n_labels
