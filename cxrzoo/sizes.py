"""Whole numbers and image sizes that a caller gives, checked in one place."""

from typing import Any

import numpy as np

from cxrzoo.errors import DataError


def check_whole(argument: str, value: Any, least: int) -> None:
    """Raise a DataError unless the value is a whole number, ``least`` at the least."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least:
        raise DataError(f"{argument} must be a whole number, {least} at the least; got {value!r}")


def checked_size(size: Any) -> tuple[int, int]:
    """Return an edge, or (height, width), as (height, width), both 1 at the least."""
    pair = size if isinstance(size, tuple | list) else (size, size)
    if len(pair) != 2:
        raise DataError(f"an image size is an edge or (height, width); got {size!r}")
    for edge in pair:
        check_whole("an image's height and width", edge, 1)
    return int(pair[0]), int(pair[1])
