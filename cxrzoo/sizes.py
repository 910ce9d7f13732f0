"""Whole numbers, shares and image sizes that a caller gives, checked in one place."""

from math import isfinite
from numbers import Real
from typing import Any, Final

import numpy as np

from cxrzoo.errors import CxrZooError, DataError
from cxrzoo.text import shown

MOST_REPLICATES: Final = 1_000_000
LARGEST_SEED: Final = 2**64 - 1
MOST_PIXELS: Final = 2**26
"""Of a picture that is asked for: as many as of one that is read."""


def check_whole(
    argument: str,
    value: Any,
    least: int,
    *,
    most: int | None = None,
    error: type[CxrZooError] = DataError,
) -> None:
    """Raise an error unless the value is a whole number of at least ``least``, and at most ``most``."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        bounds = f"{least} at the least" + (f", {most} at the most" if most is not None else "")
        raise error(f"{argument} must be a whole number, {bounds}; got {shown(value)}")


def check_number(
    argument: str,
    value: Any,
    low: float,
    high: float,
    *,
    closed: bool = False,
    error: type[CxrZooError] = DataError,
) -> None:
    """Raise an error unless the value is a number between the two, or the upper one where ``closed``."""
    real = isinstance(value, Real) and not isinstance(value, bool)
    if not real or not (low < value < high or (closed and value == high)):
        end = "]" if closed else ")"
        bounds = f"lie in ({low:g}, {high:g}{end}" if isfinite(high) else f"be above {low:g}"
        raise error(f"{argument} must {bounds}, got {shown(value)}")


def checked_size(size: Any) -> tuple[int, int]:
    """Return an edge, or (height, width), as (height, width), both 1 at the least.

    Raises:
        DataError: they are not, or make more than ``MOST_PIXELS``.
    """
    pair = size if isinstance(size, tuple | list) else (size, size)
    if len(pair) != 2:
        raise DataError(f"an image size is an edge or (height, width); got {shown(size)}")
    for edge in pair:
        check_whole("an image size's height and width", edge, 1)
    height, width = (int(edge) for edge in pair)
    if height * width > MOST_PIXELS:
        raise DataError(
            f"an image size (height, width) makes {MOST_PIXELS:,} pixels at the most; got {shown(size)}"
        )
    return height, width
