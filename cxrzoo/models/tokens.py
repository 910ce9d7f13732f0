"""Tokens of patches as feature maps, and their position embeddings at another size."""

from math import isqrt

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from cxrzoo.errors import TensorError
from cxrzoo.models.backbone import Patches

Grid = tuple[int, int]


def as_maps(tokens: keras.KerasTensor, rows: int, columns: int) -> keras.KerasTensor:
    """Return tokens ``(b, n, d)`` as feature maps ``(b, rows, columns, d)``, no class token."""
    _, n, width = tokens.shape
    patches = layers.Cropping1D((n - rows * columns, 0), name="without_class_token")(tokens)
    return layers.Reshape((rows, columns, width), name="maps")(patches)


def square_grid(positions: tuple[int, ...], source: str) -> Grid:
    """Return the grid that position embeddings ``(1 + n, d)`` are of, if none is written down: a square.

    Raises:
        TensorError: they are not of a square grid, with a class token before it.
    """
    side = isqrt(max(positions[0] - 1, 0)) if len(positions) == 2 else 0
    if side == 0 or side**2 + 1 != positions[0]:
        raise TensorError(
            f"{source}: position embeddings of a class token and a square grid of patches were expected; "
            f"these have the shape {positions}."
        )
    return side, side


def resized_positions(
    positions: NDArray[np.float32], old: Grid, new: Grid, patches: Patches
) -> NDArray[np.float32]:
    """Resize position embeddings ``(1 + rows * columns, d)`` to another grid, but the class token's row.

    Weights of a bicubic resize sum to 1, so what was added to all patches (the bias of their
    embedding) stays too.
    """
    if old == new:
        return positions
    grid = positions[1:].reshape(*old, -1).astype(np.float64)
    for axis, (before, after) in enumerate(zip(old, new, strict=True)):
        grid = np.moveaxis(
            np.tensordot(_bicubic(before, after, antialias=patches.antialias), grid, (1, axis)),
            0,
            axis,
        )
    rows = grid.reshape(new[0] * new[1], -1)
    return np.concatenate([positions[:1], rows]).astype(np.float32)


def _bicubic(old: int, new: int, *, antialias: bool) -> NDArray[np.float64]:
    """Return the weights ``(new, old)`` of PyTorch's ``interpolate(mode="bicubic")``.

    Centres of the first and last samples are half a step inside (``align_corners=False``). Without
    antialiasing, samples outside are those of the border; with it, the kernel is as wide as a step of
    the new grid, and what lies outside has no weight.
    """
    step = old / new
    centres = (np.arange(new) + 0.5) * step - 0.5
    if not antialias:
        first = np.floor(centres).astype(int) - 1
        taps = first[:, None] + np.arange(4)
        values = _cubic(taps - centres[:, None], -0.75)
        weights = np.zeros((new, old))
        np.add.at(weights, (np.arange(new)[:, None], taps.clip(0, old - 1)), values)
        return weights
    weights = _cubic((np.arange(old) - centres[:, None]) / max(step, 1.0), -0.5)
    weights /= weights.sum(1, keepdims=True)
    return weights


def _cubic(x: NDArray[np.float64], a: float) -> NDArray[np.float64]:
    """Return Keys's cubic convolution kernel."""
    x = np.abs(x)
    near = ((a + 2) * x - (a + 3)) * x**2 + 1
    far = a * (((x - 5) * x + 8) * x - 4)
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))
