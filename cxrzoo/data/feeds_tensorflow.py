"""A data set as a ``tf.data.Dataset``; the only module of this floor that imports TensorFlow."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import tensorflow as tf

if TYPE_CHECKING:
    from cxrzoo.data.dataset import ImageDataset

__all__ = ["tensorflow_batches"]


def tensorflow_batches(dataset: "ImageDataset") -> Any:
    """The batches of a data set; each time it is gone through is one epoch more, from its own on."""
    first = dataset.epoch
    begun = 0

    def batches() -> Iterator[Any]:
        nonlocal begun
        epoch = first + begun
        begun += 1
        yield from dataset.batches(epoch)

    size = (*dataset.image_size, dataset.channels)
    signature = (
        tf.TensorSpec((None, *size), tf.uint8),
        tf.TensorSpec((None, len(dataset.labels)), tf.float32),
    )
    made = tf.data.Dataset.from_generator(batches, output_signature=signature)
    return made.apply(tf.data.experimental.assert_cardinality(len(dataset))).prefetch(2)
