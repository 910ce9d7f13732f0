"""Rules for the layers of PyTorch: what each calls its tensors, and how Keras arranges the numbers.

Every function takes the name of a layer there and of ours, both templates, and gives its rules. Kernels
of PyTorch are ``(out, in, height, width)``, those of Keras ``(height, width, in, out)``.
"""

from collections.abc import Callable, Sequence

import numpy as np

from cxrzoo.convert.key_map import Asked, Rule, Transform


def conv(source: str, target: str) -> tuple[Rule, ...]:
    """Return the rules of a convolution, with or without bias."""
    return _weight_and_bias(source, target, _each(lambda kernel: kernel.transpose(2, 3, 1, 0)))


def depthwise(source: str, target: str) -> tuple[Rule, ...]:
    """Return the rules of a convolution with a group for each channel, Keras's DepthwiseConv2D."""

    def transform(sources: Sequence[np.ndarray], asked: Asked) -> Sequence[np.ndarray]:
        (kernel,) = sources  # (channels * multiplier, 1, h, w), a channel's own beside each other
        *_, channels, multiplier = asked.shapes[0]
        split = kernel.reshape(channels, multiplier, *kernel.shape[2:])
        return [split.transpose(2, 3, 0, 1)]

    return _weight_and_bias(source, target, transform)


def linear(source: str, target: str) -> tuple[Rule, ...]:
    """Return the rules of a linear layer, Keras's Dense, with or without bias."""
    return _weight_and_bias(source, target, _each(_turned))


def scaled_linear(source: str, scale: str, target: str) -> tuple[Rule, ...]:
    """Return the rules of a linear layer whose outputs a layer scale ``scale`` then multiplies.

    ``scale * (W x + b)`` is the linear layer ``(scale * W) x + scale * b``.
    """

    def transform(sources: Sequence[np.ndarray], _: Asked) -> Sequence[np.ndarray]:
        weight, bias, factors = sources
        return [_turned(weight) * factors, bias * factors]

    sources = (f"{source}.weight", f"{source}.bias", scale)
    return (Rule(sources, (f"{target}/kernel", f"{target}/bias"), transform),)


def batch_norm(source: str, target: str, *, epsilon: float = 1e-5) -> Rule:
    """Return the rule of a BatchNorm, whose ``epsilon`` may differ from that of ours.

    Ours divides by ``sqrt(variance + its epsilon)``, so that the difference goes into the variance.
    Where the variance is smaller than the difference, it goes into gamma instead.
    """

    def transform(sources: Sequence[np.ndarray], asked: Asked) -> Sequence[np.ndarray]:
        gamma, beta, mean, variance = (np.asarray(one, np.float64) for one in sources)
        ours = epsilon if asked.epsilon is None else asked.epsilon
        moved = variance + (epsilon - ours)
        fits = moved >= 0
        factor = np.sqrt((variance + ours) / (variance + epsilon))
        return [np.where(fits, gamma, gamma * factor), beta, mean, np.where(fits, moved, variance)]

    theirs = ("weight", "bias", "running_mean", "running_var")
    ours = ("gamma", "beta", "moving_mean", "moving_variance")
    return Rule(
        tuple(f"{source}.{name}" for name in theirs),
        tuple(f"{target}/{name}" for name in ours),
        transform,
    )


def layer_norm(source: str, target: str) -> tuple[Rule, ...]:
    """Return the rules of a layer normalisation; its epsilon must be that of ours."""
    return (
        Rule((f"{source}.weight",), (f"{target}/gamma",), _each(np.asarray)),
        Rule((f"{source}.bias",), (f"{target}/beta",), _each(np.asarray)),
    )


def attention(
    inputs: str | tuple[str, str, str], output: str, target: str, *, scale: str | None = None
) -> tuple[Rule, ...]:
    """Return the rules of an attention over a sequence.

    Keras's MultiHeadAttention has a kernel ``(d, heads, d / heads)`` for queries, keys and values each.

    Args:
        inputs: one linear layer that queries, keys and values come from, in this order, or three.
        output: the linear layer after it.
        target: our layer.
        scale: a layer scale of its outputs, which is put into that last layer.
    """

    def by_heads(sources: Sequence[np.ndarray], asked: Asked) -> Sequence[np.ndarray]:
        parts = np.split(
            sources[0], len(asked.shapes)
        )  # (3 d, d) or (3 d,); of three layers a third
        return [
            np.ascontiguousarray(part.T).reshape(shape)
            for part, shape in zip(parts, asked.shapes, strict=True)
        ]

    def joined(rule: Rule) -> Rule:
        def transform(sources: Sequence[np.ndarray], asked: Asked) -> Sequence[np.ndarray]:
            made = rule.transform(sources, asked)
            return [one.reshape(shape) for one, shape in zip(made, asked.shapes, strict=True)]

        return Rule(rule.sources, rule.targets, transform)

    ours = [f"{target}/{part}" for part in ("query", "key", "value")]
    if isinstance(inputs, str):
        pairs = [(inputs, ours)]
    else:
        pairs = [(source, [part]) for source, part in zip(inputs, ours, strict=True)]
    after = f"{target}/attention_output"
    last = linear(output, after) if scale is None else scaled_linear(output, scale, after)
    return (
        *(
            Rule((f"{source}.{theirs}",), tuple(f"{part}/{name}" for part in parts), by_heads)
            for source, parts in pairs
            for theirs, name in (("weight", "kernel"), ("bias", "bias"))
        ),
        *map(joined, last),
    )


def patch_embedding(
    projection: str, class_token: str, positions: str, target: str
) -> tuple[Rule, ...]:
    """Return the rules of patches that a convolution makes tokens, a class token and their positions.

    Ours is one EinsumDense over the pixels of a patch whose bias has a row a token. The class token has
    no pixels: its row is the token and its position; the others are a position and the
    convolution's bias.
    """

    def flat(kernel: np.ndarray) -> np.ndarray:
        return kernel.transpose(2, 3, 1, 0).reshape(-1, len(kernel))  # (h * w * channels, d)

    def rows(sources: Sequence[np.ndarray], _: Asked) -> Sequence[np.ndarray]:
        where, token, bias = sources  # (1, 1 + n, d), (1, 1, d), (d,)
        return [np.concatenate([where[0, :1] + token[0], where[0, 1:] + bias])]

    return (
        Rule((f"{projection}.weight",), (f"{target}/kernel",), _each(flat)),
        Rule((positions, class_token, f"{projection}.bias"), (f"{target}/bias",), rows),
    )


def _weight_and_bias(source: str, target: str, kernel: Transform) -> tuple[Rule, ...]:
    return (
        Rule((f"{source}.weight",), (f"{target}/kernel",), kernel),
        Rule((f"{source}.bias",), (f"{target}/bias",), _each(np.asarray)),
    )


def _each(arranged: Callable[[np.ndarray], np.ndarray]) -> Transform:
    return lambda sources, _: [arranged(one) for one in sources]


def _turned(weight: np.ndarray) -> np.ndarray:
    return weight.transpose(1, 0)
