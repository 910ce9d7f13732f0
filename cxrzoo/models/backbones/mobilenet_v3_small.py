"""MobileNetV3-Small with a linear head."""

import keras

from cxrzoo.models.applications import application
from cxrzoo.models.arguments import number
from cxrzoo.models.backbone import LAST, SYMMETRIC
from cxrzoo.models.halving import PADDING
from cxrzoo.models.mobilenet_v3 import (
    FINE_TUNING,
    Block,
    imagenet,
    network,
    torchvision,
)
from cxrzoo.models.register import register_backbone

# Table 2 of the paper.
_BLOCKS = (
    Block(3, 1, 16, 0.25, "relu", 2),
    Block(3, 72 / 16, 24, 0.0, "relu", 2),
    Block(3, 88 / 24, 24, 0.0, "relu", 1),
    Block(5, 4, 40, 0.25, "hard_swish", 2),
    *2 * [Block(5, 6, 40, 0.25, "hard_swish", 1)],
    *2 * [Block(5, 3, 48, 0.25, "hard_swish", 1)],
    Block(5, 6, 96, 0.25, "hard_swish", 2),
    *2 * [Block(5, 6, 96, 0.25, "hard_swish", 1)],
)


@register_backbone(
    scaling=SYMMETRIC,
    first_kernel="conv/kernel",
    features={
        2: "conv_act",
        4: "expanded_conv_1_expand_act",
        8: "expanded_conv_3_expand_act",
        16: "expanded_conv_8_expand_act",
        32: LAST,
    },
    arguments={"alpha": number(0.05, 4.0), "padding": PADDING},
    imagenet=imagenet("small"),
    small={"alpha": 0.25},
    publishers={"torchvision": torchvision(_BLOCKS, 1024)},
    fine_tuning=FINE_TUNING,
)
def mobilenet_v3_small_cxr(
    pixels: keras.KerasTensor,
    *,
    weights: str | None = None,
    alpha: float = 1.0,
    padding: str = "same",
) -> keras.Model | keras.KerasTensor:
    """MobileNetV3-Small, average pooling, one output a label.

    Source: Howard et al., "Searching for MobileNetV3", 2019, with the names of ``keras.applications``.

    Args:
        alpha: width multiplier of MobileNetV3.
        padding: where a layer halves its maps, ``"same"`` pads below and on the right as Keras's weights
            need it, ``"symmetric"`` on all sides as PyTorch's do.
    """
    if weights is not None:
        kind = keras.applications.MobileNetV3Small
        return application(kind, pixels, weights, alpha=alpha, include_preprocessing=False)
    return network(pixels, _BLOCKS, alpha, padding)
