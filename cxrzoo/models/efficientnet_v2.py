"""EfficientNetV2 as Keras has it: what its sizes have in common."""

from collections.abc import Mapping
from typing import Final

from cxrzoo.models.backbone import LAST, FineTuning, ImageNet

FEATURES: Final[Mapping[int, str]] = {
    2: "block2a_expand_conv.input",
    4: "block3a_expand_conv.input",
    8: "block4a_expand_conv.input",
    16: "block6a_expand_conv.input",
    32: LAST,
}
"""The layer that takes each stride's last feature map, by stride."""


def imagenet(size: str, side: int) -> ImageNet:
    """Return which weights Keras publishes of a size, trained at ``side`` pixels."""
    return ImageNet(lambda *_: f"efficientnetv2-{size}_notop.h5", sizes=(side,))


def fine_tuning(image_size: int) -> FineTuning:
    """Return how the paper fine-tunes a size, at the image size of its ImageNet weights."""
    return FineTuning(
        6.25e-5,
        "Tan and Le, EfficientNetV2, 2021, section Transfer Learning Datasets: 0.001 for batches of "
        "512, no weight decay",
        weight_decay=0.0,
        image_size=image_size,
    )
