"""DenseNet169 with a linear head."""

import keras

from cxrzoo.models.backbone import IMAGENET_RGB, LAST, ImageNet
from cxrzoo.models.register import register_backbone

__all__ = ["densenet169_cxr"]


@register_backbone(
    scaling=IMAGENET_RGB,
    first_kernel="conv1_conv/kernel",
    features={4: "pool2_relu", 8: "pool3_relu", 16: "pool4_relu", 32: LAST},
    imagenet=ImageNet(lambda *_: "densenet169_weights_tf_dim_ordering_tf_kernels_notop.h5"),
)
def densenet169_cxr(pixels: keras.KerasTensor, *, weights: str | None = None) -> keras.Model:
    """DenseNet169, average pooling, one output a label.

    Source: Huang et al., "Densely Connected Convolutional Networks", 2017, as
    ``keras.applications`` has it.
    """
    return keras.applications.DenseNet169(
        input_tensor=pixels, input_shape=pixels.shape[1:], include_top=False, weights=weights
    )
