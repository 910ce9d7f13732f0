"""ResNet50V2 with a linear head."""

import keras

from cxrzoo.models.backbone import LAST, SYMMETRIC, ImageNet
from cxrzoo.models.register import register_backbone

__all__ = ["resnet50v2_cxr"]


@register_backbone(
    scaling=SYMMETRIC,
    first_kernel="conv1_conv/kernel",
    features={
        4: "conv2_block3_preact_relu",
        8: "conv3_block4_preact_relu",
        16: "conv4_block6_preact_relu",
        32: LAST,
    },
    imagenet=ImageNet(lambda *_: "resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5"),
)
def resnet50v2_cxr(pixels: keras.KerasTensor, *, weights: str | None = None) -> keras.Model:
    """ResNet50V2, average pooling, one output a label.

    Source: He et al., "Identity Mappings in Deep Residual Networks", 2016, as ``keras.applications``
    has it.
    """
    return keras.applications.ResNet50V2(
        input_tensor=pixels, input_shape=pixels.shape[1:], include_top=False, weights=weights
    )
