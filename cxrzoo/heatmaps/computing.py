"""From pixels to heat maps by a network: each method of gradients, feature maps and attention."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import DataError, ModelError, named
from cxrzoo.heatmaps.attention import Rollout
from cxrzoo.heatmaps.methods import weighed
from cxrzoo.heatmaps.network import Cut, Head
from cxrzoo.heatmaps.path import integrated_gradients
from cxrzoo.models.features import feature_tensors

Array = NDArray[np.float32]
Computing = Callable[[NDArray[np.uint8]], tuple[Array, Array]]
"""From pixels ``(b, h, w, c)`` to scores ``(b, k)`` and maps ``(b, k, rows, columns)``."""


def make_computing(
    model: keras.Model, method: str, columns: Sequence[int], stride: int | None, steps: int
) -> Computing:
    """Make what computes heat maps, with the weights that the model has now.

    Args:
        model: a model of the zoo, with its top.
        method: any but ``"occlusion"``.
        columns: the ``k`` outputs.
        stride: of the feature maps; None for the method's own.
        steps: of ``"integrated-gradients"``.

    Raises:
        ModelError: the method does not go with the model.
        DataError: there are no feature maps of this stride.
    """
    if method == "integrated-gradients":
        return _by_path(model, columns, steps)
    found = feature_tensors(model, "explain")
    if method == "attention-rollout":
        return _by_attention(model, columns, found[max(found)][1])
    if method != "cam":
        found.update(_before_last_attention(model, max(found), found[max(found)][1]))
    if stride is None:
        stride = sorted(found)[-2 if method == "layer-cam" and len(found) > 1 else -1]
    if stride not in found:
        raise DataError(
            f"stride must be one of {', '.join(map(str, sorted(found)))}, the strides of this model's "
            f"feature maps; got {stride}"
        )
    tensor, grid = found[stride]
    cut = Cut(model, tensor)
    if method == "cam":
        return _by_head(model, cut, columns)
    return _by_gradients(cut, method, columns, grid)


def _before_last_attention(
    model: keras.Model, stride: int, grid: tuple[int, int]
) -> dict[int, tuple[keras.KerasTensor, tuple[int, int]]]:
    """Return what the last attention takes, by stride; nothing if there is no attention.

    After it, tokens are mixed: their gradients no longer say from which patch an output comes.
    """
    layers = [one for one in model.layers if isinstance(one, keras.layers.MultiHeadAttention)]
    return {stride: (keras.tree.flatten(layers[-1].input)[0], grid)} if layers else {}


def _by_gradients(
    cut: Cut, method: str, columns: Sequence[int], grid: tuple[int, int]
) -> Computing:
    def compute(pixels: NDArray[np.uint8]) -> tuple[Array, Array]:
        below = cut.below(pixels.astype(np.float32))
        vectors, slopes = cut.slopes(below, columns)
        values = weighed(method, _as_maps(below[0], grid), _as_maps(slopes, grid))
        return cut.head.scores(vectors)[:, columns], values

    return compute


def _by_head(model: keras.Model, cut: Cut, columns: Sequence[int]) -> Computing:
    kinds = (keras.layers.InputLayer, keras.layers.GlobalAveragePooling2D, keras.layers.Dropout)
    if strange := [one for one in cut.above.layers if not isinstance(one, kinds)]:
        raise ModelError(
            "cam needs a head that is linear on averaged feature maps, and that of "
            f"{model.name!r:.100} has {strange[0].name!r:.100} in between: take another "
            f"{named('method')}, such as grad-cam"
        )
    weights = cut.head.kernel.T[list(columns)][None, :, None, None]

    def compute(pixels: NDArray[np.uint8]) -> tuple[Array, Array]:
        below = cut.below(pixels.astype(np.float32))
        values = weighed("cam", below[0], weights)
        return cut.head.scores(cut.vectors(below))[:, columns], values

    return compute


def _by_attention(model: keras.Model, columns: Sequence[int], grid: tuple[int, int]) -> Computing:
    rollout, head = Rollout(model, grid), Head.of(model)

    def compute(pixels: NDArray[np.uint8]) -> tuple[Array, Array]:
        vectors, one = rollout(pixels.astype(np.float32))
        values = np.repeat(one[:, None], len(columns), axis=1)
        return head.scores(vectors)[:, columns], values

    return compute


def _by_path(model: keras.Model, columns: Sequence[int], steps: int) -> Computing:
    cut = Cut(model, model.inputs[0])

    def compute(pixels: NDArray[np.uint8]) -> tuple[Array, Array]:
        given = pixels.astype(np.float32)
        scores = cut.head.scores(cut.vectors([given]))[:, columns]
        return scores, integrated_gradients(cut, given, columns, steps)

    return compute


def _as_maps(values: Array, grid: tuple[int, int]) -> Array:
    """Return feature maps as they are, and tokens as maps, no class token."""
    rows, columns = grid
    if values.shape[-3:-1] == (rows, columns):
        return values
    patches = values[..., -rows * columns :, :]
    return patches.reshape(*values.shape[:-2], rows, columns, values.shape[-1])
