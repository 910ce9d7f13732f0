"""ResNet50 as Keras has it, with Keras's ImageNet weights."""

import keras

from cxrzoo.models.applications import application
from cxrzoo.models.backbone import IMAGENET_MEAN, LAST, FineTuning, ImageNet
from cxrzoo.models.register import register_backbone


@register_backbone(
    scaling=IMAGENET_MEAN,
    first_kernel="conv1_conv/kernel",
    features={
        2: "conv1_relu",
        4: "conv2_block3_out",
        8: "conv3_block4_out",
        16: "conv4_block6_out",
        32: LAST,
    },
    imagenet=ImageNet(lambda *_: "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5", bgr=True),
    fine_tuning=FineTuning(
        1e-4,
        "Irvin et al., CheXpert, 2019, section Training Procedure, Adam on a ResNet152 and others",
        batch_size=16,
    ),
)
def resnet50_cxr(pixels: keras.KerasTensor, *, weights: str | None = None) -> keras.Model:
    """ResNet50, average pooling, one output a label.

    The first version: the stride is in a block's first convolution, and every convolution has a bias.
    PyTorch's is ``resnet50_v15_cxr``.

    Source: He et al., "Deep Residual Learning for Image Recognition", 2016, as ``keras.applications``
    has it.
    """
    return application(keras.applications.ResNet50, pixels, weights)
