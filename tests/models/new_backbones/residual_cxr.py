"""A small residual network in which nobody named a layer, with an argument of its own."""

import keras
from keras import layers

from cxrzoo.models.arguments import integer
from cxrzoo.models.backbone import LAST, UNIT
from cxrzoo.models.register import register_backbone

__all__ = ["residual_cxr"]


@register_backbone(
    scaling=UNIT,
    first_kernel="conv2d/kernel",
    features={4: LAST},
    arguments={"width": integer(1, 256)},
    small={"width": 4},
)
def residual_cxr(
    pixels: keras.KerasTensor,
    *,
    weights: str | None = None,
    width: int = 16,
) -> keras.KerasTensor:
    """A convolution and one residual block.

    Source: made up for the tests.

    Args:
        width: channels of every layer.
    """
    x = layers.Conv2D(width, 3, 4, padding="same")(pixels)
    block = keras.Sequential([layers.Conv2D(width, 3, padding="same"), layers.BatchNormalization()])
    return layers.Activation("relu")(layers.Add()([x, block(x)]))
