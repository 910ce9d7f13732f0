"""One image file to uint8 pixels, by one pinned definition."""

import os
import threading
import warnings
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from cxrzoo.data.arguments import check_channels, checked_size
from cxrzoo.errors import ImageError

__all__ = ["IMAGE_SUFFIXES", "MAX_PIXELS", "read_image", "resize"]

IMAGE_SUFFIXES: Final = (".png", ".jpg", ".jpeg")
"""Endings of the files that can be read. What a file is, is told from its bytes, not from these."""

MAX_PIXELS: Final = 2**26
"""No radiograph is larger (mammography reaches some 2**24); a file that claims more is refused."""

_EXIF_LOCK = threading.Lock()


def read_image(
    path: str | os.PathLike[str],
    size: int | tuple[int, int] | None = None,
    channels: Literal[1, 3] = 1,
) -> NDArray[np.uint8]:
    """The pixels of a PNG or JPEG as uint8 (h, w, channels), grey in [0, 255].

    Colour becomes grey by ITU-R 601 luma, which leaves grey stored as colour as it is; palettes are
    looked up; alpha is ignored; 16 bits become 8 by division by 257, rounded; one bit becomes 0 and
    255. A JPEG is turned upright as its EXIF orientation says. Then :func:`resize`. Three channels
    hold the same grey three times.

    Args:
        path: the file.
        size: the edge, or (height, width), to resize to; None keeps the file's own.
        channels: 1 or 3.

    Raises:
        ImageError: the file is absent, no PNG or JPEG, truncated, animated or too large; the message
            names it.
        DataError: ``size`` or ``channels`` make no sense.
    """
    check_channels(channels)
    target = None if size is None else checked_size(size)
    grey = _decoded(Path(path))
    if target is not None:
        grey = resize(grey, target)
    return np.repeat(grey[:, :, None], channels, axis=2)


def resize(grey: NDArray[np.uint8], size: int | tuple[int, int]) -> NDArray[np.uint8]:
    """A grey image (h, w) at another size, uint8.

    The definition: first the width, then the height, each on its own and each rounded to uint8.
    An axis that shrinks is area-averaged (Pillow's ``BOX``), one that grows is interpolated linearly
    (Pillow's ``BILINEAR``), one that keeps its length is not touched. The aspect is not kept.
    """
    height, width = checked_size(size)
    image = Image.fromarray(grey)
    for shape in ((width, image.height), (width, height)):
        if shape != image.size:
            shrinks = shape[0] < image.width or shape[1] < image.height
            image = image.resize(
                shape, Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR
            )
    return np.asarray(image)


def _decoded(path: Path) -> NDArray[np.uint8]:
    if not path.is_file():
        raise ImageError(f"{path}: {'not a file' if path.exists() else 'no such file'}")
    try:
        return _grey(_opened(path.read_bytes()))
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from None
    except Exception as error:  # a broken file makes Pillow raise nearly anything
        raise ImageError(f"{path}: cannot be read as an image ({error})") from error


def _opened(data: bytes) -> ImageFile.ImageFile:
    # The two classes are used directly: Image.open would try every format there is, and warns
    # through the interpreter's global filters, which threads share.
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImageFile(BytesIO(data))
    if not data.startswith(b"\xff\xd8\xff"):
        raise ImageError("not a PNG or JPEG" if data else "the file is empty")
    if b"Exif\0\0" not in data[:65536]:
        return JpegImageFile(BytesIO(data))
    # Only here can Pillow warn (of corrupt EXIF), and only in its constructor and in getexif.
    with _EXIF_LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = JpegImageFile(BytesIO(data))
        image.getexif()
    return image


def _grey(image: ImageFile.ImageFile) -> NDArray[np.uint8]:
    if image.width * image.height > MAX_PIXELS:
        raise ImageError(
            f"{image.width} x {image.height} pixels, more than the {MAX_PIXELS:,} that are read"
        )
    if getattr(image, "n_frames", 1) > 1:
        raise ImageError("an animation; a single image was expected")
    image.load()
    image.info.pop("transparency", None)  # alpha is ignored, in palettes too
    # PNG alone gets here, and Pillow has called its 16-bit grey both I and I;16.
    if image.mode.startswith("I"):
        wide = np.asarray(image).astype(np.uint32)
        return ((wide + 128) // 257).astype(np.uint8)
    if image.mode == "LA":
        return np.asarray(image.getchannel(0))
    upright: Image.Image = image
    if isinstance(image, JpegImageFile):
        upright = ImageOps.exif_transpose(image)
    if upright.mode not in ("1", "L"):
        upright = upright.convert("RGB")
    return np.asarray(upright.convert("L"))
