"""Integrated gradients of the pixels (Sundararajan et al., ICML 2017)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cxrzoo.heatmaps.network import Cut


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
    total = np.zeros((len(pixels), len(columns), *pixels.shape[1:]), np.float64)
    for share in (np.arange(steps, dtype=np.float32) + 0.5) / steps:
        _, slopes = cut.slopes([pixels * share], columns)
        total += slopes
    added = (total / steps * pixels[:, None]).sum(-1)
    return np.asarray(added, np.float32)
