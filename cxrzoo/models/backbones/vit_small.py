"""ViT-S/16, the smaller network of medical_mae."""

import keras

from cxrzoo.models.backbone import SYMMETRIC, Patches, Tokens
from cxrzoo.models.register import register_backbone
from cxrzoo.models.transformer import (
    ARGUMENTS,
    FINE_TUNING,
    KERNEL,
    POSITIONS,
    last_maps,
    timm,
    vision_transformer,
)


@register_backbone(
    scaling=SYMMETRIC,
    first_kernel=KERNEL,
    features=lambda arguments: {16: last_maps(arguments)},
    arguments=ARGUMENTS,
    small={"depth": 1},
    publishers={"timm": timm(layer_scale=False)},
    fine_tuning=FINE_TUNING,
    patches=Patches(16, POSITIONS, antialias=True),
)
def vit_small_cxr(
    pixels: keras.KerasTensor,
    *,
    weights: str | None = None,  # noqa: ARG001 - there are none for ImageNet
    depth: int = 12,
    global_pool: str = "avg",
) -> Tokens:
    """ViT-S/16, mean of the patches' tokens or class token, one output a label.

    Sources: Dosovitskiy et al., "An Image is Worth 16x16 Words", 2021, and Touvron et al., "Training
    data-efficient image transformers", 2021, for this size, as timm has it.

    Args:
        depth: number of blocks.
        global_pool: what the head takes of the tokens, as timm says it: ``"avg"`` for the mean of the
            patches' tokens, then normalised (medical_mae's), or ``"token"`` for the normalised class
            token.
    """
    return vision_transformer(
        pixels, patch=16, width=384, heads=6, depth=depth, global_pool=global_pool
    )
