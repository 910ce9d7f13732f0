"""TensorFlow SavedModel: a directory, for TensorFlow and TensorFlow Serving."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.export.interface import export_by_keras


def write(model: keras.Model, path: Path, card: dict[str, Any]) -> None:
    """Write the directory ``path``; the card stands in it as a file of its own."""
    del card
    export_by_keras(model, path, "tf_saved_model")


def run(path: Path, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute outputs by TensorFlow."""
    import tensorflow as tf  # noqa: PLC0415 - heavy, and another backend may be at work

    loaded = tf.saved_model.load(str(path))  # its variables live as long as this name
    return np.asarray(loaded.serve(pixels), np.float32)
