"""Several devices of one host with TensorFlow; the only module of this floor that imports it."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from cxrzoo.training.devices import Devices


def tensorflow_devices() -> Devices:
    """Open all devices of this host: its GPUs, else its logical CPUs."""
    strategy = tf.distribute.MirroredStrategy()
    return Devices(count=strategy.num_replicas_in_sync, scope=strategy.scope, scorer=_scorer)


def _scorer(model: keras.Model) -> Callable[[Any], NDArray[np.float32]]:
    def score(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        # Not predict_on_batch, which gives every device the whole batch and all their rows back.
        return np.asarray(model.predict(pixels, batch_size=len(pixels), verbose=0))

    return score
