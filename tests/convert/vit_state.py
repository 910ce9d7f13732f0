"""A Vision Transformer as timm and transformers name it: random tensors, and what they compute.

The tokens are those of timm 1.0.31's class and of transformers 5.24's Dinov2Model to 1e-13, on 2 random
images in float64; ``benchmarks/parity/vit_parity.py`` compares whole networks.
"""

from math import erf

import numpy as np


def random_state(
    width, *, patch, grid, depth=1, channels=3, layer_scale=False, norm="norm", outputs=None, seed=0
):
    """A state dict by timm's names with random numbers everywhere, arrays of float32.

    ``norm`` is what normalises the tokens (``"norm"``) or their mean (``"fc_norm"``); ``outputs`` are of
    the head, None for none.
    """
    random = np.random.default_rng(seed)
    state = {
        "cls_token": random.normal(0, 1, (1, 1, width)),
        "pos_embed": random.normal(0, 1, (1, 1 + grid[0] * grid[1], width)),
    }

    def linear(name, n_out, *n_in):
        state[f"{name}.weight"] = random.normal(0, 1.2 / np.sqrt(np.prod(n_in)), (n_out, *n_in))
        state[f"{name}.bias"] = random.normal(0, 0.3, n_out)

    def normalised(name):
        state[f"{name}.weight"] = random.uniform(0.5, 1.5, width)
        state[f"{name}.bias"] = random.normal(0, 0.3, width)

    linear("patch_embed.proj", width, channels, patch, patch)
    for n in range(depth):
        block = f"blocks.{n}"
        normalised(f"{block}.norm1")
        linear(f"{block}.attn.qkv", 3 * width, width)
        linear(f"{block}.attn.proj", width, width)
        normalised(f"{block}.norm2")
        linear(f"{block}.mlp.fc1", 4 * width, width)
        linear(f"{block}.mlp.fc2", width, 4 * width)
        if layer_scale:
            state[f"{block}.ls1.gamma"] = random.uniform(0.2, 1.2, width)
            state[f"{block}.ls2.gamma"] = random.uniform(0.2, 1.2, width)
    normalised(norm)
    if outputs is not None:
        linear("head", outputs, width)
    return {name: value.astype("float32") for name, value in state.items()}


def by_transformers(state):
    """The same tensors by the names of transformers' Dinov2Model, as its files have them."""
    plain = {
        "cls_token": "embeddings.cls_token",
        "pos_embed": "embeddings.position_embeddings",
        "patch_embed.proj": "embeddings.patch_embeddings.projection",
        ".attn.proj": ".attention.output.dense",
        ".ls1.gamma": ".layer_scale1.lambda1",
        ".ls2.gamma": ".layer_scale2.lambda1",
        "blocks.": "encoder.layer.",
    }
    width = state["cls_token"].shape[-1]
    named = {"embeddings.mask_token": np.zeros((1, width), "float32")}
    for name, value in state.items():
        for theirs, other in plain.items():
            name = name.replace(theirs, other)  # noqa: PLW2901 - step by step
        name = "layernorm." + name.partition(".")[2] if name.startswith("norm.") else name  # noqa: PLW2901
        if ".attn.qkv" in name:
            for part, third in zip(("query", "key", "value"), np.split(value, 3), strict=True):
                named[name.replace(".attn.qkv", f".attention.attention.{part}")] = third
        else:
            named[name] = value
    return named


def tokens(state, images, heads):
    """The tokens after the last block, ``(n, 1 + patches, width)``, of scaled images ``(n, c, h, w)``."""
    state = {name: value.astype("float64") for name, value in state.items()}
    kernel = state["patch_embed.proj.weight"]
    n, channels, height, width = images.shape
    side = kernel.shape[-1]
    cut = images.reshape(n, channels, height // side, side, width // side, side)
    x = np.einsum("ncyaxb,dcab->nyxd", cut, kernel).reshape(n, -1, len(kernel))
    x = x + state["patch_embed.proj.bias"]
    x = np.concatenate([np.repeat(state["cls_token"], n, 0), x], 1) + state["pos_embed"]
    for block in range(sum(name.endswith("norm1.weight") for name in state)):
        of = {
            name.removeprefix(f"blocks.{block}."): value
            for name, value in state.items()
            if name.startswith(f"blocks.{block}.")
        }
        x = x + _attended(of, normalised(of, "norm1", x), heads) * of.get("ls1.gamma", 1)
        y = _linear(of, "mlp.fc1", normalised(of, "norm2", x))
        y = _linear(of, "mlp.fc2", y * 0.5 * (1 + _erf(y / np.sqrt(2))))
        x = x + y * of.get("ls2.gamma", 1)
    return x


def normalised(state, name, x):
    """Layer normalisation over the last axis."""
    centred = x - x.mean(-1, keepdims=True)
    x = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-6)
    return x * state[f"{name}.weight"] + state[f"{name}.bias"]


def head(state, features):
    """The logits of pooled and normalised features."""
    return _linear(state, "head", features)


def _linear(state, name, x):
    return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]


def _attended(state, x, heads):
    n, length, width = x.shape
    qkv = _linear(state, "attn.qkv", x).reshape(n, length, 3, heads, width // heads)
    query, key, value = qkv.transpose(2, 0, 3, 1, 4)
    weights = query @ key.swapaxes(-1, -2) / np.sqrt(width // heads)
    weights = np.exp(weights - weights.max(-1, keepdims=True))
    found = weights / weights.sum(-1, keepdims=True) @ value
    return _linear(state, "attn.proj", found.swapaxes(1, 2).reshape(n, length, width))


def _erf(x):
    return np.vectorize(erf)(x)
