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


def attention(qkv: str, output: str, target: str) -> tuple[Rule, ...]:
    """Return the rules of an attention whose queries, keys and values come from one linear layer.

    Keras's MultiHeadAttention has a kernel ``(d, heads, d / heads)`` for each of the three.
    """

    def split(sources: Sequence[np.ndarray], asked: Asked) -> Sequence[np.ndarray]:
        thirds = np.split(sources[0], 3)  # (3 d, d) or (3 d,)
        return [
            np.ascontiguousarray(third.T).reshape(shape)
            for third, shape in zip(thirds, asked.shapes, strict=True)
        ]

    def joined(sources: Sequence[np.ndarray], asked: Asked) -> Sequence[np.ndarray]:
        return [_turned(sources[0]).reshape(asked.shapes[0])]

    kernels, biases = (
        tuple(f"{target}/{part}/{name}" for part in ("query", "key", "value"))
        for name in ("kernel", "bias")
    )
    return (
        Rule((f"{qkv}.weight",), kernels, split),
        Rule((f"{qkv}.bias",), biases, split),
        *_weight_and_bias(output, f"{target}/attention_output", joined),
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
