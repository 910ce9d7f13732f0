"""MobileNetV3 by its table of blocks, padded as Keras or as PyTorch does it."""

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

import keras
from keras import layers

from cxrzoo.convert import KeyMap, Rule, batch_norm, conv, depthwise, linear
from cxrzoo.models.backbone import FineTuning, ImageNet
from cxrzoo.models.halving import strided, whole

FINE_TUNING: Final = FineTuning(
    1e-4,
    "TensorFlow's tutorial Transfer learning and fine-tuning: base learning rate of a MobileNetV2",
)
"""How the two are fine-tuned."""


class Block(NamedTuple):
    """A row of the paper's Tables 1 and 2; what it does to the channels before it.

    Attributes:
        kernel: size of the depthwise kernel.
        expanded: how many times as many channels it has inside.
        channels: how many it gives.
        squeeze: share of those inside that its squeeze has; 0 for none.
        activation: inside.
        stride: 1 or 2.
    """

    kernel: int
    expanded: float
    channels: int
    squeeze: float
    activation: Literal["relu", "hard_swish"]
    stride: int


def network(
    pixels: keras.KerasTensor, blocks: tuple[Block, ...], alpha: float, padding: str
) -> keras.KerasTensor:
    """Return the feature maps of a network with Keras's names."""
    x = strided(layers.Conv2D, 3, 2, padding, filters=16, name="conv")(pixels)
    x = _normed(x, "conv", "hard_swish")
    for i, block in enumerate(blocks):
        x = _block(x, block, whole(block.channels * alpha), name=layer_name(i), padding=padding)
    x = layers.Conv2D(whole(6 * x.shape[-1]), 1, use_bias=False, name="conv_1")(x)
    return _normed(x, "conv_1", "hard_swish")


def _block(
    inputs: keras.KerasTensor, block: Block, channels: int, *, name: str, padding: str
) -> keras.KerasTensor:
    """Return an inverted residual: expanded, filtered, weighed channel by channel, projected."""
    x, before = inputs, inputs.shape[-1]
    expanded = whole(before * block.expanded)
    if name != layer_name(0):
        x = layers.Conv2D(expanded, 1, use_bias=False, name=f"{name}_expand")(x)
        x = _normed(x, f"{name}_expand", block.activation)
    x = strided(
        layers.DepthwiseConv2D, block.kernel, block.stride, padding, name=f"{name}_depthwise"
    )(x)
    x = _normed(x, f"{name}_depthwise", block.activation)
    if block.squeeze:
        inner = f"{name}_squeeze_excite"
        y = layers.GlobalAveragePooling2D(keepdims=True, name=f"{inner}_avg_pool")(x)
        y = layers.Conv2D(
            whole(expanded * block.squeeze), 1, activation="relu", name=f"{inner}_conv"
        )(y)
        y = layers.Conv2D(expanded, 1, activation="hard_sigmoid", name=f"{inner}_conv_1")(y)
        x = layers.Multiply(name=f"{inner}_mul")([x, y])
    x = layers.Conv2D(channels, 1, use_bias=False, name=f"{name}_project")(x)
    x = _normed(x, f"{name}_project")
    same = block.stride == 1 and before == channels
    return layers.Add(name=f"{name}_add")([inputs, x]) if same else x


def _normed(x: keras.KerasTensor, name: str, activation: str | None = None) -> keras.KerasTensor:
    x = layers.BatchNormalization(momentum=0.999, epsilon=1e-3, name=f"{name}_bn")(x)
    return x if activation is None else layers.Activation(activation, name=f"{name}_act")(x)


def torchvision(blocks: tuple[Block, ...], hidden_units: int) -> KeyMap:
    """Return the map of torchvision/models/mobilenetv3.py, whose head has a hidden layer."""
    return KeyMap(
        tuple(_rules(blocks)),
        arguments=(
            ("padding", "symmetric"),
            ("scaling", "imagenet"),
            ("hidden_units", hidden_units),
            ("hidden_activation", "hard_swish"),
        ),
    )


def _rules(blocks: tuple[Block, ...]) -> Iterator[Rule]:
    def both(theirs: str, ours: str) -> Iterator[Rule]:
        kind = depthwise if ours.endswith("depthwise") else conv
        yield from kind(f"{theirs}.0", ours)
        yield batch_norm(f"{theirs}.1", f"{ours}_bn", epsilon=1e-3)

    yield from both("features.0", "conv")
    for i, block in enumerate(blocks):
        parts = (
            ["expand"] * (i > 0) + ["depthwise"] + ["squeeze"] * (block.squeeze > 0) + ["project"]
        )
        for place, part in enumerate(parts):
            theirs, ours = f"features.{i + 1}.block.{place}", f"{layer_name(i)}_{part}"
            if part == "squeeze":
                yield from conv(f"{theirs}.fc1", f"{ours}_excite_conv")
                yield from conv(f"{theirs}.fc2", f"{ours}_excite_conv_1")
            else:
                yield from both(theirs, ours)
    yield from both(f"features.{len(blocks) + 1}", "conv_1")
    yield from linear("classifier.0", "head_dense")
    yield from linear("classifier.3", "predictions")


def imagenet(kind: str) -> ImageNet:
    """Return which weights Keras publishes of the ``"small"`` or the ``"large"`` network."""
    return ImageNet(
        lambda own, _: f"weights_mobilenet_v3_{kind}_224_{own['alpha']}_float_no_top_v2.h5",
        only={"alpha": (0.75, 1.0), "padding": ("same",)},
    )


def layer_name(i: int) -> str:
    """Return what the names of a block's layers begin with."""
    return f"expanded_conv_{i}" if i else "expanded_conv"
