"""EfficientNet-Lite of stock Keras layers: what its sizes have in common.

The release is google's tensorflow/tpu, models/official/efficientnet/lite: EfficientNet without
squeeze-and-excitation, ReLU6 in place of swish, stem and head of one width for all sizes.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import keras
from keras import layers

from cxrzoo.convert import KeyMap, Rule, batch_norm, conv, depthwise, linear
from cxrzoo.models.backbone import LAST, FineTuning, Scaling

SCALING: Final = Scaling(1 / 128, -127 / 128)
"""The release's: ``(pixel - 127) / 128``. timm scales to [-1, 1]."""

# Repeats, kernel, stride, expansion, filters: _DEFAULT_BLOCKS_ARGS of efficientnet_lite_builder.py.
_STAGES: Final = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_EPSILON: Final = 1e-3
_INITIAL: Final = {
    "class_name": "VarianceScaling",
    "config": {"scale": 2.0, "mode": "fan_out", "distribution": "untruncated_normal"},
}


def fine_tuning(image_size: int) -> FineTuning:
    """Return how MediaPipe's Model Maker retrains the EfficientNet-Lites."""
    return FineTuning(
        learning_rate=6.25e-4,
        source="google-ai-edge/mediapipe@0428550, model_maker/python/vision/image_classifier: 0.005 for "
        "256 images a step; its RMSprop and label smoothing are left out",
        weight_decay=1e-4,
        epochs=5,
        image_size=image_size,
    )


@dataclass(frozen=True, slots=True)
class _Block:
    """An inverted residual block: where it stands, and its sizes."""

    name: str
    stage: int
    index: int
    kernel: int
    stride: int
    expansion: int
    filters: int


@dataclass(frozen=True, slots=True)
class EfficientNetLite:
    """A size of EfficientNet-Lite.

    Attributes:
        width: factor of the blocks' filters.
        depth: factor of the repeats, of all stages but the first and the last.
    """

    width: float
    depth: float

    def network(self, pixels: keras.KerasTensor) -> keras.KerasTensor:
        """Return feature maps ``(b, h / 32, w / 32, 1280)`` of scaled pixels."""
        x = _normalised(_conv(32, 3, 2, "stem_conv")(pixels), "stem", activated=True)
        for block in self._blocks():
            x = _built(block, x)
        return _normalised(_conv(1280, 1, 1, "top_conv")(x), "top", activated=True)

    @property
    def features(self) -> Mapping[int, str]:
        """The layer that ends each stride's last stage, by stride."""
        found, stride = {}, 2
        for block in self._blocks():
            stride *= block.stride
            found[stride] = f"{block.name}_{'add' if block.index else 'project_bn'}"
        return {**found, stride: LAST}

    @property
    def publishers(self) -> Mapping[str, KeyMap]:
        """The names of timm's classes, and of the package efficientnet-lite-pytorch."""
        return {
            "timm": KeyMap(tuple(self._timm()), arguments=(("scaling", "symmetric"),)),
            "efficientnet_lite_pytorch": KeyMap(
                (
                    *_layer("_conv_stem", "_bn0", "stem"),
                    *_layer("_blocks.{n}._expand_conv", "_blocks.{n}._bn0", "block{n}_expand"),
                    *depthwise("_blocks.{n}._depthwise_conv", "block{n}_depthwise_conv"),
                    _bn("_blocks.{n}._bn1", "block{n}_depthwise_bn"),
                    *_layer("_blocks.{n}._project_conv", "_blocks.{n}._bn2", "block{n}_project"),
                    *_layer("_conv_head", "_bn1", "top"),
                    *linear("_fc", "predictions"),
                )
            ),
        }

    def _timm(self) -> Iterator[Rule]:
        """Give the rules of timm/models/_efficientnet_blocks.py, which counts within a stage."""
        yield from _layer("conv_stem", "bn1", "stem")
        for block in self._blocks():
            theirs, ours = f"blocks.{block.stage}.{block.index}", block.name
            first = block.expansion == 1  # DepthwiseSeparableConv, with nothing to expand
            project, normed = ("conv_pw", "bn2") if first else ("conv_pwl", "bn3")
            if not first:
                yield from _layer(f"{theirs}.conv_pw", f"{theirs}.bn1", f"{ours}_expand")
            yield from depthwise(f"{theirs}.conv_dw", f"{ours}_depthwise_conv")
            yield _bn(f"{theirs}.bn{1 if first else 2}", f"{ours}_depthwise_bn")
            yield from _layer(f"{theirs}.{project}", f"{theirs}.{normed}", f"{ours}_project")
        yield from _layer("conv_head", "bn2", "top")
        yield from linear("classifier", "predictions")

    def _blocks(self) -> Iterator[_Block]:
        n = 0
        last = len(_STAGES) - 1
        for stage, (repeats, kernel, stride, expansion, filters) in enumerate(_STAGES):
            wide = self._filters(filters)
            deep = repeats if stage in {0, last} else math.ceil(self.depth * repeats)
            for index in range(deep):
                step = 1 if index else stride
                yield _Block(f"block{n}", stage, index, kernel, step, expansion, wide)
                n += 1

    def _filters(self, filters: int) -> int:
        """Return a scaled number of filters, a multiple of 8 that is not under nine tenths of it."""
        scaled = filters * self.width
        rounded = max(8, int(scaled + 4) // 8 * 8)
        return rounded + 8 if rounded < 0.9 * scaled else rounded


def _built(block: _Block, entering: keras.KerasTensor) -> keras.KerasTensor:
    name, x = block.name, entering
    if block.expansion > 1:
        wide = block.expansion * entering.shape[-1]
        x = _normalised(
            _conv(wide, 1, 1, f"{name}_expand_conv")(x), f"{name}_expand", activated=True
        )
    x = layers.DepthwiseConv2D(
        block.kernel,
        block.stride,
        padding="same",
        use_bias=False,
        depthwise_initializer=_INITIAL,
        name=f"{name}_depthwise_conv",
    )(x)
    x = _normalised(x, f"{name}_depthwise", activated=True)
    x = _conv(block.filters, 1, 1, f"{name}_project_conv")(x)
    x = _normalised(x, f"{name}_project", activated=False)
    return layers.Add(name=f"{name}_add")([x, entering]) if block.index else x


def _conv(filters: int, kernel: int, stride: int, name: str) -> keras.Layer:
    return layers.Conv2D(
        filters,
        kernel,
        stride,
        padding="same",
        use_bias=False,
        kernel_initializer=_INITIAL,
        name=name,
    )


def _normalised(x: keras.KerasTensor, name: str, *, activated: bool) -> keras.KerasTensor:
    x = layers.BatchNormalization(epsilon=_EPSILON, name=f"{name}_bn")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x) if activated else x


def _layer(convolution: str, norm: str, ours: str) -> tuple[Rule, ...]:
    return (*conv(convolution, f"{ours}_conv"), _bn(norm, f"{ours}_bn"))


def _bn(theirs: str, ours: str) -> Rule:
    return batch_norm(theirs, ours, epsilon=_EPSILON)
