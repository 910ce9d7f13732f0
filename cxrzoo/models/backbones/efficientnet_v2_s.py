"""EfficientNetV2-S with a linear head."""

import keras

from cxrzoo.models.applications import application
from cxrzoo.models.backbone import Scaling
from cxrzoo.models.efficientnet_v2 import FEATURES, fine_tuning, imagenet
from cxrzoo.models.register import register_backbone


@register_backbone(
    scaling=Scaling(1 / 128, -1.0),
    first_kernel="stem_conv/kernel",
    features=FEATURES,
    imagenet=imagenet("s", 384),
    fine_tuning=fine_tuning(384),
)
def efficientnet_v2_s_cxr(pixels: keras.KerasTensor, *, weights: str | None = None) -> keras.Model:
    """EfficientNetV2-S, average pooling, one output a label.

    Its ImageNet weights were trained at 384 pixels.

    Source: Tan and Le, "EfficientNetV2: Smaller Models and Faster Training", 2021, as
    ``keras.applications`` has it.
    """
    return application(
        keras.applications.EfficientNetV2S, pixels, weights, include_preprocessing=False
    )
