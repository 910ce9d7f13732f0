"""What ranges of values say that a picture, or a batch of pixels, is not what a model should see."""

import warnings
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.cells import to_array
from cxrzoo.errors import PixelScaleWarning, SmallRangeWarning

Range = tuple[float, float]
"""The least and the greatest value."""

_SMALL_PART: Final = 4
"""14 bits in 16 use a quarter: a picture that uses no more is told of."""
_OVERSHOOT: Final = 32.0
"""How far bicubic and similar resizing may go beyond 0 and 255."""
_DARKEST: Final = 16.0
"""Batches of X-rays are brighter; what has been scaled or standardised is not."""


def small_range(used: Range, possible: Range) -> str | None:
    """Return what to say of a picture whose values use a small part of their range, else None.

    This is at most a quarter, as for 8, 12 or 14 bits stored as 16. A picture of one value says nothing
    of its range.
    """
    (low, high), (bottom, top) = used, possible
    if not 0 < _SMALL_PART * (high - low) <= top - bottom:
        return None
    return f"its values are {low:.6g} to {high:.6g}, of a possible {bottom:.6g} to {top:.6g}"


def warn_of_small_range() -> None:
    """Tell that a picture was read for which `small_range` has something to say.

    The text is the same for all pictures, so that Python shows it once and not ten thousand times.
    """
    warnings.warn(
        "the values of a picture use a small part of the range that its file gives them, as 12 bits "
        "stored as 16 do: a PNG comes out dark or flat (write its sBIT chunk, or stretch its values), a "
        "DICOM file without a window is shown by the range of its own values. "
        "cxrzoo.check_images, or cxrzoo predict --check-images, names these pictures",
        SmallRangeWarning,
        stacklevel=3,
    )


def wrong_scale(pixels: Any) -> str | None:
    """Return what to say of a batch whose values are not those of pixels from 0 to 255, else None.

    Said of values that are not finite, or well outside of 0 to 255; of fractions that are all next to 0,
    as in [0, 1], [-1, 1] or standardised; and of whole numbers that are 0 and 1 alone. A batch of zeros
    is black.

    Args:
        pixels: numbers of any type and shape.
    """
    try:
        values: NDArray[Any] = np.asarray(to_array(pixels))
    except ValueError:  # several inputs
        return None
    if values.dtype.name == "bfloat16":  # of JAX and TensorFlow; NumPy does not know it
        values = values.astype(np.float32)
    if not values.size or values.dtype.kind not in "buif":
        return None
    low, high = float(values.min()), float(values.max())
    margin = _OVERSHOOT if values.dtype.kind == "f" else 0.0
    if not np.isfinite([low, high]).all():
        found = "not all finite"
    elif low < -margin or high > 255 + margin or _scaled(values, low, high):
        found = f"from {low:.4g} to {high:.4g}"
    else:
        return None
    return (
        f"a batch of {values.dtype} pixels is {found}; models of the zoo take grey from 0 to 255 and "
        "scale it themselves, so that their scores of these pixels mean nothing. Give pixels as "
        "read_image, image_spec.read and records.dataset do, before any scaling"
    )


def _scaled(values: NDArray[Any], low: float, high: float) -> bool:
    """Return whether values near 0 are what scaling leaves, and not those of a black picture."""
    if values.dtype.kind != "f":
        return low >= 0 and high == 1
    if high > _DARKEST or max(abs(low), abs(high)) < 1e-6:
        return False
    return low < 0 or high <= 1 or not np.array_equal(values, np.rint(values))


class ScaleCheck:
    """Looks at batches as they go by, and warns of the first whose pixels are not on 0 to 255."""

    def __init__(self) -> None:
        self._told = False

    def __call__(self, pixels: Any) -> None:
        """Warn of this batch by `wrong_scale`, unless one was warned of already."""
        if not self._told and (text := wrong_scale(pixels)):
            self._told = True
            warnings.warn(text, PixelScaleWarning, stacklevel=4)
