"""What stands on a trunk: pooling, or one hidden layer and one output a label.

Every layer of a head has a name that starts with ``head_`` or is ``predictions``; by these names
:func:`cxrzoo.replace_head` knows what to leave behind.
"""

import keras
from keras import layers

__all__ = ["activate", "classify", "dense_parameters", "is_head", "pool"]


def is_head(path: str) -> bool:
    """Says whether a variable path such as ``"predictions/kernel"`` belongs to a head."""
    return path.startswith(("head_", "predictions/"))


def classify(
    features: keras.KerasTensor,
    *,
    units: int,
    hidden: str,
    dropout: float,
    n_labels: int,
    activation: str | None,
) -> keras.KerasTensor:
    """Puts a hidden layer, dropout and one output a label on features of shape ``(b, d)``.

    The output is computed in float32 under every dtype policy: a float16 sigmoid saturates.
    """
    x = layers.Dense(units, name="head_dense")(features)
    x = activate(hidden, "head_activation")(x)
    x = layers.Dropout(dropout, name="head_dropout")(x)
    return layers.Dense(n_labels, activation=activation, dtype="float32", name="predictions")(x)


def activate(name: str, layer_name: str) -> keras.Layer:
    """Gives the activation layer ``"relu"``, ``"leaky_relu"`` (slope 0.3, Keras's) or ``"linear"``."""
    if name == "leaky_relu":
        return layers.LeakyReLU(name=layer_name)
    return layers.Activation(name, name=layer_name)


def pool(features: keras.KerasTensor, pooling: str | None) -> keras.KerasTensor:
    """Pools feature maps ``(b, h, w, c)`` to ``(b, c)`` by ``"avg"`` or ``"max"``; None leaves them."""
    if pooling == "avg":
        return layers.GlobalAveragePooling2D(name="pool_avg")(features)
    if pooling == "max":
        return layers.GlobalMaxPooling2D(name="pool_max")(features)
    return features


def dense_parameters(n_features: int, units: int, n_labels: int) -> int:
    """Gives the parameters of a head on ``n_features`` features; none without labels."""
    return (n_features + 1) * units + (units + 1) * n_labels if n_labels else 0
