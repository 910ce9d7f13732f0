"""Where a picture lies in the frame that a model sees, and the way back."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]
"""Top, left, height and width, in pixels."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Which part of a picture a model sees, and where in its frame that part lies.

    Attributes:
        picture: height and width of the picture.
        frame: height and width of what the model sees.
        seen: the part of the picture that is seen; all of it unless it was cropped.
        inside: where that part lies in the frame; all of it unless the picture was padded.
    """

    picture: tuple[int, int]
    frame: tuple[int, int]
    seen: Box
    inside: Box

    @classmethod
    def of(cls, picture: tuple[int, int], frame: tuple[int, int], aspect: str) -> "Placement":
        """Return the placement of a picture under ``aspect`` as `ImageSpec` has it."""
        (h, w), (height, width) = picture, frame
        seen, inside = (0, 0, h, w), (0, 0, height, width)
        if aspect == "pad":
            inner_h = min(height, _rounded(h * width, w))
            inner_w = min(width, _rounded(w * height, h))
            inside = ((height - inner_h) // 2, (width - inner_w) // 2, inner_h, inner_w)
        elif aspect == "crop":
            part_h, part_w = (
                min(h, _rounded(w * height, width)),
                min(w, _rounded(h * width, height)),
            )
            seen = ((h - part_h) // 2, (w - part_w) // 2, part_h, part_w)
        return cls(picture, frame, seen, inside)

    def undo(self, values: NDArray[Any], outside: float = 0.0) -> NDArray[np.float32]:
        """Lay values of the frame on the picture's own pixels: padding goes, cropping comes back.

        Args:
            values: ``(..., rows, columns)``, a grid of any fineness over the whole frame, such as a
                feature map. They are interpolated linearly between the middles of their cells.
            outside: the value of pixels that the model did not see.

        Returns:
            float32 ``(..., h, w)`` with the picture's height and width.
        """
        *lead, rows, columns = values.shape
        y, x, h, w = self.seen
        top, left, height, width = self.inside
        down = _interpolation(h, rows, top / self.frame[0], height / self.frame[0])
        across = _interpolation(w, columns, left / self.frame[1], width / self.frame[1])
        laid = np.full((*lead, *self.picture), outside, np.float32)
        laid[..., y : y + h, x : x + w] = down @ np.asarray(values, np.float32) @ across.T
        return laid

    def to_picture(self, y: float, x: float) -> tuple[float, float]:
        """Return the picture's point, in its pixels, of a point of the frame; the origins are corners."""
        top, left, height, width = self.inside
        seen_y, seen_x, seen_h, seen_w = self.seen
        return seen_y + (y - top) * seen_h / height, seen_x + (x - left) * seen_w / width


def _rounded(numerator: int, denominator: int) -> int:
    # Whole numbers alone: the same on every machine. An image has one pixel at the least.
    return max(1, (2 * numerator + denominator) // (2 * denominator))


def _interpolation(n: int, cells: int, start: float, length: float) -> NDArray[np.float32]:
    """Return the weights ``(n, cells)`` of linear interpolation at n points of a part of an axis."""
    middles = (start + (np.arange(n) + 0.5) / n * length) * cells - 0.5
    at = np.clip(middles, 0, cells - 1)[:, None]
    return np.asarray(np.clip(1 - np.abs(at - np.arange(cells)), 0, None), np.float32)
