"""The paper's two small convolutional networks, Test1 and Test2: one network with options.

Source: Brako and Moncrief, "Detecting abnormalities in chest X-rays using deep learning",
section 3.2. What the paper gives and what it leaves open is listed in ``docs/paper.md``.
"""

from collections.abc import Mapping
from typing import Any, Final

import keras
from keras import layers

from cxrzoo.models.arguments import choice, flag, integers
from cxrzoo.models.backbone import LAST, UNIT
from cxrzoo.models.head import activate
from cxrzoo.models.register import register_backbone

_FILTERS: Final = integers(2, 1, 1024)
_SMALL: Final = {"filters": (3, 4)}


def _two_convolutions(
    pixels: keras.KerasTensor,
    *,
    kernels: tuple[int, int],
    filters: tuple[int, int],
    conv_activation: str = "relu",
    pool_between: bool = True,
) -> keras.KerasTensor:
    x = layers.Conv2D(filters[0], kernels[0], name="conv1")(pixels)
    x = activate(conv_activation, "conv1_activation")(x)
    if pool_between:
        x = layers.MaxPooling2D(2, name="conv1_pool")(x)
    x = layers.Conv2D(filters[1], kernels[1], name="conv2")(x)
    x = activate(conv_activation, "conv2_activation")(x)
    return layers.MaxPooling2D(2, name="conv2_pool")(x)


def _features(arguments: Mapping[str, Any]) -> dict[int, str]:
    if arguments.get("pool_between", True):
        return {2: "conv1_pool", 4: LAST}
    return {1: "conv2_activation", 2: LAST}


@register_backbone(
    scaling=UNIT,
    first_kernel="conv1/kernel",
    features=_features,
    arguments={"filters": _FILTERS, "pool_between": flag()},
    flatten=True,
    small=_SMALL,
    hidden_units=128,
)
def cnn_test1(
    pixels: keras.KerasTensor,
    *,
    weights: str | None = None,  # noqa: ARG001 - there are none
    filters: tuple[int, int] = (32, 64),
    pool_between: bool = True,
) -> keras.KerasTensor:
    """CNN 'Test1' of the paper: 6x6 and 2x2 convolutions, ReLU, sigmoid output.

    Source: Brako and Moncrief, section 3.2.

    Args:
        filters: filters of the two convolutions. The paper gives none; the defaults are ours.
        hidden_units: width of the first dense layer. The paper gives none; the default is ours. None
            for a linear head.
        dropout: dropout on the first dense layer: 0.2 for the paper's first run, 0.5 for its second.
        pool_between: max-pool after each convolution; False pools after the second only. The paper
            says 'with maxpooling2D of size (2x2)' and leaves open which.
    """
    return _two_convolutions(pixels, kernels=(6, 2), filters=filters, pool_between=pool_between)


@register_backbone(
    scaling=UNIT,
    first_kernel="conv1/kernel",
    features=_features,
    arguments={"filters": _FILTERS, "conv_activation": choice("relu", "leaky_relu")},
    flatten=True,
    small=_SMALL,
    hidden_units=128,
    hidden_activation="leaky_relu",
    dropout=0.5,
    classifier_activation="relu",
)
def cnn_test2(
    pixels: keras.KerasTensor,
    *,
    weights: str | None = None,  # noqa: ARG001 - there are none
    filters: tuple[int, int] = (32, 64),
    conv_activation: str = "relu",
) -> keras.KerasTensor:
    """CNN 'Test2' of the paper: two 2x2 convolutions, LeakyReLU, ReLU output.

    Source: Brako and Moncrief, section 3.2.

    Warning:
        The paper's ReLU output is not a probability: scores have no upper bound, and under binary
        cross-entropy an output that falls to 0 gets no gradient and stays there. It is offered as
        the paper has it, with a :class:`~cxrzoo.errors.ReluOutputWarning`; pass
        ``classifier_activation="sigmoid"`` for a network that can learn.

    Args:
        filters: filters of the two convolutions. The paper gives none; the defaults are ours.
        hidden_units: width of the first dense layer. The paper gives none; the default is ours. None
            for a linear head.
        dropout: dropout on the first dense layer: 0.5 in the paper's text on the architecture and in
            its table, 0.2 in its text on the parameters.
        conv_activation: ``"relu"`` or ``"leaky_relu"`` after the convolutions. The paper names
            LeakyReLU for the dense layer and leaves the convolutions open.
    """
    return _two_convolutions(
        pixels, kernels=(2, 2), filters=filters, conv_activation=conv_activation
    )
