"""A picture file, or its bytes, to uint8 pixels."""

import os
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import DataError
from cxrzoo.images.decoding import no_memory, read_grey, resized
from cxrzoo.images.spec import ImageSpec
from cxrzoo.sizes import MOST_PIXELS, checked_size
from cxrzoo.typed import check_arguments, require_kind


def read_image(
    source: str | os.PathLike[str] | bytes,
    size: int | tuple[int, int] | None = None,
    channels: Literal[1, 3] = 1,
    aspect: Literal["stretch", "pad", "crop"] = "stretch",
) -> NDArray[np.uint8]:
    """Read a PNG, JPEG or DICOM file, or its bytes, as uint8 pixels (h, w, channels) in [0, 255].

    Colour becomes grey by ITU-R 601 luma, which leaves grey stored as colour as it is; palettes are
    looked up; alpha is ignored; 16 bits become 8 by division by 257, rounded; one bit becomes 0 and
    255. A PNG whose values are those of the bits that its ``sBIT`` chunk names is scaled by them. A
    JPEG is turned upright as its EXIF orientation says. Then it is resized as :class:`ImageSpec` has it.
    Three channels hold the same grey three times.

    Args:
        source: the file, or its content.
        size: the edge, or (height, width), to resize to; None keeps the file's own.
        channels: 1 or 3.
        aspect: ``"stretch"``, ``"pad"`` or ``"crop"``, as :class:`ImageSpec` has it; without a size
            nothing comes of it.

    Warns:
        SmallRangeWarning: the values use a small part of the range that the file gives them.

    Raises:
        ImageError: the file is absent, no PNG or JPEG, truncated, animated or too large; the message
            names it.
        DataError: ``size``, ``channels`` or ``aspect`` make no sense.
    """
    check_arguments(read_image, locals())
    spec = ImageSpec(*checked_size(1 if size is None else size), channels, aspect)
    if size is not None:
        return spec.read(source)
    try:
        return np.repeat(np.asarray(read_grey(source))[:, :, None], channels, axis=2)
    except MemoryError:
        raise no_memory(source) from None


def resize(
    grey: NDArray[np.uint8],
    size: int | tuple[int, int],
    aspect: Literal["stretch", "pad", "crop"] = "stretch",
) -> NDArray[np.uint8]:
    """Return a grey image (h, w), uint8, at another size, as :class:`ImageSpec` has it.

    Raises:
        DataError: ``size`` or ``aspect`` make no sense.
    """
    check_arguments(resize, locals())
    require_kind("grey", grey, np.ndarray, "a NumPy array")
    if grey.ndim != 2 or grey.dtype != np.uint8 or not 0 < grey.size <= MOST_PIXELS:
        raise DataError(
            f"grey must be uint8 of shape (h, w), of {MOST_PIXELS:,} pixels at the most; got "
            f"{grey.dtype} {grey.shape}"
        )
    height, width = grey.shape
    place = ImageSpec(*checked_size(size), 1, aspect).placement(height, width)
    return np.asarray(resized(grey, place.frame, place.seen, place.inside))
