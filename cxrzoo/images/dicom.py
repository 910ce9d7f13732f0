"""One DICOM file to uint8 grey, by the standard's grey-scale pipeline.

Stored values, then the modality LUT or rescale (PS3.3 C.11.1), then the first VOI LUT or window
(C.11.2), then 8 bits, then MONOCHROME1 turned over. Where the file has no VOI LUT and no window, the
range of the image's own values becomes 0 to 255, pixel padding left out, as common viewers have it.
Overlays are left out, those in unused bits of the pixels too.

Only the elements named in ``dicom_elements`` are ever taken out of a file: who the patient is, is not
read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.budget import MAX_PIXELS
from cxrzoo.errors import ImageError, MissingExtraError
from cxrzoo.images.dicom_bounds import Header, check_elements, check_encoded
from cxrzoo.images.dicom_elements import KEYWORDS, kind_of_grey, missing, number, whole
from cxrzoo.images.dicom_window import window_of, windowed
from cxrzoo.images.quiet import quietly
from cxrzoo.images.ranges import Range, small_range

_LOGGERS: Final = ("pydicom", "pylibjpeg", "openjpeg")
_PART: Final = 2**20
_FAR: Final = 2.0**40
"""Of the 53 bits of a number this leaves more than a stored value has of them."""

_Values = NDArray[Any]  # int64 as they are stored or looked up, float64 once they are rescaled


def is_dicom(data: bytes) -> bool:
    """Return whether these bytes begin as a DICOM file does: a preamble of 128 bytes, then DICM."""
    return data[128:132] == b"DICM"


def dicom_header(data: bytes) -> Any:
    """Return what pixels need of a whole DICOM file; its bytes are not needed any more.

    Raises:
        ImageError: no single grey image of 8 or 16 bits. The message holds no value of the header but
            what was wrong with it.
        MissingExtraError: pydicom is not installed.
    """
    pydicom = _pydicom()
    with quietly(*_LOGGERS), _as_image_errors("header"), Header(data) as stream:
        header = pydicom.dcmread(stream, specific_tags=list(KEYWORDS))
        check_elements(header)
        return header


def dicom_grey(header: Any) -> tuple[NDArray[np.uint8], str | None]:
    """Return the pixels, uint8 (h, w), of what `dicom_header` gave, and what `small_range` says of them.

    Raises:
        ImageError: as above, or they cannot be decoded.
        MissingExtraError: there is no decoder for them.
    """
    with quietly(*_LOGGERS), _as_image_errors("pixels"):
        _check_image(header)
        pixels = _pixels(header)
        del header.PixelData
        return _grey(pixels, header)


def _grey(pixels: NDArray[Any], header: Any) -> tuple[NDArray[np.uint8], str | None]:
    """Return pixels as grey, by way of a table: of 16 bits there are no more than 65,536 values."""
    table = np.zeros(1 << (8 * pixels.itemsize), np.uint8)
    codes = pixels.reshape(-1).view(f"u{pixels.itemsize}")
    there = np.zeros(len(table), bool)
    for part in _parts(codes):
        there[part] = True
    found = np.flatnonzero(there).astype(codes.dtype)
    stored = _stored(found.view(pixels.dtype), header)
    values, possible = _modality(stored, header)
    grey, small = _presented(values, possible, _is_padding(stored, header), header)
    if header.PhotometricInterpretation == "MONOCHROME1":
        grey = 255 - grey
    table[found] = np.rint(grey).astype(np.uint8)
    shown = np.empty(pixels.shape, np.uint8)
    for part, of in zip(_parts(shown.reshape(-1)), _parts(codes), strict=True):
        part[:] = table[of]
    return shown, small


def _parts(flat: NDArray[Any]) -> Iterator[NDArray[Any]]:
    # An index becomes eight bytes, so that it is not made of all pixels at once.
    return (flat[i : i + _PART] for i in range(0, len(flat), _PART))


@contextmanager
def _as_image_errors(part: str) -> Iterator[None]:
    """Turn what a broken file makes pydicom raise, nearly anything, into an ImageError."""
    try:
        yield
    except (ImageError, MissingExtraError, MemoryError):
        raise
    except AttributeError as error:  # an element that only some files need
        raise missing(error.name) from None
    except Exception as error:  # noqa: BLE001 - not chained: its text may quote the header
        raise ImageError(f"its DICOM {part} cannot be read ({type(error).__name__})") from None


@cache
def _pydicom() -> Any:
    try:
        import pydicom.pixels  # noqa: PLC0415 - the extra may not be installed
    except ImportError:
        raise MissingExtraError(
            "this is a DICOM file, and pydicom is not installed: pip install 'cxrzoo[dicom]'"
        ) from None
    try:
        import gdcm  # type: ignore[import-not-found, unused-ignore] # noqa: PLC0415 - as above
    except ImportError:
        pass  # uncompressed files need no decoder
    else:
        gdcm.Trace.WarningOff()  # it writes to standard error and does not say of which file
        gdcm.Trace.ErrorOff()
    return pydicom


def _check_image(header: Any) -> None:
    """Refuse what is not one grey image, with the reason."""
    if "PixelData" not in header:
        raise ImageError("a DICOM object without an image")
    if (frames := whole(header, "NumberOfFrames", 1) or 1) > 1:
        raise ImageError(f"a DICOM object of {frames} frames; a single image was expected")
    kind, samples = kind_of_grey(header), whole(header, "SamplesPerPixel", 1)
    if not kind:
        raise missing("PhotometricInterpretation")
    if samples != 1 or kind not in ("MONOCHROME1", "MONOCHROME2"):
        # Not the text itself: a file may have anything there.
        raise ImageError("a DICOM image in colour; MONOCHROME1 or MONOCHROME2 was expected")
    # As the standard, and so pydicom's decoders, want them.
    header.PhotometricInterpretation = kind
    header.update({"SamplesPerPixel": samples, "NumberOfFrames": frames})
    allocated, stored = whole(header, "BitsAllocated"), whole(header, "BitsStored")
    if allocated not in (8, 16) or not 1 < stored <= allocated:
        raise ImageError(
            f"DICOM pixels of {stored} bits in {allocated}; 2 to 16 bits in 8 or 16 were expected"
        )
    whole(header, "PixelRepresentation")
    rows, columns = whole(header, "Rows"), whole(header, "Columns")
    if rows < 1 or columns < 1 or rows * columns > MAX_PIXELS:
        raise ImageError(
            f"{columns} x {rows} pixels; at least one and not more than {MAX_PIXELS:,} are read"
        )
    if not getattr(header.file_meta, "TransferSyntaxUID", None):
        raise missing("TransferSyntaxUID")


def _pixels(header: Any) -> NDArray[Any]:
    """Return the pixels as they are decoded, (h, w), of 8 or 16 bits."""
    rows, columns = int(header.Rows), int(header.Columns)
    syntax = header.file_meta.TransferSyntaxUID
    check_encoded(header, syntax, rows, columns)
    pixels = _decoded(header, syntax)
    if pixels.shape != (rows, columns) or pixels.itemsize > 2:
        raise ImageError("DICOM pixels of another shape than its header says")
    return np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("="))


def _stored(pixels: NDArray[Any], header: Any) -> NDArray[np.int64]:
    """Return the stored values, without what the unused bits hold."""
    syntax = header.file_meta.TransferSyntaxUID
    bits = int(header.BitsStored)
    values = pixels.astype(np.int64)
    # A codestream holds the value itself; elsewhere overlays may stand above and below its bits.
    if not syntax.is_encapsulated or syntax.name == "RLE Lossless":
        values >>= max(0, whole(header, "HighBit", bits - 1) - bits + 1)
    values &= (1 << bits) - 1
    return _signed(values, bits) if _is_signed(header) else values


def _is_signed(header: Any) -> bool:
    return whole(header, "PixelRepresentation") == 1


def _signed(values: _Values, bits: int) -> _Values:
    return np.asarray(values - (values >> (bits - 1) << bits))


def _is_padding(stored: _Values, header: Any) -> NDArray[np.bool_] | None:
    """Return which pixels only fill the frame, (h, w), or None if the file does not say: C.7.5.1.1.2."""
    if header.get("PixelPaddingValue") in (None, ""):
        return None
    first = whole(header, "PixelPaddingValue")
    ends = np.array([first, whole(header, "PixelPaddingRangeLimit", first)], np.int64)
    if _is_signed(header):  # written as unsigned by some, though it is of the pixels' kind
        ends = _signed(ends & 0xFFFF, 16)
    else:
        ends &= 0xFFFF
    return np.asarray((stored >= ends.min()) & (stored <= ends.max()))


def _decoded(header: Any, syntax: Any) -> NDArray[Any]:
    pixels = _pydicom().pixels
    try:
        decoder = pixels.get_decoder(syntax)
    except NotImplementedError:
        raise ImageError("a DICOM transfer syntax that holds no single image") from None
    if not decoder.is_available:
        raise MissingExtraError(
            f"no decoder for DICOM files in {syntax.name} is installed: pip install 'cxrzoo[dicom]'"
        )
    try:
        return np.asarray(pixels.pixel_array(header, index=0, correct_unused_bits=False))
    except RuntimeError:  # what pydicom raises when every decoder has given up
        raise ImageError(
            f"its pixels in {syntax.name}, {int(header.BitsStored)} bits, are damaged or of a kind "
            f"that no installed decoder takes ({', '.join(decoder.available_plugins)})"
        ) from None


def _modality(values: NDArray[np.int64], header: Any) -> tuple[_Values, Range]:
    """Return values in the unit that windows are given in, and their range: PS3.3 C.11.1."""
    if header.get("ModalityLUTSequence"):
        return _looked_up(values, header.ModalityLUTSequence[0], header)
    bits = int(header.BitsStored)
    low = -(1 << (bits - 1)) if _is_signed(header) else 0
    ends = np.array([low, low + (1 << bits) - 1], np.float64)
    slope, intercept = number(header, "RescaleSlope"), number(header, "RescaleIntercept")
    if slope is None or intercept is None:
        return values, (ends[0], ends[1])
    if abs(intercept) > _FAR * abs(slope) > 0:
        raise ImageError(
            "a DICOM rescale slope so small beside its intercept that values run together"
        )
    ends = np.sort(ends * slope + intercept)
    return values * slope + intercept, (ends[0], ends[1])


def _presented(
    values: _Values, possible: Range, padding: NDArray[np.bool_] | None, header: Any
) -> tuple[NDArray[np.float64], str | None]:
    """Return values after the VOI LUT or the window, on 0 to 255, and what `small_range` says: C.11.2."""
    shown = True
    if header.get("VOILUTSequence"):
        rounded = np.rint(np.clip(values, -(2**40), 2**40)).astype(np.int64)
        values, possible = _looked_up(rounded, header.VOILUTSequence[0], header)
    elif (window := window_of(header)) is not None:
        values, possible = 255 * windowed(values.astype(np.float64), *window, header), (0.0, 255.0)
    else:
        shown = False
    low, high = possible
    if high <= low:
        raise ImageError("a DICOM rescale or LUT that makes all pixels one value")
    picture = values if padding is None or padding.all() else values[~padding]
    used = (float(picture.min()), float(picture.max()))
    small = small_range(used, possible)
    if not shown and used[0] < used[1]:
        low, high = used
        small = small and f"{small}; there is no window, and they are shown by their own range"
    elif small:
        small = f"{small}, after the file's window or LUT"
    scaled = (values - low) * (255 / (high - low))
    return np.asarray(np.clip(scaled, 0, 255), np.float64), small


def _looked_up(values: NDArray[np.int64], item: Any, header: Any) -> tuple[_Values, Range]:
    """Look values up as PS3.3 C.11.1.1.1 has it: those outside the LUT take its first or last entry."""
    entries, first, bits = (int(part) for part in item.LUTDescriptor)
    entries = entries or 2**16
    if first >= 2**15 and _is_signed(header):
        first -= 2**16  # written as unsigned by some, though it is of the pixels' kind
    data = item.LUTData
    if isinstance(data, bytes):
        order = "<" if header.file_meta.TransferSyntaxUID.is_little_endian else ">"
        wide = len(data) >= 2 * entries
        data = np.frombuffer(data, f"{order}u2" if wide else "u1")
    table = np.atleast_1d(np.asarray(data)).astype(np.int64)[:entries]
    if len(table) != entries or not 1 <= bits <= 16:
        raise ImageError(
            f"a DICOM LUT of {len(table)} entries of {bits} bits; its descriptor says {entries}, "
            "and 1 to 16 bits were expected"
        )
    return table[np.clip(values - first, 0, entries - 1)], (0, (1 << bits) - 1)
