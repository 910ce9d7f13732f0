"""Small changes that leave a chest X-ray a chest X-ray.

Nothing is flipped: the heart is on the left, and a flipped X-ray shows a rare condition (situs
inversus) rather than a new patient. Who has to repeat a study that flips left and right says so with a
``flip`` of their own; upside down there are no patients at all.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image


@dataclass(frozen=True)
class Augmentation:
    """Ranges to draw from, each uniform from minus to plus the figure."""

    shift: float
    """Of the height and of the width."""
    rotation: float
    """Degrees."""
    zoom: float
    """Of the size: 0.05 is 95 % to 105 %."""
    brightness: float
    """Of the range of 255."""
    contrast: float
    """Of the distance from mid-grey."""
    flip: float = 0.0
    """How often left and right change places, from 0 to 1."""


AUGMENTATIONS: Final[dict[str, Augmentation | None]] = {
    "none": None,
    "light": Augmentation(shift=0.03, rotation=5, zoom=0.05, brightness=0.05, contrast=0.1),
    "strong": Augmentation(shift=0.06, rotation=10, zoom=0.12, brightness=0.1, contrast=0.25),
}
"""By name. About what two films of one patient differ by, and about twice that; our choice."""


def augmented(
    grey: NDArray[np.uint8], ranges: Augmentation, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Return one changed copy of a grey image (h, w); what comes in from outside is black.

    Shift, rotation about the centre and zoom are one bilinear resampling; brightness and contrast
    act on 0..255 and are clipped to it.
    """
    down, right, turn, zoom, brightness, contrast = rng.uniform(-1, 1, 6)
    height, width = grey.shape
    scale = 1 + zoom * ranges.zoom
    angle = np.deg2rad(turn * ranges.rotation)
    cos, sin = np.cos(angle) / scale, np.sin(angle) / scale
    x, y = width / 2, height / 2
    from_x, from_y = x + right * ranges.shift * width, y + down * ranges.shift * height
    # Pillow asks where in the old image each new pixel (i, j) comes from.
    matrix = (
        float(cos), float(sin), float(x - cos * from_x - sin * from_y),
        float(-sin), float(cos), float(y + sin * from_x - cos * from_y),
    )  # fmt: skip
    # Drawn last and only if asked for: the other draws do not depend on it.
    if ranges.flip and rng.random() < ranges.flip:
        grey = np.ascontiguousarray(grey[:, ::-1])
    moved = Image.fromarray(grey).transform(
        (width, height), Image.Transform.AFFINE, matrix, resample=Image.Resampling.BILINEAR
    )
    steps = np.arange(256) - 127.5
    tones = 127.5 + steps * (1 + contrast * ranges.contrast) + 255 * brightness * ranges.brightness
    table: NDArray[np.uint8] = np.clip(np.rint(tones), 0, 255).astype(np.uint8)
    return np.take(table, np.asarray(moved))
