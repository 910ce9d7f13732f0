"""ConvNeXt-Tiny with a linear head."""

import keras

from cxrzoo.models.backbone import IMAGENET_RGB, LAST, ImageNet
from cxrzoo.models.register import register_backbone

__all__ = ["convnext_tiny_cxr"]


@register_backbone(
    scaling=IMAGENET_RGB,
    first_kernel="convnext_tiny_stem/convnext_tiny_stem_conv/kernel",
    features={
        4: "convnext_tiny_downsampling_block_0.input",
        8: "convnext_tiny_downsampling_block_1.input",
        16: "convnext_tiny_downsampling_block_2.input",
        32: LAST,
    },
    imagenet=ImageNet(lambda *_: "convnext_tiny_notop.h5"),
)
def convnext_tiny_cxr(pixels: keras.KerasTensor, *, weights: str | None = None) -> keras.Model:
    """ConvNeXt-Tiny, average pooling, one output a label.

    Source: Liu et al., "A ConvNet for the 2020s", 2022, as ``keras.applications`` has it.
    """
    return keras.applications.ConvNeXtTiny(
        input_tensor=pixels,
        input_shape=pixels.shape[1:],
        include_top=False,
        include_preprocessing=False,
        weights=weights,
    )
