"""VGG16's convolutions with a linear head."""

import keras

from cxrzoo.convert import KeyMap, conv
from cxrzoo.models.applications import application
from cxrzoo.models.backbone import IMAGENET_MEAN, LAST, FineTuning, ImageNet
from cxrzoo.models.register import register_backbone

# torchvision/models/vgg.py: places in a Sequential, with the ReLUs and poolings between them.
_PLACES = {1: (0, 2), 2: (5, 7), 3: (10, 12, 14), 4: (17, 19, 21), 5: (24, 26, 28)}
_TORCHVISION = KeyMap(
    rules=tuple(
        rule
        for block, places in _PLACES.items()
        for number, place in enumerate(places, 1)
        for rule in conv(f"features.{place}", f"block{block}_conv{number}")
    ),
    # Its classifier stands on flattened maps of one size and has two hidden layers: another head.
    dropped=(r"classifier\..*",),
    arguments=(("scaling", "imagenet"),),
)


@register_backbone(
    scaling=IMAGENET_MEAN,
    first_kernel="block1_conv1/kernel",
    features={
        2: "block2_conv2",
        4: "block3_conv3",
        8: "block4_conv3",
        16: "block5_conv3",
        32: LAST,
    },
    imagenet=ImageNet(lambda *_: "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", bgr=True),
    publishers={"torchvision": _TORCHVISION},
    fine_tuning=FineTuning(
        1e-4,
        "Irvin et al., CheXpert, 2019, section Training Procedure, for networks other than VGG",
        batch_size=16,
    ),
)
def vgg16_cxr(pixels: keras.KerasTensor, *, weights: str | None = None) -> keras.Model:
    """VGG16's convolutions, average pooling, one output a label.

    VGG's own classifier, two hidden layers of 4,096 on flattened maps, has 120 million parameters and
    takes images of one size only. It is left out, in files of torchvision too.

    Source: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition",
    2015, as ``keras.applications`` has it.
    """
    return application(keras.applications.VGG16, pixels, weights)
