"""One image file to grey of 8 bits, and to another size, each by one pinned definition."""

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from cxrzoo.budget import MAX_EDGE, MAX_FILE_BYTES, MAX_PIXELS
from cxrzoo.errors import ImageError, MissingExtraError
from cxrzoo.images.codestream import jpeg_size
from cxrzoo.images.dicom import dicom_grey, dicom_header, is_dicom
from cxrzoo.images.png import SIGNATURE, deep_grey, needed_chunks
from cxrzoo.images.ranges import warn_of_small_range
from cxrzoo.opened import read_file, shown_path

IMAGE_SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".dcm", ".dicom")
"""Endings of the files that can be read. What a file is, is told from its bytes, not from these."""

_STRIP: Final = 2**20
"""Pixels that are worked on at a time."""

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
    name, *held = _content(source)
    with as_image_errors(name):
        return _decoded(held)


@contextmanager
def as_image_errors(name: str) -> Iterator[None]:
    """Turn what a broken file makes decoders raise into an ImageError that names it."""
    try:
        yield
    except (ImageError, MissingExtraError) as error:
        raise type(error)(f"{name}: {error}") from None
    except MemoryError:
        raise _no_memory(name) from None
    except Exception as error:  # a broken file makes Pillow raise nearly anything
        raise ImageError(f"{name}: cannot be read as an image ({error})") from error


def no_memory(source: str | os.PathLike[str] | bytes) -> ImageError:
    """Return the error of a picture for which the machine's memory is too small."""
    return _no_memory("the bytes" if isinstance(source, bytes) else shown_path(source))


def _no_memory(name: str) -> ImageError:
    return ImageError(f"{name}: there is not enough memory to read it")


def _decoded(held: list[bytes]) -> tuple[Image.Image, str | None]:
    """Decode the bytes in a list, which are taken out of it, so that they can be let go."""
    data = held.pop()
    if is_dicom(data):
        header = dicom_header(data)
        del data
        grey, small = dicom_grey(header)
        return Image.fromarray(grey), small
    if not data.startswith(SIGNATURE):
        return _grey(_opened_jpeg(data)), None
    data, significant = needed_chunks(data)
    image = PngImageFile(BytesIO(data))
    _check(image)
    return deep_grey(image, data, significant) or (_grey(image), None)


def colourfulness(source: str | os.PathLike[str] | bytes) -> float:
    """Return how far a PNG's or JPEG's channels differ from their mean, on average; 0 for grey and DICOM.

    A JPEG is looked at smaller, at about 256 pixels an edge.

    Raises:
        ImageError: it cannot be read.
    """
    name, data = _content(source)
    with as_image_errors(name):
        image: ImageFile.ImageFile
        if data.startswith(SIGNATURE):
            image = PngImageFile(BytesIO(needed_chunks(data)[0]))
            _check(image)
        elif is_dicom(data):  # colour is refused when it is read
            return 0.0
        else:
            image = _opened_jpeg(data)
        if image.mode in ("1", "L", "LA", "I", "I;16"):
            return 0.0
        image.draft("RGB", (256, 256))
        image.load()
        step, total = max(1, _STRIP // image.width), 0.0
        for top in range(0, image.height, step):
            strip = image.crop((0, top, image.width, min(top + step, image.height)))
            channels = np.asarray(strip.convert("RGB")).astype(np.float32)
            total += float(np.abs(channels - channels.mean(axis=2, keepdims=True)).sum())
        return total / (3 * image.width * image.height)


def _content(source: str | os.PathLike[str] | bytes) -> tuple[str, bytes]:
    if isinstance(source, bytes):
        if len(source) > MAX_FILE_BYTES:
            raise ImageError(f"the bytes: more than the {MAX_FILE_BYTES:,} that are read")
        return "the bytes", source
    return shown_path(source), read_file(source, MAX_FILE_BYTES, ImageError)


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
    if jpeg_size(data) != (image.height, image.width):  # what the decoder will go by
        raise ImageError("a JPEG whose headers disagree about its size")
    return image


def _check(image: ImageFile.ImageFile) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise ImageError(
            f"{image.width} x {image.height} pixels, more than the {MAX_PIXELS:,} that are read"
        )
    if max(image.size) > MAX_EDGE:
        raise ImageError(
            f"{image.width} x {image.height} pixels; no edge longer than {MAX_EDGE:,} is read"
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
        # A long narrow picture would fill the memory in between; then the height goes first.
        wide = grey.height * width > MAX_PIXELS
        first = (height, grey.width) if wide else (grey.height, width)
        return _stretched(_stretched(grey, *first), height, width)
    if not across and not down:
        return grey
    shrinks = min(across, down) < 0
    return grey.resize(
        (width, height), Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR
    )
