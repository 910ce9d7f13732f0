"""Batches as a ``tf.data.Dataset``; the only module of this floor that imports TensorFlow."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray


def tensorflow_batches(
    batches: Callable[[int], Iterator[tuple[NDArray[np.uint8], NDArray[np.float32]]]],
    first_epoch: int,
    n: int,
    shapes: tuple[tuple[int, ...], tuple[int, ...]],
) -> Any:
    """Return a ``tf.data.Dataset`` of n batches; each time it is gone through is one epoch more.

    ``batches`` gives those of an epoch; ``shapes`` are of one image's pixels and of its targets.
    """
    epochs = count(first_epoch)
    signature = (
        tf.TensorSpec((None, *shapes[0]), tf.uint8),
        tf.TensorSpec((None, *shapes[1]), tf.float32),
    )
    made = tf.data.Dataset.from_generator(lambda: batches(next(epochs)), output_signature=signature)
    return made.apply(tf.data.experimental.assert_cardinality(n)).prefetch(2)
