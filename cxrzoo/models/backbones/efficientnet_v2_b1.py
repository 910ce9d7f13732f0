"""EfficientNetV2-B1 with a linear head."""

import keras

from cxrzoo.models.backbone import IMAGENET_RGB, LAST, FineTuning, ImageNet
from cxrzoo.models.register import register_backbone


@register_backbone(
    scaling=IMAGENET_RGB,
    first_kernel="stem_conv/kernel",
    features={
        2: "block2a_expand_conv.input",
        4: "block3a_expand_conv.input",
        8: "block4a_expand_conv.input",
        16: "block6a_expand_conv.input",
        32: LAST,
    },
    imagenet=ImageNet(lambda *_: "efficientnetv2-b1_notop.h5", sizes=(240,)),
    fine_tuning=FineTuning(
        6.25e-5,
        "Tan and Le, EfficientNetV2, 2021, section Transfer Learning Datasets: 0.001 for batches of "
        "512, no weight decay",
        weight_decay=0.0,
        image_size=240,
    ),
)
def efficientnet_v2_b1_cxr(pixels: keras.KerasTensor, *, weights: str | None = None) -> keras.Model:
    """EfficientNetV2-B1, average pooling, one output a label.

    Its ImageNet weights were trained at 240 pixels.

    Source: Tan and Le, "EfficientNetV2: Smaller Models and Faster Training", 2021, as
    ``keras.applications`` has it.
    """
    return keras.applications.EfficientNetV2B1(
        input_tensor=pixels,
        input_shape=pixels.shape[1:],
        include_top=False,
        include_preprocessing=False,
        weights=weights,
    )
