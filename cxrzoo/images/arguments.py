"""Arguments that several functions take, checked in one place."""

from typing import Any, Final

import numpy as np

from cxrzoo.errors import DataError

__all__ = ["ASPECTS", "check_aspect", "check_channels", "check_whole", "checked_size"]

ASPECTS: Final = ("stretch", "pad", "crop")
"""What becomes of an image whose shape is not that of the size asked for: `cxrzoo.images.resize`."""


def check_whole(argument: str, value: Any, least: int) -> None:
    """Raise a DataError unless the value is a whole number, ``least`` at the least."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least:
        raise DataError(f"{argument} must be a whole number, {least} at the least; got {value!r}")


def check_channels(channels: Any) -> None:
    """Raise a DataError unless there are 1 or 3 channels."""
    if channels not in (1, 3):
        raise DataError(f"channels must be 1 or 3; got {channels!r}")


def check_aspect(aspect: Any) -> None:
    """Raise a DataError unless it is one of ``ASPECTS``."""
    if aspect not in ASPECTS:
        raise DataError(f"aspect must be one of {', '.join(ASPECTS)}; got {aspect!r}")


def checked_size(size: Any) -> tuple[int, int]:
    """An edge, or (height, width), as (height, width), both 1 at the least."""
    pair = size if isinstance(size, tuple | list) else (size, size)
    if len(pair) != 2:
        raise DataError(f"an image size is an edge or (height, width); got {size!r}")
    for edge in pair:
        check_whole("an image's height and width", edge, 1)
    return int(pair[0]), int(pair[1])
