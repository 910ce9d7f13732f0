"""The window of a DICOM file, by which values become light or dark: PS3.3 C.11.2.1."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import ImageError
from cxrzoo.images.dicom_elements import number


def window_of(header: Any) -> tuple[float, float] | None:
    """Return centre and width of the first window, or None."""
    center, width = number(header, "WindowCenter"), number(header, "WindowWidth")
    return None if center is None or width is None else (center, width)


def windowed(
    values: NDArray[np.float64], center: float, width: float, header: Any
) -> NDArray[np.float64]:
    """Return values under the window, on 0 to 1."""
    function = str(header.get("VOILUTFunction") or "LINEAR").upper()
    if not np.isfinite([center, width]).all() or width < (1 if function == "LINEAR" else 1e-9):
        raise ImageError(f"a DICOM window of width {width:g}")
    if function == "SIGMOID":  # C.11.2.1.3.1
        bounded = np.clip(-4 * (values - center) / width, -700, 700)  # exp overflows above
        return np.asarray(1 / (1 + np.exp(bounded)))
    if function == "LINEAR":  # C.11.2.1.2.1
        center, width = center - 0.5, width - 1
    elif function != "LINEAR_EXACT":  # C.11.2.1.3.2
        raise ImageError("a DICOM VOI LUT function that the standard does not define")
    if width == 0:
        return np.asarray(values > center, np.float64)
    return np.clip((values - center) / width + 0.5, 0, 1)
