"""What a DICOM file may cost before its pixels are decoded: inflated, as a header, as a codestream."""

import zlib
from io import BytesIO
from typing import Any, Final

from cxrzoo.budget import MAX_ELEMENT_BYTES, MAX_HEADER_READS, MAX_INFLATED_BYTES
from cxrzoo.errors import ImageError
from cxrzoo.images.codestream import check_jpeg, check_jpeg2000, check_rle

_PIXELS: Final = 0x7FE00010

_SLACK: Final = 2**20
"""Bytes of a codestream beside its pixels."""

_CHECKS: Final = {
    **dict.fromkeys((50, 51, 57, 70, 80, 81), check_jpeg),
    **dict.fromkeys((90, 91, 92, 93, 201, 202, 203), check_jpeg2000),
}
"""By the number of the transfer syntax in DICOM's branch 1.2.840.10008.1.2.4."""


class Header(BytesIO):
    """A DICOM file for pydicom to read, which stops it at a header of too many parts.

    Each element and each item of a sequence is a read and an object. What is read to its end is a
    deflated data set: pydicom inflates it whole, so it is inflated here before, as far as it may be.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._left = MAX_HEADER_READS

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes.

        Raises:
            ImageError: there are too many, or they are of no use.
        """
        self._left -= 1
        if self._left < 0:
            raise ImageError("a DICOM header of more parts than any has")
        data = super().read(size)
        if size is None or size < 0:
            _check_deflated(data)
        return data


def _check_deflated(data: bytes) -> None:
    from pydicom.filereader import read_dataset  # noqa: PLC0415 - the extra may not be installed

    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = inflater.decompress(data, MAX_INFLATED_BYTES + 1)
    except zlib.error:
        raise ImageError("its deflated DICOM data set is damaged") from None
    if len(inflated) > MAX_INFLATED_BYTES:
        raise ImageError("its deflated DICOM data set is larger than any image that is read")
    # What pydicom inflates it reads from a stream of its own; here its parts are counted.
    read_dataset(Header(inflated), False, True, specific_tags=[_PIXELS])  # noqa: FBT003 - its names differ by version


def check_elements(header: Any) -> None:
    """Raise an ImageError if an element beside the pixels is larger than those that pixels need."""
    for tag in header.keys():  # noqa: SIM118 - a data set gives its elements, converted
        if tag != _PIXELS and _size(header.get_item(tag)) > MAX_ELEMENT_BYTES:
            raise ImageError(
                f"its DICOM header has an element of more than {MAX_ELEMENT_BYTES:,} bytes beside its "
                "pixels"
            )


def _size(element: Any) -> int:
    value = element.value
    if isinstance(value, bytes | str):
        return len(value)
    if getattr(element, "VR", None) != "SQ":
        return 0
    return sum(_size(item.get_item(tag)) for item in value for tag in item.keys())  # noqa: SIM118


def check_encoded(header: Any, syntax: Any, rows: int, columns: int) -> None:
    """Raise an ImageError if compressed pixels claim another size than the header's."""
    from pydicom.encaps import get_frame  # noqa: PLC0415 - as above

    if not syntax.is_encapsulated:
        return
    branch, _, number = str(syntax).rpartition(".")
    check = _CHECKS.get(int(number)) if branch == "1.2.840.10008.1.2.4" else None
    rle = syntax.name == "RLE Lossless"
    if check is None and not rle:
        return
    n_bytes = rows * columns * (int(header.BitsAllocated) // 8)
    if len(header.PixelData) > n_bytes + n_bytes // 4 + _SLACK:
        raise ImageError("compressed pixels that take more bytes than pixels of their size ever do")
    frame = get_frame(header.PixelData, 0, number_of_frames=1)
    if check is not None:
        check(frame, (rows, columns))
    else:
        check_rle(frame, n_bytes)
