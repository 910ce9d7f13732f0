"""Occlusion: how far scores fall where a part of what a model sees is covered."""

from math import ceil

import numpy as np
from numpy.typing import NDArray

from cxrzoo.inference import Scorer


def windows(side: int, window: int, step: int) -> list[tuple[int, int]]:
    """Return where windows begin and end along a side; the last ends where the side does."""
    n = ceil(max(0, side - window) / step) + 1
    return [(i * step, min(i * step + window, side)) for i in range(n)]


def occlusion(
    scorer: Scorer, pixels: NDArray[np.uint8], window: int, step: int, batch_size: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cover pictures with a window of their mean grey, place by place.

    Args:
        scorer: any engine.
        pixels: ``(n, h, w, c)``.
        window: its side in pixels.
        step: between two places, in pixels.
        batch_size: images that are scored at a time.

    Returns:
        The scores ``(n, k)``, and the mean fall of each score over the windows that cover a pixel
        ``(n, k, h, w)``; where it rises it is negative.
    """
    n, height, width, _ = pixels.shape
    places = [
        (slice(*rows), slice(*columns))
        for rows in windows(height, window, step)
        for columns in windows(width, window, step)
    ]
    whole = scorer.score(pixels, batch_size=batch_size)
    grey = np.rint(pixels.mean((1, 2, 3))).astype(np.uint8)
    falls = np.zeros((n, whole.shape[1], height, width), np.float64)
    times = np.zeros((height, width))
    for rows, columns in places:
        times[rows, columns] += 1
    # Batches go on from one picture to the next, so that all but the last are full.
    pairs = [(i, place) for i in range(n) for place in places]
    for at in range(0, len(pairs), batch_size):
        part = pairs[at : at + batch_size]
        covered = pixels[[i for i, _ in part]]
        for one, (i, (rows, columns)) in zip(covered, part, strict=True):
            one[rows, columns] = grey[i]
        found = scorer.score(covered, batch_size=batch_size)
        for (i, (rows, columns)), scores in zip(part, found, strict=True):
            falls[i, :, rows, columns] += (whole[i] - scores)[:, None, None]
    return whole, (falls / np.maximum(times, 1)).astype(np.float32)
