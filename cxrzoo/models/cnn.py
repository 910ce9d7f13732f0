"""The paper's two small convolutional networks, Test1 and Test2.

Source: Brako and Moncrief, "Detecting abnormalities in chest X-rays using deep learning",
section 3.2. What the paper gives and what it leaves open is listed in ``docs/paper.md``.
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers

from cxrzoo.errors import ReluOutputWarning
from cxrzoo.labels import NIH_LABELS
from cxrzoo.models._head import activate, classify, dense_parameters, pool
from cxrzoo.models.registry import register_model

__all__ = ["cnn_test1", "cnn_test2"]

TEST1_KERNELS = (6, 2)
TEST2_KERNELS = (2, 2)


def _side(side: int, kernels: tuple[int, int], *, pool_between: bool) -> int:
    """Gives the side of the last feature map: valid convolutions, then 2 x 2 pooling."""
    side = side - kernels[0] + 1
    if pool_between:
        side //= 2
    return (side - kernels[1] + 1) // 2


def _count(arguments: Mapping[str, Any], n_labels: int, kernels: tuple[int, int]) -> int:
    height, width, channels = arguments["input_shape"]
    first, second = arguments["filters"]
    pool_between = arguments.get("pool_between", True)
    area = _side(height, kernels, pool_between=pool_between) * _side(
        width, kernels, pool_between=pool_between
    )
    convolutions: int = (kernels[0] ** 2 * channels + 1) * first + (
        kernels[1] ** 2 * first + 1
    ) * second
    return convolutions + dense_parameters(area * second, arguments["hidden_units"], n_labels)


def _count_test1(arguments: Mapping[str, Any], n_labels: int) -> int:
    return _count(arguments, n_labels, TEST1_KERNELS)


def _count_test2(arguments: Mapping[str, Any], n_labels: int) -> int:
    return _count(arguments, n_labels, TEST2_KERNELS)


def _two_convolutions(
    inputs: keras.KerasTensor,
    *,
    filters: tuple[int, int],
    kernels: tuple[int, int],
    activation: str,
    pool_between: bool,
) -> keras.KerasTensor:
    x = layers.Rescaling(1 / 255, name="scale")(inputs)
    x = layers.Conv2D(filters[0], kernels[0], name="conv1")(x)
    x = activate(activation, "conv1_activation")(x)
    if pool_between:
        x = layers.MaxPooling2D(2, name="conv1_pool")(x)
    x = layers.Conv2D(filters[1], kernels[1], name="conv2")(x)
    x = activate(activation, "conv2_activation")(x)
    return layers.MaxPooling2D(2, name="conv2_pool")(x)


@register_model(_count_test1)
def cnn_test1(
    *,
    input_shape: tuple[int, int, int] = (224, 224, 1),
    labels: Sequence[str] = NIH_LABELS,
    filters: tuple[int, int] = (32, 64),
    hidden_units: int = 128,
    dropout: float = 0.2,
    pool_between: bool = True,
    include_top: bool = True,
    pooling: str | None = None,
    classifier_activation: str | None = "sigmoid",
    weights: str | None = None,
    name: str = "cnn_test1",
) -> keras.Model:
    """The paper's CNN 'Test1': 6x6 and 2x2 convolutions, ReLU, sigmoid output.

    Args:
        input_shape: ``(height, width, channels)``; pixels in [0, 255], any numeric dtype, are scaled
            to [0, 1] inside the model.
        labels: output names in order.
        filters: filters of the two convolutions. The paper gives none; the defaults are ours.
        hidden_units: width of the first dense layer. The paper gives none; the default is ours.
        dropout: dropout on the first dense layer: 0.2 for the paper's first run, 0.5 for its second.
        pool_between: max-pool after each convolution; False pools after the second only. The paper
            says 'with maxpooling2D of size (2x2)' and leaves open which.
        include_top: whether to add the dense layers.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``.
        classifier_activation: activation of the output; None for logits.
        weights: None for random weights, or a published model: a name of the catalog,
            ``"hf://org/name@revision"``, or a directory.
        name: the model's name.

    Returns:
        A ``keras.Model`` from ``(b, height, width, channels)`` to ``(b, len(labels))``.

    Raises:
        ModelError: an argument is of the wrong type or out of bounds.
    """
    del weights  # loaded by the registry
    inputs = keras.Input(input_shape, name="pixels")
    x = _two_convolutions(
        inputs,
        filters=filters,
        kernels=TEST1_KERNELS,
        activation="relu",
        pool_between=pool_between,
    )
    if include_top:
        outputs = classify(
            layers.Flatten(name="head_flatten")(x),
            units=hidden_units,
            hidden="relu",
            dropout=dropout,
            n_labels=len(labels),
            activation=classifier_activation,
        )
    else:
        outputs = pool(x, pooling)
    return keras.Model(inputs, outputs, name=name)


@register_model(_count_test2)
def cnn_test2(
    *,
    input_shape: tuple[int, int, int] = (224, 224, 1),
    labels: Sequence[str] = NIH_LABELS,
    filters: tuple[int, int] = (32, 64),
    hidden_units: int = 128,
    dropout: float = 0.5,
    conv_activation: str = "relu",
    include_top: bool = True,
    pooling: str | None = None,
    classifier_activation: str | None = "relu",
    weights: str | None = None,
    name: str = "cnn_test2",
) -> keras.Model:
    """The paper's CNN 'Test2': two 2x2 convolutions, LeakyReLU, ReLU output.

    Warning:
        The paper's ReLU output is not a probability: scores have no upper bound, and under binary
        cross-entropy an output that falls to 0 gets no gradient and stays there. It is offered as
        the paper has it, with a :class:`~cxrzoo.errors.ReluOutputWarning`; pass
        ``classifier_activation="sigmoid"`` for a network that can learn.

    Args:
        input_shape: ``(height, width, channels)``; pixels in [0, 255], any numeric dtype, are scaled
            to [0, 1] inside the model.
        labels: output names in order.
        filters: filters of the two convolutions. The paper gives none; the defaults are ours.
        hidden_units: width of the first dense layer. The paper gives none; the default is ours.
        dropout: dropout on the first dense layer: 0.5 in the paper's text on the architecture and in
            its table, 0.2 in its text on the parameters.
        conv_activation: ``"relu"`` or ``"leaky_relu"`` after the convolutions. The paper names
            LeakyReLU for the dense layer and leaves the convolutions open.
        include_top: whether to add the dense layers.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``.
        classifier_activation: activation of the output; None for logits.
        weights: None for random weights, or a published model: a name of the catalog,
            ``"hf://org/name@revision"``, or a directory.
        name: the model's name.

    Returns:
        A ``keras.Model`` from ``(b, height, width, channels)`` to ``(b, len(labels))``.

    Raises:
        ModelError: an argument is of the wrong type or out of bounds.
    """
    del weights  # loaded by the registry
    inputs = keras.Input(input_shape, name="pixels")
    x = _two_convolutions(
        inputs,
        filters=filters,
        kernels=TEST2_KERNELS,
        activation=conv_activation,
        pool_between=True,
    )
    if not include_top:
        return keras.Model(inputs, pool(x, pooling), name=name)
    if classifier_activation == "relu":
        warnings.warn(
            "cnn_test2 has the paper's ReLU output: scores are no probabilities, and an output that "
            "falls to 0 stops learning; classifier_activation='sigmoid' mends both.",
            ReluOutputWarning,
            stacklevel=4,  # the line that calls the builder
        )
    outputs = classify(
        layers.Flatten(name="head_flatten")(x),
        units=hidden_units,
        hidden="leaky_relu",
        dropout=dropout,
        n_labels=len(labels),
        activation=classifier_activation,
    )
    return keras.Model(inputs, outputs, name=name)
