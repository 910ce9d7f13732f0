"""How well a point and a box meet the boxes of radiologists, with intervals over patients."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.evaluation.statistics.bootstrap import draw_weights
from cxrzoo.evaluation.statistics.intervals import Interval, percentile
from cxrzoo.heatmaps.maps import Box

TOLERANCE: Final = 15.0
"""Pixels around a box that the pointing game still counts (Zhang et al., IJCV 2018, section 5.1)."""

T_IOU: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
"""Of the intersection over the union (Wang et al., CVPR 2017, section 4.2)."""

T_IOBB: Final = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Of the intersection over the area of the box that was found (Wang et al., as above)."""

MEASURES: Final = (
    "pointing game",
    "hit rate",
    *(f"IoU > {t:g}" for t in T_IOU),
    *(f"IoBB > {t:g}" for t in T_IOBB),
)
"""Shares of pictures: the highest point lies within ``TOLERANCE`` of a box; in it (Saporta et al., Nature
Machine Intelligence 2022); or the box that was found meets one of the radiologists' so well."""

CONFIDENCE: Final = 0.95


def measured(
    point: tuple[float, float] | None, found: Box | None, boxes: Sequence[Box]
) -> NDArray[np.float64]:
    """Return each of ``MEASURES`` for one picture, 1 or 0; NaN where there is nothing to measure by.

    Args:
        point: y and x, NaN where nothing was found; None if the guess has no point.
        found: a box; None if nothing was found.
        boxes: those of radiologists, in the same pixels.
    """
    near = [0.0, 0.0]
    if point is not None:
        y, x = point
        for i, slack in enumerate((TOLERANCE, 0.0)):
            near[i] = float(
                any(
                    one.x - slack <= x <= one.x + one.width + slack
                    and one.y - slack <= y <= one.y + one.height + slack
                    for one in boxes
                )
            )
    shared = [(0.0, 0.0)] if found is None else [_shares(found, one) for one in boxes]
    iou, iobb = (max(one[i] for one in shared) for i in range(2))
    return np.array([*near, *(iou > t for t in T_IOU), *(iobb > t for t in T_IOBB)], np.float64)


def _shares(found: Box, true: Box) -> tuple[float, float]:
    """Return the intersection over the union, and over the box that was found."""
    wide = min(found.x + found.width, true.x + true.width) - max(found.x, true.x)
    high = min(found.y + found.height, true.y + true.height) - max(found.y, true.y)
    both = max(0.0, wide) * max(0.0, high)
    area, other = found.width * found.height, true.width * true.height
    return both / (area + other - both), both / area


def shares(
    hits: NDArray[np.float64], patients: Sequence[str], n_bootstrap: int, seed: int
) -> list[tuple[float, Interval]]:
    """Return the share of each column of hits ``(n, m)``, with a 95 % interval over patients."""
    _, units = np.unique(np.asarray(patients), return_inverse=True)
    n_units = int(units.max()) + 1
    sums = np.zeros((n_units, hits.shape[1]))
    np.add.at(sums, units, hits)
    counts = np.bincount(units, minlength=n_units)
    replicates = [
        (weights.T @ sums) / np.maximum(weights.T @ counts, 1)[:, None]
        for weights in draw_weights(n_units, n_bootstrap, seed, 64)
    ]
    drawn = np.concatenate([np.empty((0, hits.shape[1])), *replicates])
    return [
        (float(hits[:, j].mean()), percentile(drawn[:, j], CONFIDENCE))
        for j in range(hits.shape[1])
    ]
