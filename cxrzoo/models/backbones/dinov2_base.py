"""DINOv2's ViT-B/14, the network of RAD-DINO."""

import keras

from cxrzoo.models.backbone import IMAGENET_RGB, FineTuning, Patches, Tokens
from cxrzoo.models.register import register_backbone
from cxrzoo.models.transformer import (
    ARGUMENTS,
    KERNEL,
    POSITIONS,
    last_maps,
    timm,
    transformers,
    vision_transformer,
)


@register_backbone(
    scaling=IMAGENET_RGB,
    first_kernel=KERNEL,
    features=lambda arguments: {14: last_maps(arguments)},
    arguments=ARGUMENTS,
    small={"depth": 1},
    publishers={"transformers": transformers(), "timm": timm(layer_scale=True)},
    fine_tuning=FineTuning(
        learning_rate=1e-5,
        source="facebookresearch/deit@4bd679b, README_revenge.md, fine-tuning of ViT-B at 224 pixels, "
        "which takes 512 images a step; its drop path of 0.2, mixup and cutmix are left out",
        weight_decay=0.1,
        batch_size=64,
        epochs=20,
    ),
    patches=Patches(14, POSITIONS, antialias=False),
)
def dinov2_base_cxr(
    pixels: keras.KerasTensor,
    *,
    weights: str | None = None,  # noqa: ARG001 - there are none for ImageNet
    depth: int = 12,
    global_pool: str = "token",
) -> Tokens:
    """DINOv2's ViT-B/14, the class token, one output a label.

    Source: Oquab et al., "DINOv2: Learning Robust Visual Features without Supervision", 2024. Its layer
    scales are put into the layers before them; RAD-DINO has the same network at 518 x 518 pixels.

    Args:
        depth: number of blocks.
        global_pool: what the head takes of the tokens, as timm says it: ``"token"`` for the normalised
            class token, or ``"avg"`` for the mean of the patches' tokens, then normalised.
    """
    return vision_transformer(
        pixels, patch=14, width=768, heads=12, depth=depth, global_pool=global_pool
    )
