"""ResNet50 as torchvision has it, version 1.5: the network of published chest X-ray weights."""

import keras
from keras import layers

from cxrzoo.convert import KeyMap, batch_norm, conv, linear
from cxrzoo.models.backbone import IMAGENET_RGB, LAST, FineTuning
from cxrzoo.models.register import register_backbone

# torchvision/models/resnet.py; torchxrayvision's resnet50-res512-all has the same names.
_TORCHVISION = KeyMap(
    rules=(
        *conv("conv1", "conv1_conv"),
        batch_norm("bn1", "conv1_bn"),
        *conv("layer{i}.{j}.downsample.0", "conv{i+1}_block{j+1}_0_conv"),
        batch_norm("layer{i}.{j}.downsample.1", "conv{i+1}_block{j+1}_0_bn"),
        *conv("layer{i}.{j}.conv{k}", "conv{i+1}_block{j+1}_{k}_conv"),
        batch_norm("layer{i}.{j}.bn{k}", "conv{i+1}_block{j+1}_{k}_bn"),
        *linear("fc", "predictions"),
        *linear("fc.{n}", "predictions"),  # in a Sequential, before a Sigmoid
    ),
    thresholds="op_threshs",
)


@register_backbone(
    scaling=IMAGENET_RGB,
    first_kernel="conv1_conv/kernel",
    features={
        2: "conv1_relu",
        4: "conv2_block3_out",
        8: "conv3_block4_out",
        16: "conv4_block6_out",
        32: LAST,
    },
    publishers={"torchvision": _TORCHVISION},
    fine_tuning=FineTuning(
        1e-4,
        "Irvin et al., CheXpert, 2019, section Training Procedure, Adam on a ResNet152 and others",
        batch_size=16,
    ),
)
def resnet50_v15_cxr(
    pixels: keras.KerasTensor,
    *,
    weights: str | None = None,  # noqa: ARG001 - there are none of ImageNet
) -> keras.KerasTensor:
    """ResNet50 as PyTorch has it, average pooling, one output a label.

    Version 1.5: a block's stride is in its 3 x 3 convolution, no convolution has a bias, and the padding
    is the same on both sides. Keras publishes no ImageNet weights of it.

    Sources: He et al., "Deep Residual Learning for Image Recognition", 2016; ``resnet50`` of torchvision
    for the version.
    """
    x = layers.ZeroPadding2D(3, name="conv1_pad")(pixels)
    x = layers.Conv2D(64, 7, 2, use_bias=False, name="conv1_conv")(x)
    x = layers.ReLU(name="conv1_relu")(_norm(x, "conv1_bn"))
    x = layers.ZeroPadding2D(name="pool1_pad")(x)  # after a ReLU, as good as minus infinity
    x = layers.MaxPooling2D(3, 2, name="pool1_pool")(x)
    for stage, (filters, blocks) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3)), 2):
        for block in range(1, blocks + 1):
            stride = 2 if stage > 2 and block == 1 else 1
            x = _block(x, filters, stride, f"conv{stage}_block{block}", changes=block == 1)
    return x


def _block(
    x: keras.KerasTensor, filters: int, stride: int, name: str, *, changes: bool
) -> keras.KerasTensor:
    """Return a bottleneck of three convolutions; where the shape changes, the shortcut has one too."""
    shortcut = x
    if changes:
        shortcut = layers.Conv2D(4 * filters, 1, stride, use_bias=False, name=f"{name}_0_conv")(x)
        shortcut = _norm(shortcut, f"{name}_0_bn")
    x = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_1_conv")(x)
    x = layers.ReLU(name=f"{name}_1_relu")(_norm(x, f"{name}_1_bn"))
    x = layers.ZeroPadding2D(name=f"{name}_2_pad")(x)
    x = layers.Conv2D(filters, 3, stride, use_bias=False, name=f"{name}_2_conv")(x)
    x = layers.ReLU(name=f"{name}_2_relu")(_norm(x, f"{name}_2_bn"))
    x = layers.Conv2D(4 * filters, 1, use_bias=False, name=f"{name}_3_conv")(x)
    x = layers.Add(name=f"{name}_add")([shortcut, _norm(x, f"{name}_3_bn")])
    return layers.ReLU(name=f"{name}_out")(x)


def _norm(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)
