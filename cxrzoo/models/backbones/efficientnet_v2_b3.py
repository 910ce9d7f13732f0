"""EfficientNetV2-B3 with a linear head."""

import keras

from cxrzoo.models.applications import application
from cxrzoo.models.backbone import IMAGENET_RGB
from cxrzoo.models.efficientnet_v2 import FEATURES, fine_tuning, imagenet
from cxrzoo.models.register import register_backbone


@register_backbone(
    scaling=IMAGENET_RGB,
    first_kernel="stem_conv/kernel",
    features=FEATURES,
    imagenet=imagenet("b3", 300),
    fine_tuning=fine_tuning(300),
)
def efficientnet_v2_b3_cxr(pixels: keras.KerasTensor, *, weights: str | None = None) -> keras.Model:
    """EfficientNetV2-B3, average pooling, one output a label.

    Its ImageNet weights were trained at 300 pixels.

    Source: Tan and Le, "EfficientNetV2: Smaller Models and Faster Training", 2021, as
    ``keras.applications`` has it.
    """
    return application(
        keras.applications.EfficientNetV2B3, pixels, weights, include_preprocessing=False
    )
