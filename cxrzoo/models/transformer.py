"""Vision Transformers out of stock layers of Keras, and how other libraries name their tensors.

An image becomes tokens, one a patch, and a class token before them. Each block adds what its attention
and then its two dense layers make of the normalised tokens.
"""

from collections.abc import Mapping
from typing import Any, Final

import keras
from keras import layers

from cxrzoo.convert import (
    KeyMap,
    Rule,
    attention,
    layer_norm,
    linear,
    patch_embedding,
    scaled_linear,
)
from cxrzoo.models.arguments import Kind, choice, integer
from cxrzoo.models.backbone import LAST, FineTuning, Tokens
from cxrzoo.models.tokens import as_maps

EPSILON: Final = 1e-6
"""Of every layer normalisation: timm's, medical_mae's and DINOv2's. Keras's own default is 1e-3."""

KERNEL: Final = "embed/kernel"
"""The kernel that takes the image."""
POSITIONS: Final = "embed/bias"
"""Position embeddings, and in them the class token and the bias of the patches' embedding."""

FINE_TUNING: Final = FineTuning(
    learning_rate=6.25e-5,
    source="lambert-x/medical_mae@0f65912, FINETUNE.md, 'Fine-tune ViTs': blr 2.5e-4 for 256 images "
    "a step; its layer decay of 0.55 and drop path of 0.2 are left out",
    weight_decay=0.05,
    batch_size=64,
    epochs=75,
)
"""How medical_mae fine-tunes its ViTs."""

ARGUMENTS: Final[Mapping[str, Kind]] = {
    "depth": integer(1, 48),
    "global_pool": choice("avg", "token"),
}


def vision_transformer(
    pixels: keras.KerasTensor, *, patch: int, width: int, heads: int, depth: int, global_pool: str
) -> Tokens:
    """Make a Vision Transformer on scaled pixels ``(b, h, w, c)``.

    Args:
        pixels: the image; its sides are multiples of ``patch``.
        patch: side of a patch in pixels.
        width: length of a token.
        heads: heads of each attention.
        depth: blocks.
        global_pool: ``"avg"`` for the mean of the patches' tokens, normalised after it, or
            ``"token"`` for the class token of normalised tokens.
    """
    _, height, long, channels = pixels.shape
    rows, columns = height // patch, long // patch
    x = layers.Reshape((rows, patch, columns, patch, channels), name="rows_and_columns")(pixels)
    x = layers.Permute((1, 3, 2, 4, 5), name="by_patch")(x)
    x = layers.Reshape((rows * columns, patch * patch * channels), name="patches")(x)
    x = layers.ZeroPadding1D((1, 0), name="class_token")(x)
    # The class token is of no pixels, so its row of the bias is all that it is.
    x = layers.EinsumDense(
        "btp,pd->btd",
        output_shape=(1 + rows * columns, width),
        bias_axes="td",
        bias_initializer=keras.initializers.TruncatedNormal(stddev=0.02),
        name="embed",
    )(x)
    for number in range(1, depth + 1):
        x = _block(x, f"block{number}", heads)
    if global_pool == "avg":
        return Tokens(as_maps(x, rows, columns), epsilon=EPSILON)
    x = layers.LayerNormalization(epsilon=EPSILON, name="norm")(x)
    token = layers.Cropping1D((0, rows * columns), name="only_class_token")(x)
    return Tokens(as_maps(x, rows, columns), layers.Flatten(name="token")(token))


def _block(x: keras.KerasTensor, name: str, heads: int) -> keras.KerasTensor:
    width = x.shape[-1]
    y = layers.LayerNormalization(epsilon=EPSILON, name=f"{name}_norm1")(x)
    y = layers.MultiHeadAttention(heads, width // heads, name=f"{name}_attention")(y, y)
    x = layers.Add(name=f"{name}_add1")([x, y])
    y = layers.LayerNormalization(epsilon=EPSILON, name=f"{name}_norm2")(x)
    y = layers.Dense(4 * width, activation="gelu", name=f"{name}_dense1")(y)
    y = layers.Dense(width, name=f"{name}_dense2")(y)
    return layers.Add(name=f"{name}_add2")([x, y])


def last_maps(arguments: Mapping[str, Any]) -> str:
    """Return where the last feature maps are that a model's output depends on.

    A head on the class token takes none of the patches' tokens. The last attention is where the class
    token takes from them, so the maps are what that attention is given, as is usual for heat maps.
    """
    headed = arguments["include_top"] or arguments["pooling"] == "head"
    if headed and arguments["global_pool"] == "token":
        return f"block{arguments['depth']}_norm1"
    return LAST


def _blocks(prefix: str, attended: tuple[Rule, ...], second: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Return the rules of a block whose parts are called alike everywhere."""
    return (
        *layer_norm(f"{prefix}.norm1", "block{n+1}_norm1"),
        *attended,
        *layer_norm(f"{prefix}.norm2", "block{n+1}_norm2"),
        *linear(f"{prefix}.mlp.fc1", "block{n+1}_dense1"),
        *second,
    )


def timm(*, layer_scale: bool) -> KeyMap:
    """Return the map from timm's names, which medical_mae's and DINOv2's own classes have too.

    A layer scale is put into the linear layers before it.
    """
    block, ours = "blocks.{n}", "block{n+1}"
    inputs, output = f"{block}.attn.qkv", f"{block}.attn.proj"
    if layer_scale:
        attended = attention(inputs, output, f"{ours}_attention", scale=f"{block}.ls1.gamma")
        second = scaled_linear(f"{block}.mlp.fc2", f"{block}.ls2.gamma", f"{ours}_dense2")
    else:
        attended = attention(inputs, output, f"{ours}_attention")
        second = linear(f"{block}.mlp.fc2", f"{ours}_dense2")
    return KeyMap(
        rules=(
            *patch_embedding("patch_embed.proj", "cls_token", "pos_embed", "embed"),
            *_blocks(block, attended, second),
            *layer_norm("norm", "norm"),
            *layer_norm("fc_norm", "head_norm"),
            *linear("head", "predictions"),
        ),
        dropped=("mask_token",),  # what a masked patch was in pretraining
    )


def transformers() -> KeyMap:
    """Return the map from the names of transformers' Dinov2Model; layer scales go as in :func:`timm`."""
    block, ours = "encoder.layer.{n}", "block{n+1}"
    inputs = f"{block}.attention.attention"
    attended = attention(
        (f"{inputs}.query", f"{inputs}.key", f"{inputs}.value"),
        f"{block}.attention.output.dense",
        f"{ours}_attention",
        scale=f"{block}.layer_scale1.lambda1",
    )
    second = scaled_linear(f"{block}.mlp.fc2", f"{block}.layer_scale2.lambda1", f"{ours}_dense2")
    return KeyMap(
        rules=(
            *patch_embedding(
                "embeddings.patch_embeddings.projection",
                "embeddings.cls_token",
                "embeddings.position_embeddings",
                "embed",
            ),
            *_blocks(block, attended, second),
            *layer_norm("layernorm", "norm"),
        ),
        # Its class calls them so since transformers 5; what it saves still has the names above.
        respelt=(
            (r"attention\.q_proj\.", "attention.attention.query."),
            (r"attention\.k_proj\.", "attention.attention.key."),
            (r"attention\.v_proj\.", "attention.attention.value."),
            (r"attention\.o_proj\.", "attention.output.dense."),
        ),
        dropped=(r"embeddings\.mask_token",),
    )
