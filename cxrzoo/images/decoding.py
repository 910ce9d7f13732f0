"""One image file to grey of 8 bits, and to another size, each by one pinned definition."""

import os
import threading
import warnings
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from cxrzoo.errors import ImageError, MissingExtraError
from cxrzoo.images.dicom import is_dicom, read_dicom
from cxrzoo.images.png import SIGNATURE, deep_grey, needed_chunks
from cxrzoo.images.ranges import warn_of_small_range

IMAGE_SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".dcm", ".dicom")
"""Endings of the files that can be read. What a file is, is told from its bytes, not from these."""

MAX_PIXELS: Final = 2**26
"""No radiograph is larger (mammography reaches some 2**24); a file that claims more is refused."""

_EXIF_LOCK = threading.Lock()


def read_grey(source: str | os.PathLike[str] | bytes) -> Image.Image:
    """Decode a PNG, JPEG or DICOM file, or its bytes, to grey of 8 bits, upright, at its own size.

    Warns:
        SmallRangeWarning: its values use a small part of the range that the file gives them.

    Raises:
        ImageError: there is no such file, or it is no image that can be read; the message names it.
        MissingExtraError: a DICOM file, and the extra ``dicom`` is not installed.
    """
    picture, small = decode(source)
    if small is not None:
        warn_of_small_range()
    return picture


def decode(source: str | os.PathLike[str] | bytes) -> tuple[Image.Image, str | None]:
    """Do as `read_grey`, but return what there is to say of a small range, and do not warn."""
    name, data = ("the bytes", bytes(source)) if isinstance(source, bytes) else _content(source)
    try:
        if is_dicom(data):
            grey, small = read_dicom(data, max_pixels=MAX_PIXELS)
            return Image.fromarray(grey), small
        if not data.startswith(SIGNATURE):
            return _grey(_opened_jpeg(data)), None
        data, significant = needed_chunks(data)
        image = PngImageFile(BytesIO(data))
        _check(image)
        return deep_grey(image, data, significant) or (_grey(image), None)
    except (ImageError, MissingExtraError) as error:
        raise type(error)(f"{name}: {error}") from None
    except Exception as error:  # a broken file makes Pillow raise nearly anything
        raise ImageError(f"{name}: cannot be read as an image ({error})") from error


def colours(path: str | os.PathLike[str], size: tuple[int, int]) -> NDArray[np.uint8] | None:
    """Return a PNG or JPEG that can be read as red, green and blue (h, w, 3), else None.

    A JPEG may come out smaller, of about ``size``.
    """
    data = Path(path).read_bytes()
    image: ImageFile.ImageFile
    if data.startswith(SIGNATURE):
        image = PngImageFile(BytesIO(needed_chunks(data)[0]))
    elif is_dicom(data):  # colour is refused when it is read
        return None
    else:
        image = _opened_jpeg(data)
    if image.mode in ("1", "L", "LA", "I", "I;16"):
        return None
    image.draft("RGB", size)
    return np.asarray(image.convert("RGB"))


def _content(source: str | os.PathLike[str]) -> tuple[str, bytes]:
    path = Path(source)
    if not path.is_file():
        raise ImageError(f"{path}: {'not a file' if path.exists() else 'no such file'}")
    try:
        return str(path), path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path}: cannot be read as an image ({error})") from error


def _opened_jpeg(data: bytes) -> JpegImageFile:
    # The two classes are used directly: Image.open would try every format there is, and warns
    # through the interpreter's global filters, which threads share.
    if not data.startswith(b"\xff\xd8\xff"):
        raise ImageError("not a PNG or JPEG, nor DICOM" if data else "the file is empty")
    if b"Exif\0\0" not in data[:65536]:
        image = JpegImageFile(BytesIO(data))
    else:
        # Only here can Pillow warn (of corrupt EXIF), and only in its constructor and in getexif.
        with _EXIF_LOCK, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = JpegImageFile(BytesIO(data))
            image.getexif()
    _check(image)
    return image


def _check(image: ImageFile.ImageFile) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise ImageError(
            f"{image.width} x {image.height} pixels, more than the {MAX_PIXELS:,} that are read"
        )
    if getattr(image, "n_frames", 1) > 1:
        raise ImageError("an animation; a single image was expected")


def _grey(image: ImageFile.ImageFile) -> Image.Image:
    """Return grey of 8 bits; alpha is ignored."""
    image.load()
    if image.mode == "LA":
        return image.getchannel(0)
    upright: Image.Image = image
    if isinstance(image, JpegImageFile):
        upright = ImageOps.exif_transpose(image)
    if upright.mode not in ("1", "L", "RGB", "RGBA"):
        upright = upright.convert("RGB")
    return upright if upright.mode == "L" else upright.convert("L")


_Box = tuple[int, int, int, int]  # top, left, height and width


def resized(
    grey: Image.Image | NDArray[np.uint8], frame: tuple[int, int], seen: _Box, inside: _Box
) -> Image.Image:
    """Return the part of a grey picture that is seen, in its place in the frame, on black."""
    picture = Image.fromarray(grey) if isinstance(grey, np.ndarray) else grey
    y, x, h, w = seen
    top, left, height, width = inside
    if (w, h) != picture.size:
        picture = picture.crop((x, y, x + w, y + h))
    picture = _stretched(picture, height, width)
    if (height, width) == frame:
        return picture
    padded = Image.new("L", frame[::-1])
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
