"""The size that a compressed picture's own header claims, told before a decoder takes memory for it.

Only what decides about memory is read: JPEG's and JPEG-LS's frame header (ITU-T T.81 B.2.2, T.87 C.1),
JPEG 2000's SIZ and COD (ITU-T T.800 A.5.1, A.6.1), the runs of DICOM's RLE (PS3.5 G.3).
"""

import struct
from collections.abc import Iterator
from typing import Final

from cxrzoo.errors import ImageError

_FRAMES: Final = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}
"""Second bytes of JPEG's frame headers; 0xF7 is JPEG-LS's."""
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
"""Those of markers without a length."""

_COD: Final = 0xFF52
_COC: Final = 0xFF53

_MOST_TILES: Final = 2**14
_MOST_PARTS: Final = 2**18
"""Code-blocks and precincts of a JPEG 2000 picture: 2**26 pixels in blocks of 16 x 16 are as many."""
_MOST_PACKETS: Final = 2**24
_RLE_BYTES: Final = 2**22
"""What is shorter cannot come out larger than 2**28 bytes: its runs need not be counted."""

Size = tuple[int, int]
"""Rows and columns."""


def jpeg_size(data: bytes) -> Size:
    """Return what the frame header of a JPEG or JPEG-LS says; nothing else before the scan may say more.

    Raises:
        ImageError: there is no frame header, or several.
    """
    found = [_jpeg_frame(data, place) for marker, place in _jpeg_markers(data) if marker in _FRAMES]
    if len(found) != 1:
        raise ImageError(f"a JPEG of {len(found)} frame headers; one was expected")
    return found[0]


def check_jpeg(data: bytes, size: Size) -> None:
    """Raise an ImageError unless this is a grey JPEG or JPEG-LS of this size."""
    for marker, place in _jpeg_markers(data):
        if marker in _FRAMES and data[place + 7 : place + 8] != b"\x01":
            raise ImageError("a JPEG in colour where its DICOM header says grey")
        if marker == 0xF8 and data[place + 2 : place + 3] == b"\x04":
            raise ImageError("a JPEG-LS picture larger than a DICOM file can hold")
    _require_size(jpeg_size(data), size)


def check_jpeg2000(data: bytes, size: Size) -> None:
    """Raise an ImageError unless this is a grey JPEG 2000 of this size, in parts of a usual size."""
    stream = _codestream(data)
    if stream[:4] != b"\xff\x4f\xff\x51" or len(stream) < 45:
        raise ImageError("no JPEG 2000 codestream where its DICOM header says one")
    # X is across.
    x, y, x0, y0, tile_x, tile_y, first_x, first_y, components = struct.unpack_from(
        ">8IH", stream, 8
    )
    if x <= x0 or y <= y0 or components != 1 or stream[43:45] != b"\x01\x01":
        raise ImageError("a JPEG 2000 picture of no grey pixels")
    _require_size((y - y0, x - x0), size)
    if not tile_x or not tile_y or first_x > x0 or first_y > y0:
        raise ImageError("a JPEG 2000 picture in tiles that do not cover it")
    if -(-(x - first_x) // tile_x) * -(-(y - first_y) // tile_y) > _MOST_TILES:
        raise ImageError(f"a JPEG 2000 picture in more than {_MOST_TILES:,} tiles")
    layers = 1
    for marker, place in _jpeg2000_markers(stream):
        body = stream[place : place + 64]
        if marker == _COD:
            layers = max(layers, int.from_bytes(body[2:4], "big"))
            _check_coding(body[:1] + body[5:], layers, size)
        elif marker == _COC:
            _check_coding(body[1:], layers, size)


def check_rle(data: bytes, n_bytes: int) -> None:
    """Raise an ImageError if a frame of DICOM's RLE comes out larger than its pixels take by far."""
    if len(data) <= _RLE_BYTES:
        return
    count, *offsets = struct.unpack_from("<16I", data)
    ends = [*offsets[1 : min(count, 15)], len(data)]
    total = sum(_rle_length(data, at, end, n_bytes) for at, end in zip(offsets, ends, strict=False))
    if total > 2 * n_bytes:
        raise ImageError("RLE pixels of more than its DICOM header says")


def _require_size(found: Size, size: Size) -> None:
    if found != size:
        raise ImageError(
            f"compressed pixels of {found[1]} x {found[0]} where its DICOM header says "
            f"{size[1]} x {size[0]}"
        )


def _jpeg_markers(data: bytes) -> Iterator[tuple[int, int]]:
    """Give the second byte of each marker before the first scan, and where its length stands."""
    if data[:2] != b"\xff\xd8":
        raise ImageError("no JPEG where one was expected")
    place = 2
    while (place := data.find(b"\xff", place)) >= 0:
        while data[place : place + 1] == b"\xff":
            place += 1
        marker = data[place] if place < len(data) else 0xD9
        place += 1
        if marker in (0xD9, 0xDA):
            return
        if marker == 0 or marker in _ALONE:
            continue
        yield marker, place
        place += max(2, int.from_bytes(data[place : place + 2], "big"))


def _jpeg_frame(data: bytes, place: int) -> Size:
    if place + 8 > len(data):
        raise ImageError("a JPEG that ends in its header")
    rows, columns = struct.unpack_from(">HH", data, place + 3)
    return rows, columns


def _codestream(data: bytes) -> bytes:
    """Return a JPEG 2000 codestream without the boxes of a JP2 file, in which some stand."""
    place = 0
    while data[place : place + 1] == b"\0" and place + 16 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        head = 8
        if length == 1:
            length, head = int.from_bytes(data[place + 8 : place + 16], "big"), 16
        if kind == b"jp2c":
            return data[place + head :]
        if length < head:
            break
        place += length
    return data[place:]


def _jpeg2000_markers(stream: bytes) -> Iterator[tuple[int, int]]:
    """Give the marker segments of the main header and of tile-parts: marker, place of its body."""
    place, part, end = 2, 0, 0
    while place + 4 <= len(stream):
        marker, length = struct.unpack_from(">HH", stream, place)
        if marker == 0xFF93:  # the data of a tile-part begin
            if end <= place:
                return
            place = end
            continue
        if not 0xFF01 <= marker < 0xFFFF or length < 2:
            return
        if marker == 0xFF90:
            part = int.from_bytes(stream[place + 6 : place + 10], "big")
            end = place + part if part else 0
        yield marker, place + 4
        place += 2 + length


def _check_coding(style: bytes, layers: int, size: Size) -> None:
    """Refuse precincts and code-blocks so small that their number fills the memory: Scod, then SPcod."""
    if len(style) < 6 or style[1] > 32 or max(style[2:4]) > 8:
        raise ImageError("a JPEG 2000 picture whose coding style makes no sense")
    levels = style[1]
    precincts = style[6 : 7 + levels] if style[0] & 1 else b"\xff" * (levels + 1)
    blocks = packets = 0
    for level in range(levels + 1):
        exponents = precincts[level] if level < len(precincts) else 0
        shrunk = levels - level
        rows, columns = (-(-edge >> shrunk) + 1 for edge in size)
        across, down = exponents & 15, exponents >> 4
        count = ((columns >> across) + 2) * ((rows >> down) + 2)
        block = (1 << min(style[2] + 2, across)) * (1 << min(style[3] + 2, down))
        blocks += count + rows * columns // block
        packets = max(packets, count)
    if blocks > _MOST_PARTS:
        raise ImageError(f"a JPEG 2000 picture in some {blocks:,} parts, far more than any has")
    if packets * layers * (levels + 1) > _MOST_PACKETS:
        raise ImageError(f"a JPEG 2000 picture in {layers} layers, far more than any has")


def _rle_length(data: bytes, place: int, end: int, most: int) -> int:
    """Return how many bytes a segment comes out as, or some number beyond ``2 * most``."""
    total, end = 0, min(end, len(data))
    while place < end and total <= 2 * most:
        control = data[place]
        if control < 128:
            total += control + 1
            place += control + 2
        else:
            total += 257 - control if control > 128 else 0
            place += 2 if control > 128 else 1
    return total
