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
    """Cover a picture with a window of its mean grey, place by place.

    Args:
        scorer: any engine.
        pixels: ``(h, w, c)``.
        window: its side in pixels.
        step: between two places, in pixels.
        batch_size: images that are scored at a time.

    Returns:
        The scores ``(k,)``, and the mean fall of each score over the windows that cover a pixel
        ``(k, h, w)``; where it rises it is negative.
    """
    height, width, _ = pixels.shape
    places = [
        (top, bottom, left, right)
        for top, bottom in windows(height, window, step)
        for left, right in windows(width, window, step)
    ]
    grey = np.uint8(round(float(pixels.mean())))
    whole = scorer.score(pixels[None])[0]
    falls = np.zeros((len(whole), height, width), np.float64)
    times = np.zeros((height, width))
    for at in range(0, len(places), batch_size):
        part = places[at : at + batch_size]
        covered = np.repeat(pixels[None], len(part), axis=0)
        for one, (top, bottom, left, right) in zip(covered, part, strict=True):
            one[top:bottom, left:right] = grey
        found = scorer.score(covered, batch_size=batch_size)
        for (top, bottom, left, right), scores in zip(part, found, strict=True):
            falls[:, top:bottom, left:right] += (whole - scores)[:, None, None]
            times[top:bottom, left:right] += 1
    return whole, (falls / np.maximum(times, 1)).astype(np.float32)
