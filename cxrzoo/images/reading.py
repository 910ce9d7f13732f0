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

from cxrzoo.errors import ImageError, MissingExtraError
from cxrzoo.images.arguments import check_aspect, check_channels, checked_size
from cxrzoo.images.dicom import is_dicom, read_dicom

__all__ = ["IMAGE_SUFFIXES", "MAX_PIXELS", "read_image", "resize"]

IMAGE_SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".dcm", ".dicom")
"""Endings of the files that can be read. What a file is, is told from its bytes, not from these."""

MAX_PIXELS: Final = 2**26
"""No radiograph is larger (mammography reaches some 2**24); a file that claims more is refused."""

_EXIF_LOCK = threading.Lock()


def read_image(
    path: str | os.PathLike[str],
    size: int | tuple[int, int] | None = None,
    channels: Literal[1, 3] = 1,
    aspect: Literal["stretch", "pad", "crop"] = "stretch",
) -> NDArray[np.uint8]:
    """The pixels of a PNG, JPEG or DICOM file as uint8 (h, w, channels), grey in [0, 255].

    Colour becomes grey by ITU-R 601 luma, which leaves grey stored as colour as it is; palettes are
    looked up; alpha is ignored; 16 bits become 8 by division by 257, rounded; one bit becomes 0 and
    255. A JPEG is turned upright as its EXIF orientation says. Then :func:`resize`. Three channels
    hold the same grey three times.

    Args:
        path: the file.
        size: the edge, or (height, width), to resize to; None keeps the file's own.
        channels: 1 or 3.
        aspect: ``"stretch"``, ``"pad"`` or ``"crop"``, as :func:`resize` has it; without a size
            nothing comes of it.

    Raises:
        ImageError: the file is absent, no PNG or JPEG, truncated, animated or too large; the message
            names it.
        DataError: ``size``, ``channels`` or ``aspect`` make no sense.
    """
    check_channels(channels)
    check_aspect(aspect)
    target = None if size is None else checked_size(size)
    grey = _decoded(Path(path))
    if target is not None:
        grey = _fitted(grey, *target, aspect)
    return np.repeat(np.asarray(grey)[:, :, None], channels, axis=2)


def resize(
    grey: NDArray[np.uint8],
    size: int | tuple[int, int],
    aspect: Literal["stretch", "pad", "crop"] = "stretch",
) -> NDArray[np.uint8]:
    """A grey image (h, w) at another size, uint8.

    The definition: first the width, then the height, each on its own and each rounded to uint8.
    An axis that shrinks is area-averaged (Pillow's ``BOX``), one that grows is interpolated linearly
    (Pillow's ``BILINEAR``), one that keeps its length is not touched.

    ``aspect`` says what becomes of an image of another shape than the one asked for: ``"stretch"``
    gives it that shape; ``"pad"`` keeps its own, as large as fits, centred on black; ``"crop"`` keeps
    its own too and cuts off, on both sides alike, what does not fit. A square image at a square size
    is the same under all three.

    Raises:
        DataError: ``size`` or ``aspect`` make no sense.
    """
    check_aspect(aspect)
    return np.asarray(_fitted(Image.fromarray(grey), *checked_size(size), aspect))


def _rounded(numerator: int, denominator: int) -> int:
    # Whole numbers alone: the same on every machine. An image has one pixel at the least.
    return max(1, (2 * numerator + denominator) // (2 * denominator))


def _fitted(grey: Image.Image, height: int, width: int, aspect: str) -> Image.Image:
    w, h = grey.size
    if aspect == "pad":
        inner_h, inner_w = min(height, _rounded(h * width, w)), min(width, _rounded(w * height, h))
        padded = Image.new("L", (width, height))
        place = ((width - inner_w) // 2, (height - inner_h) // 2)
        padded.paste(_stretched(grey, inner_h, inner_w), place)
        return padded
    if aspect == "crop":
        inner_h, inner_w = min(h, _rounded(w * height, width)), min(w, _rounded(h * width, height))
        top, left = (h - inner_h) // 2, (w - inner_w) // 2
        grey = grey.crop((left, top, left + inner_w, top + inner_h))
    return _stretched(grey, height, width)


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


def _decoded(path: Path) -> Image.Image:
    if not path.is_file():
        raise ImageError(f"{path}: {'not a file' if path.exists() else 'no such file'}")
    try:
        data = path.read_bytes()
        if is_dicom(data):
            return Image.fromarray(read_dicom(data, max_pixels=MAX_PIXELS))
        return _grey(_opened(data))
    except (ImageError, MissingExtraError) as error:
        raise type(error)(f"{path}: {error}") from None
    except Exception as error:  # a broken file makes Pillow raise nearly anything
        raise ImageError(f"{path}: cannot be read as an image ({error})") from error


def _opened(data: bytes) -> ImageFile.ImageFile:
    # The two classes are used directly: Image.open would try every format there is, and warns
    # through the interpreter's global filters, which threads share.
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImageFile(BytesIO(data))
    if not data.startswith(b"\xff\xd8\xff"):
        raise ImageError("not a PNG or JPEG, nor DICOM" if data else "the file is empty")
    if b"Exif\0\0" not in data[:65536]:
        return JpegImageFile(BytesIO(data))
    # Only here can Pillow warn (of corrupt EXIF), and only in its constructor and in getexif.
    with _EXIF_LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = JpegImageFile(BytesIO(data))
        image.getexif()
    return image


def _grey(image: ImageFile.ImageFile) -> Image.Image:
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
        return Image.fromarray(((wide + 128) // 257).astype(np.uint8))
    if image.mode == "LA":
        return image.getchannel(0)
    upright: Image.Image = image
    if isinstance(image, JpegImageFile):
        upright = ImageOps.exif_transpose(image)
    if upright.mode not in ("1", "L", "RGB", "RGBA"):
        upright = upright.convert("RGB")
    return upright if upright.mode == "L" else upright.convert("L")
