"""Convolutions that halve their maps: padded as TensorFlow or as PyTorch does it.

Of an even number of rows, TensorFlow's ``same`` puts the windows of a strided convolution one row lower
than PyTorch's equal padding on both sides; of an odd number, both are the same. Weights trained with one
are not those of the other.
"""

from typing import Any

import keras
from keras import layers

from cxrzoo.models.arguments import choice

PADDING = choice("same", "symmetric")
"""Of a backbone's argument ``padding``."""


def strided(kind: type[keras.Layer], size: int, stride: int, padding: str, **options: Any) -> Any:
    """Return a convolution without bias of a square kernel, whose output has ``1 / stride`` the rows.

    Args:
        kind: ``Conv2D`` or ``DepthwiseConv2D``.
        size: of the kernel, odd.
        stride: 1 or 2.
        padding: ``"same"`` as TensorFlow pads, ``"symmetric"`` as PyTorch does.
        **options: the layer's other arguments, ``name`` among them.

    Returns:
        A function of a tensor ``(b, h, w, c)``.
    """
    options = {"kernel_size": size, "strides": stride, "use_bias": False, **options}
    if stride == 1 or padding == "same":
        return kind(padding="same", **options)
    pad = layers.ZeroPadding2D(size // 2, name=f"{options['name']}_pad")
    layer = kind(padding="valid", **options)
    return lambda x: layer(pad(x))


def whole(channels: float) -> int:
    """Return the multiple of 8 that is near, at least 8, and not more than a tenth lower."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded
