"""A grey picture at another size, by one pinned definition: that of `ImageSpec`."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cxrzoo.images.placement import Placement


def resized(grey: Image.Image | NDArray[np.uint8], place: Placement) -> Image.Image:
    """Return the part of a grey picture that is seen, in its place in the frame, on black."""
    picture = Image.fromarray(grey) if isinstance(grey, np.ndarray) else grey
    y, x, h, w = place.seen
    top, left, height, width = place.inside
    if (h, w) != place.picture:
        picture = picture.crop((x, y, x + w, y + h))
    picture = _stretched(picture, height, width)
    if (height, width) == place.frame:
        return picture
    padded = Image.new("L", place.frame[::-1])
    padded.paste(picture, (left, top))
    return padded


def _stretched(grey: Image.Image, height: int, width: int) -> Image.Image:
    # Pillow goes first over the width and then over the height, and rounds after each. Only where one
    # shrinks and the other grows do they need a filter, and so a call, each.
    across = (width > grey.width) - (width < grey.width)
    down = (height > grey.height) - (height < grey.height)
    if across * down < 0:
        return _stretched(_stretched(grey, grey.height, width), height, width)
    if not across and not down:
        return grey
    shrinks = min(across, down) < 0
    return grey.resize(
        (width, height), Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR
    )
