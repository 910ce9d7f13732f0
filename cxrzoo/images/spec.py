"""What a model sees of a picture: size, channels, and what becomes of its shape."""

import os
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import DataError
from cxrzoo.images.placement import Placement
from cxrzoo.sizes import checked_size

ASPECTS: Final = ("stretch", "pad", "crop")
"""What becomes of a picture whose shape is not that of the size asked for: `ImageSpec.aspect`."""


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """What a model sees of a picture: ``model.cxrzoo.image_spec`` of every model of the zoo.

    The definition of ``resizing="area"``: first the width, then the height, each on its own and each
    rounded to uint8. An axis that shrinks is area-averaged (Pillow's ``BOX``), one that grows is
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
        if self.channels not in (1, 3):
            raise DataError(f"channels must be 1 or 3; got {self.channels!r}")
        check_aspect(self.aspect)
        if self.resizing != "area":
            raise DataError(f"resizing must be 'area'; got {self.resizing!r}")

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

        Raises:
            ImageError: there is no such file, or it is no image that can be read; the message names it.
            MissingExtraError: a DICOM file, and the extra ``dicom`` is not installed.
        """
        from cxrzoo.images import decoding  # noqa: PLC0415 - a description needs no Pillow

        picture = decoding.read_grey(source)
        fitted = decoding.resized(picture, self.placement(picture.height, picture.width))
        return np.repeat(np.asarray(fitted)[:, :, None], self.channels, axis=2)

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

    Args:
        image_spec: the whole.
        image_size: edge, or (height, width), in pixels; 224 where nothing says otherwise.
        channels: 1, where nothing says otherwise, or 3.
        aspect: ``"stretch"``, where nothing says otherwise, ``"pad"`` or ``"crop"``.

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
    if aspect not in ASPECTS:
        raise DataError(f"aspect must be one of {', '.join(ASPECTS)}; got {aspect!r}")
