"""MobileNetV2, padded as Keras or as PyTorch does it."""

from collections.abc import Iterator

import keras
from keras import layers

from cxrzoo.convert import KeyMap, Rule, batch_norm, conv, depthwise, linear
from cxrzoo.models.applications import application
from cxrzoo.models.arguments import number
from cxrzoo.models.backbone import LAST, SYMMETRIC, FineTuning, ImageNet
from cxrzoo.models.halving import PADDING, strided, whole
from cxrzoo.models.register import register_backbone

# Of the paper's Table 2: expansion, channels, blocks, stride of the first.
_STAGES = (
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2),
    (6, 320, 1, 1),
)  # fmt: skip


def _rules() -> Iterator[Rule]:
    """Give the rules of torchvision/models/mobilenetv2.py."""
    yield from conv("features.0.0", "Conv1")
    yield batch_norm("features.0.1", "bn_Conv1")
    yield from depthwise("features.1.conv.0.0", "expanded_conv_depthwise")
    yield batch_norm("features.1.conv.0.1", "expanded_conv_depthwise_BN")
    yield from conv("features.1.conv.1", "expanded_conv_project")
    yield batch_norm("features.1.conv.2", "expanded_conv_project_BN")
    yield from conv("features.{i}.conv.0.0", "block_{i-1}_expand")
    yield batch_norm("features.{i}.conv.0.1", "block_{i-1}_expand_BN")
    yield from depthwise("features.{i}.conv.1.0", "block_{i-1}_depthwise")
    yield batch_norm("features.{i}.conv.1.1", "block_{i-1}_depthwise_BN")
    yield from conv("features.{i}.conv.2", "block_{i-1}_project")
    yield batch_norm("features.{i}.conv.3", "block_{i-1}_project_BN")
    yield from conv("features.18.0", "Conv_1")
    yield batch_norm("features.18.1", "Conv_1_bn")
    yield from linear("classifier", "predictions")
    yield from linear("classifier.{n}", "predictions")


@register_backbone(
    scaling=SYMMETRIC,
    first_kernel="Conv1/kernel",
    features={
        2: "block_1_expand_relu",
        4: "block_3_expand_relu",
        8: "block_6_expand_relu",
        16: "block_13_expand_relu",
        32: LAST,
    },
    arguments={"alpha": number(0.05, 4.0), "padding": PADDING},
    imagenet=ImageNet(
        lambda own, size: (
            f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{own['alpha']}_{size}_no_top.h5"
        ),
        sizes=(96, 128, 160, 192, 224),
        only={"alpha": (0.35, 0.5, 0.75, 1.0, 1.3, 1.4), "padding": ("same",)},
    ),
    small={"alpha": 0.25},
    publishers={
        "torchvision": KeyMap(
            tuple(_rules()), arguments=(("padding", "symmetric"), ("scaling", "imagenet"))
        )
    },
    fine_tuning=FineTuning(
        1e-4,
        "TensorFlow's tutorial Transfer learning and fine-tuning: MobileNetV2's base learning rate",
    ),
)
def mobilenet_v2_cxr(
    pixels: keras.KerasTensor,
    *,
    weights: str | None = None,
    alpha: float = 1.0,
    padding: str = "same",
) -> keras.Model | keras.KerasTensor:
    """MobileNetV2, average pooling, one output a label.

    Source: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018, with the names
    of ``keras.applications``.

    Args:
        alpha: width multiplier of MobileNetV2.
        padding: where a layer halves its maps, ``"same"`` pads below and on the right as Keras's weights
            need it, ``"symmetric"`` on all sides as PyTorch's do.
    """
    if weights is not None:
        return application(keras.applications.MobileNetV2, pixels, weights, alpha=alpha)
    x = strided(layers.Conv2D, 3, 2, padding, filters=whole(32 * alpha), name="Conv1")(pixels)
    x = layers.ReLU(6.0, name="Conv1_relu")(_norm(x, "bn_Conv1"))
    blocks = [
        (expansion, whole(int(channels * alpha)), stride if block == 0 else 1)
        for expansion, channels, n, stride in _STAGES
        for block in range(n)
    ]
    for i, (expansion, channels, stride) in enumerate(blocks):
        name = f"block_{i}" if i else "expanded_conv"
        x = _block(x, channels, expansion, stride, name=name, padding=padding)
    x = layers.Conv2D(whole(1280 * max(1.0, alpha)), 1, use_bias=False, name="Conv_1")(x)
    return layers.ReLU(6.0, name="out_relu")(_norm(x, "Conv_1_bn"))


def _block(
    inputs: keras.KerasTensor,
    channels: int,
    expansion: int,
    stride: int,
    *,
    name: str,
    padding: str,
) -> keras.KerasTensor:
    """Return an inverted residual: expanded, filtered channel by channel, projected."""
    x, before = inputs, inputs.shape[-1]
    if expansion > 1:
        x = layers.Conv2D(expansion * before, 1, use_bias=False, name=f"{name}_expand")(x)
        x = layers.ReLU(6.0, name=f"{name}_expand_relu")(_norm(x, f"{name}_expand_BN"))
    x = strided(layers.DepthwiseConv2D, 3, stride, padding, name=f"{name}_depthwise")(x)
    x = layers.ReLU(6.0, name=f"{name}_depthwise_relu")(_norm(x, f"{name}_depthwise_BN"))
    x = layers.Conv2D(channels, 1, use_bias=False, name=f"{name}_project")(x)
    x = _norm(x, f"{name}_project_BN")
    return layers.Add(name=f"{name}_add")([inputs, x]) if stride == 1 and before == channels else x


def _norm(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return layers.BatchNormalization(momentum=0.999, epsilon=1e-3, name=name)(x)
