"""Attention rollout of Vision Transformers (Abnar & Zuidema, ACL 2020)."""

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import ModelError, named
from cxrzoo.heatmaps.network import as_input


class Rollout:
    """What the last tokens that a head takes have of each patch, by way of all attentions.

    It is the same for every label: it says where the network looks, and not for what.

    Args:
        model: a model of the zoo, with its top.
        grid: rows and columns of its patches.
    """

    def __init__(self, model: keras.Model, grid: tuple[int, int]) -> None:
        self._attentions = [
            layer for layer in model.layers if isinstance(layer, keras.layers.MultiHeadAttention)
        ]
        if not self._attentions:
            raise ModelError(
                "attention-rollout needs a Vision Transformer, and "
                f"{model.name!r:.100} has no attention: take another {named('method')}, such as grad-cam"
            )
        self._grid = grid
        taken = [keras.tree.flatten(one.input)[0] for one in self._attentions]
        self._inputs = keras.Model(
            as_input(model.inputs), [*taken, model.get_layer("predictions").input]
        )
        self._from_class_token = any(layer.name == "only_class_token" for layer in model.layers)

    def __call__(
        self, pixels: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return what the head takes ``(b, d)``, and the rollout ``(b, rows, columns)``."""
        *taken, vectors = self._inputs.predict_on_batch(pixels)
        flow = None
        for layer, tokens in zip(self._attentions, taken, strict=True):
            given = keras.ops.convert_to_tensor(tokens)
            _, scores = layer(given, given, return_attention_scores=True, training=False)
            mean = keras.ops.convert_to_numpy(keras.ops.mean(scores, axis=1)).astype(np.float64)
            step = (mean + np.eye(mean.shape[-1])) / 2  # half of it passes beside the attention
            flow = step if flow is None else step @ flow
        assert flow is not None  # noqa: S101 - there is an attention
        rows, columns = self._grid
        patches = flow[:, :, -rows * columns :]
        of = patches[:, 0] if self._from_class_token else patches[:, -rows * columns :].mean(1)
        return np.asarray(vectors, np.float32), of.reshape(-1, rows, columns).astype(np.float32)
