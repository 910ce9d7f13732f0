"""The elements of a DICOM header that pixels need, taken out so that each error names its element."""

from typing import Any, Final

from cxrzoo.errors import ImageError

KEYWORDS: Final = (
    "SamplesPerPixel", "PhotometricInterpretation", "NumberOfFrames", "Rows", "Columns",
    "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PlanarConfiguration",
    "PixelPaddingValue", "PixelPaddingRangeLimit",
    "ModalityLUTSequence", "RescaleSlope", "RescaleIntercept",
    "VOILUTSequence", "WindowCenter", "WindowWidth", "VOILUTFunction",
    "PixelData",
)  # fmt: skip
"""All that is ever taken out of a file."""

_LARGEST: Final = 1e15
"""No slope, intercept or window is larger, or nearer to 0 by its inverse; NaN is neither."""

_NAMED: Final = frozenset({*KEYWORDS, "LUTDescriptor", "LUTData", "TransferSyntaxUID"})


def missing(keyword: str | None) -> ImageError:
    """Return the error of a file that lacks an element which its pixels need."""
    if keyword not in _NAMED:  # of pydicom's own
        return ImageError("its DICOM header lacks an element that its pixels need")
    return ImageError(
        f"its DICOM header has no {_named(keyword)}, or an empty one, and its pixels cannot be told "
        "without; export the file anew from where it comes from"
    )


def whole(item: Any, keyword: str, default: int | None = None) -> int:
    """Return an element as a whole number; ``default`` where it is missing or empty.

    Raises:
        ImageError: it is missing and there is no default, or no whole number; its value is not told.
    """
    value = number(item, keyword)
    if value is None and default is None:
        raise missing(keyword)
    if value is not None and not value.is_integer():
        raise _unusable(keyword)
    return int(default if value is None else value)  # type: ignore[arg-type]


def kind_of_grey(header: Any) -> str:
    """Return the photometric interpretation as the standard writes it: upper case, no padding.

    pydicom would warn of any other, and quote it.
    """
    element = header.get_item("PhotometricInterpretation")
    value = b"" if element is None else element.value or b""
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
    return "".join(text.replace("\0", " ").upper().split())


def number(item: Any, keyword: str) -> float | None:
    """Return the first number of an element; None where it is missing or empty.

    Raises:
        ImageError: it is no number, or one that no pixel could come by; its value is not told.
    """
    try:
        value = item.get(keyword)
        if value is not None and not isinstance(value, str | bytes | int | float):
            value = value[0] if len(value) else None  # several
        if isinstance(value, bytes):  # of a kind that pydicom could not tell
            value = int.from_bytes(value[:2], "little") if value else None
        found = None if value is None or value == "" else float(value)
    except Exception:  # noqa: BLE001 - pydicom raises nearly anything, and quotes the value
        raise _unusable(keyword) from None
    if found is not None and not (found == 0 or 1 / _LARGEST <= abs(found) <= _LARGEST):
        raise _unusable(keyword)
    return found


def _unusable(keyword: str) -> ImageError:
    return ImageError(
        f"the element {_named(keyword)} of its DICOM header is not the number it must be"
    )


def _named(keyword: str) -> str:
    from pydicom.datadict import tag_for_keyword  # noqa: PLC0415 - the extra may not be installed

    tag = tag_for_keyword(keyword) or 0
    return f"{keyword} ({tag >> 16:04X},{tag & 0xFFFF:04X})"
