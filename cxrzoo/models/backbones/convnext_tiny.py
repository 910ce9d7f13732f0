"""ConvNeXt-Tiny with a linear head."""

from collections.abc import Iterator, Sequence

import keras
import numpy as np

from cxrzoo.convert import KeyMap, Rule, conv, layer_norm, linear
from cxrzoo.convert.key_map import Asked
from cxrzoo.models.applications import application
from cxrzoo.models.backbone import IMAGENET_RGB, LAST, FineTuning, ImageNet
from cxrzoo.models.register import register_backbone

_NAME = "convnext_tiny"


def _rules() -> Iterator[Rule]:
    """Give the rules of torchvision/models/convnext.py: stages and what is between them, by turns."""
    yield from conv("features.0.0", f"{_NAME}_stem/{_NAME}_stem_conv")
    yield from layer_norm("features.0.1", f"{_NAME}_stem/{_NAME}_stem_layernorm")
    for stage in range(4):
        theirs, ours = f"features.{2 * stage + 1}.{{j}}", f"{_NAME}_stage_{stage}_block_{{j}}"
        yield from conv(f"{theirs}.block.0", f"{ours}_depthwise_conv")
        yield from layer_norm(f"{theirs}.block.2", f"{ours}_layernorm")
        yield from linear(f"{theirs}.block.3", f"{ours}_pointwise_conv_1")
        yield from linear(f"{theirs}.block.5", f"{ours}_pointwise_conv_2")
        yield Rule((f"{theirs}.layer_scale",), (f"{ours}_layer_scale/variable",), _flat)
    for i in range(3):
        theirs, ours = (
            f"features.{2 * i + 2}",
            f"{_NAME}_downsampling_block_{i}/{_NAME}_downsampling",
        )
        yield from layer_norm(f"{theirs}.0", f"{ours}_layernorm_{i}")
        yield from conv(f"{theirs}.1", f"{ours}_conv_{i}")
    yield from layer_norm("classifier.0", "layer_normalization")


def _flat(sources: Sequence[np.ndarray], _: Asked) -> Sequence[np.ndarray]:
    return [sources[0].reshape(-1)]


@register_backbone(
    scaling=IMAGENET_RGB,
    first_kernel=f"{_NAME}_stem/{_NAME}_stem_conv/kernel",
    features={
        4: f"{_NAME}_downsampling_block_0.input",
        8: f"{_NAME}_downsampling_block_1.input",
        16: f"{_NAME}_downsampling_block_2.input",
        32: LAST,
    },
    imagenet=ImageNet(lambda *_: f"{_NAME}_notop.h5"),
    # Its classifier stands on a norm of what was averaged, ours on an average of what was normed.
    publishers={"torchvision": KeyMap(tuple(_rules()), dropped=(r"classifier\.2\..*",))},
    fine_tuning=FineTuning(
        5e-5,
        "Liu et al., A ConvNet for the 2020s, 2022, appendix A.2, fine-tuning settings",
        weight_decay=1e-8,
    ),
)
def convnext_tiny_cxr(pixels: keras.KerasTensor, *, weights: str | None = None) -> keras.Model:
    """ConvNeXt-Tiny, average pooling, one output a label.

    The last layer norm is of every place of the feature maps, as in Keras without its top; in the paper
    and in PyTorch it is of their average. So a file of torchvision gives a model without a head.

    Source: Liu et al., "A ConvNet for the 2020s", 2022, as ``keras.applications`` has it.
    """
    return application(
        keras.applications.ConvNeXtTiny, pixels, weights, include_preprocessing=False
    )
