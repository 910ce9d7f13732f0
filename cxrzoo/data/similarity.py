"""Nearly the same picture: the same X-ray in another size, format, brightness or contrast.

An X-ray is brought to 13 x 13 pixels; 288 bits say of each whether its right and its lower neighbour are
brighter. Two X-rays are the same picture if at most ``SAME_PICTURE`` bits differ. On NIH images
``benchmarks/embedded/similarity.py`` measures how often copies are found and strangers are not: 64-bit
hashes, as they are used for photographs, take different patients' chests for one another.
"""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.images.reading import read_image, resize

SAME_PICTURE: Final = 20
"""Bits of 288. On NIH images re-saved, shrunken and re-toned copies are within, other patients beyond."""

_EDGE: Final = 12
_ROWS: Final = 2048


def picture_bits(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return 288 values of -1 and 1 of a grey image (h, w)."""
    small = resize(np.ascontiguousarray(grey), _EDGE + 1).astype(np.int16)
    here = small[:-1, :-1]
    brighter = np.concatenate([(small[:-1, 1:] > here).ravel(), (small[1:, :-1] > here).ravel()])
    return np.where(brighter, np.float32(1), np.float32(-1))


def picture_distances(
    first: NDArray[np.float32], second: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Count how many bits differ between each two rows, (n, m)."""
    # A product of -1 and 1 counts agreements less disagreements, exactly.
    return np.asarray((first.shape[1] - first @ second.T) / 2)


def near_duplicates(first: Iterable[str], second: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return pairs of files that show the same picture, in the order of the first and of the second.

    Reads every file; comparing n and m of them takes n x m x 288 multiplications.

    Raises:
        ImageError: a file cannot be read.
    """
    names = (list(first), list(second))
    if not all(names):
        return ()
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        mine, theirs = (np.stack(list(pool.map(_bits_of, paths))) for paths in names)
    pairs = []
    for start in range(0, len(mine), _ROWS):
        near = picture_distances(mine[start : start + _ROWS], theirs) <= SAME_PICTURE
        pairs += [(names[0][start + i], names[1][j]) for i, j in np.argwhere(near)]
    return tuple(pairs)


def _bits_of(path: str) -> NDArray[np.float32]:
    return picture_bits(read_image(path)[:, :, 0])
