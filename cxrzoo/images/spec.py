"""What a model sees of a picture: size, channels, what becomes of its shape, and where it lies."""

import os
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import DataError
from cxrzoo.sizes import checked_size
from cxrzoo.text import shown
from cxrzoo.typed import check_fields

ASPECTS: Final = ("stretch", "pad", "crop")
"""What becomes of a picture whose shape is not that of the size asked for: `ImageSpec.aspect`."""


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

    def __post_init__(self) -> None:
        check_fields(self)

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
            part_h = min(h, _rounded(w * height, width))
            part_w = min(w, _rounded(h * width, height))
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


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """What a model sees of a picture: ``model.cxrzoo.image_spec`` of every model of the zoo.

    The definition of ``resizing="area"``: first the width, then the height, each on its own and each
    rounded to uint8 (first the height where more than 2^26 pixels would stand in between, as of a tall
    narrow picture made wide). An axis that shrinks is area-averaged (Pillow's ``BOX``), one that grows is
    interpolated linearly (Pillow's ``BILINEAR``), one that keeps its length is not touched.

    Attributes:
        height: in pixels.
        width: in pixels.
        channels: 1, or 3 for the same grey three times.
        aspect: what becomes of a picture of another shape: ``"stretch"`` gives it this one; ``"pad"``
            keeps its own, as large as fits, centred on black; ``"crop"`` keeps its own too and cuts
            off, on both sides alike, what does not fit. A square picture at a square size is the same
            under all three.
        resizing: how a picture is made smaller or larger.

    Raises:
        DataError: a value makes no sense.
    """

    height: int
    width: int
    channels: Literal[1, 3] = 1
    aspect: Literal["stretch", "pad", "crop"] = "stretch"
    resizing: Literal["area"] = "area"

    def __post_init__(self) -> None:
        for name, edge in zip(("height", "width"), checked_size(self.size), strict=True):
            object.__setattr__(self, name, edge)
        check_fields(self)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.height, self.width

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels: the shape of what :meth:`read` gives."""
        return self.height, self.width, self.channels

    def read(self, source: str | os.PathLike[str] | bytes) -> NDArray[np.uint8]:
        """Read a PNG, JPEG or DICOM file, or its bytes, as a model sees it.

        Returns:
            uint8 ``(height, width, channels)``, grey in [0, 255], as :func:`read_image` decodes it.

        Warns:
            SmallRangeWarning: its values use a small part of the range that the file gives them.

        Raises:
            ImageError: there is no such file, or it is no image that can be read; the message names it.
            MissingExtraError: a DICOM file, and the extra ``dicom`` is not installed.
        """
        return self.read_placed(source)[0]

    def read_placed(
        self, source: str | os.PathLike[str] | bytes
    ) -> tuple[NDArray[np.uint8], Placement]:
        """Read as :meth:`read` does, and say where the picture lies in what a model sees."""
        from cxrzoo.images import decoding  # noqa: PLC0415 - a description needs no Pillow

        try:
            picture = decoding.read_grey(source)
            place = self.placement(picture.height, picture.width)
            fitted = decoding.resized(picture, place.frame, place.seen, place.inside)
            return np.repeat(np.asarray(fitted)[:, :, None], self.channels, axis=2), place
        except MemoryError:
            raise decoding.no_memory(source) from None

    def placement(self, height: int, width: int) -> Placement:
        """Return where a picture of this height and width lies in what a model sees."""
        return Placement.of((height, width), self.size, self.aspect)


def requested_spec(
    image_spec: ImageSpec | None = None,
    *,
    image_size: int | tuple[int, int] | None = None,
    channels: Literal[1, 3] | None = None,
    aspect: Literal["stretch", "pad", "crop"] | None = None,
) -> ImageSpec:
    """Return what a caller asks for, as one specification or by its parts.

    Where nothing says otherwise it is 224 pixels, one channel and ``"stretch"``.

    Raises:
        DataError: a part makes no sense, or is another than that of ``image_spec``.
    """
    spec = image_spec or ImageSpec(224, 224)
    height, width = spec.size if image_size is None else checked_size(image_size)
    asked = replace(
        spec,
        height=height,
        width=width,
        channels=spec.channels if channels is None else channels,
        aspect=spec.aspect if aspect is None else aspect,
    )
    if image_spec is not None and asked != image_spec:
        given = {"image_size": image_size, "channels": channels, "aspect": aspect}
        parts = ", ".join(f"{name}={part!r}" for name, part in given.items() if part is not None)
        raise DataError(f"image_spec is {image_spec}, and {parts} says otherwise; give one of them")
    return asked


def check_aspect(aspect: Any) -> None:
    """Raise a DataError unless it is one of ``ASPECTS``."""
    if not isinstance(aspect, str) or aspect not in ASPECTS:
        raise DataError(f"aspect must be one of {', '.join(ASPECTS)}; got {shown(aspect)}")
