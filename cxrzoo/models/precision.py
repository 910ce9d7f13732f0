"""The precision that models are built in."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras


@contextmanager
def building_in(policy: str) -> Iterator[None]:
    """Build models under a dtype policy, such as ``"float32"``, whatever Keras's global policy is."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def computes_in_float32(model: keras.Model) -> bool:
    """Return whether every layer of a model computes in float32."""
    return all(layer.compute_dtype in (None, "float32") for layer in model.layers)
