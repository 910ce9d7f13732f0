"""Integrated gradients of the pixels (Sundararajan et al., ICML 2017)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.heatmaps.network import Cut

_AT_A_TIME: Final = 16
"""Pairs of a picture and a label that go forward and backward together: few pictures take several steps
at a time."""


def integrated_gradients(
    cut: Cut, pixels: NDArray[np.float32], columns: Sequence[int], steps: int
) -> NDArray[np.float32]:
    """Return what each pixel adds to outputs, on the way from black to the picture.

    The integral is taken at the middles of ``steps`` equal parts. Over a picture what its pixels add
    sums up to the difference of the output from that of black, but for the error of the steps.

    Args:
        cut: a model cut at its pixels.
        pixels: ``(b, h, w, c)``.
        columns: the ``k`` outputs, before their activation.
        steps: of the path.

    Returns:
        ``(b, k, h, w)``.
    """
    n, size = len(pixels), max(1, _AT_A_TIME // (len(pixels) * len(columns)))
    total = np.zeros((n, len(columns), *pixels.shape[1:]), np.float64)
    shares = ((np.arange(steps) + 0.5) / steps).astype(np.float32)
    for at in range(0, steps, size):
        part = shares[at : at + size, None, None, None, None]
        _, slopes = cut.slopes([(part * pixels).reshape(-1, *pixels.shape[1:])], columns)
        total += slopes.reshape(part.shape[0], *total.shape).sum(0)
    added = (total / steps * pixels[:, None]).sum(-1)
    return np.asarray(added, np.float32)
