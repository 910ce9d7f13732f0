"""Networks of ``keras.applications``, as backbones take them."""

from collections.abc import Callable
from typing import Any

import keras


def application(
    kind: Callable[..., keras.Model], pixels: keras.KerasTensor, weights: str | None, **own: Any
) -> keras.Model:
    """Return Keras's network on scaled pixels, without its top; ``own`` are its own arguments."""
    return kind(
        input_tensor=pixels,
        input_shape=tuple(pixels.shape[1:]),
        include_top=False,
        weights=weights,
        **own,
    )
