"""MobileNetV3-Large with a linear head."""

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

# Table 1 of the paper.
_BLOCKS = (
    Block(3, 1, 16, 0.0, "relu", 1),
    Block(3, 4, 24, 0.0, "relu", 2),
    Block(3, 3, 24, 0.0, "relu", 1),
    Block(5, 3, 40, 0.25, "relu", 2),
    *2 * [Block(5, 3, 40, 0.25, "relu", 1)],
    Block(3, 6, 80, 0.0, "hard_swish", 2),
    Block(3, 2.5, 80, 0.0, "hard_swish", 1),
    *2 * [Block(3, 2.3, 80, 0.0, "hard_swish", 1)],
    *2 * [Block(3, 6, 112, 0.25, "hard_swish", 1)],
    Block(5, 6, 160, 0.25, "hard_swish", 2),
    *2 * [Block(5, 6, 160, 0.25, "hard_swish", 1)],
)


@register_backbone(
    scaling=SYMMETRIC,
    first_kernel="conv/kernel",
    features={
        2: "expanded_conv_1_expand_act",
        4: "expanded_conv_3_expand_act",
        8: "expanded_conv_6_expand_act",
        16: "expanded_conv_12_expand_act",
        32: LAST,
    },
    arguments={"alpha": number(0.05, 4.0), "padding": PADDING},
    imagenet=imagenet("large"),
    small={"alpha": 0.25},
    publishers={"torchvision": torchvision(_BLOCKS, 1280)},
    fine_tuning=FINE_TUNING,
)
def mobilenet_v3_large_cxr(
    pixels: keras.KerasTensor,
    *,
    weights: str | None = None,
    alpha: float = 1.0,
    padding: str = "same",
) -> keras.Model | keras.KerasTensor:
    """MobileNetV3-Large, average pooling, one output a label.

    Source: Howard et al., "Searching for MobileNetV3", 2019, with the names of ``keras.applications``.

    Args:
        alpha: width multiplier of MobileNetV3.
        padding: where a layer halves its maps, ``"same"`` pads below and on the right as Keras's weights
            need it, ``"symmetric"`` on all sides as PyTorch's do.
    """
    if weights is not None:
        kind = keras.applications.MobileNetV3Large
        return application(kind, pixels, weights, alpha=alpha, include_preprocessing=False)
    return network(pixels, _BLOCKS, alpha, padding)
