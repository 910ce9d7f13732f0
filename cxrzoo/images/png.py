"""PNG beside what Pillow has: samples of 16 bits whole, ``sBIT``, and only the chunks that are needed.

Of colour or alpha of 16 bits Pillow keeps the high byte. Its decoder is asked twice, for the high bytes
and for the low ones, by its own raw modes; palettes, interlacing and damaged files stay its business.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from cxrzoo.images.ranges import small_range

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"

_ANIMATION: Final = frozenset({b"acTL", b"fcTL", b"fdAT"})
_OTHER_BYTES: Final = {"RGB;16B": "RGB;16L", "RGBA;16B": "RGBA;16L"}
"""The raw mode that takes for its high byte what is the low one."""
_STRIP: Final = 2**20
"""Pixels that are worked on at a time."""
_LUMA: Final = (19595, 38470, 7471)
"""ITU-R 601 in parts of 65,536, as Pillow has it."""


def needed_chunks(data: bytes) -> tuple[bytes, tuple[int, ...]]:
    """Return a PNG without the chunks that its pixels do not need, and what its ``sBIT`` says.

    Profiles and texts are never inflated, however large they would come out. From where the chunks make
    no sense all stays as it is, for the decoder to judge.
    """
    view = memoryview(data)
    parts, place = [view[:8]], 8
    significant: tuple[int, ...] = ()
    while place < len(data):
        end = place + 12 + int.from_bytes(data[place : place + 4], "big")
        kind = data[place + 4 : place + 8]
        if end > len(data) or not (kind.isalpha() and kind.isascii()):
            parts.append(view[place:])
            break
        if kind == b"sBIT" and end - place <= 16:
            significant = tuple(data[place + 8 : end - 4])
        if kind[:1].isupper() or kind in _ANIMATION:
            parts.append(view[place:end])
        place = len(data) if kind == b"IEND" else end
    return data if sum(map(len, parts)) == len(data) else b"".join(parts), significant


def deep_grey(
    image: PngImageFile, data: bytes, significant: tuple[int, ...]
) -> tuple[Image.Image, str | None] | None:
    """Return a PNG as grey of 8 bits where Pillow alone would not do it right, else None.

    That is one of 16 bits, and one whose values are those of ``sBIT`` and not scaled up to its depth, as
    the standard wants them. They are scaled by the range of their bits, colour becomes luma, and then 8
    bits, each by division and rounding.

    Args:
        image: the file, opened by Pillow, of a size that is read.
        data: what it was opened from.
        significant: what its ``sBIT`` says.

    Returns:
        The picture, and what `small_range` says of it.
    """
    wide = _depth(image) == 16
    if not wide and (image.mode == "P" or not any(0 < bits < 8 for bits in significant)):
        return None
    samples = _Samples(image, data, wide=wide)
    full = 65535 if wide else 255
    tops = _tops(samples, significant, full)
    if not wide and tops == [full] * samples.n_channels:
        return None
    grey = np.empty((image.height, image.width), np.uint8)
    lows, highs, top = [], [], tops[0] if len(set(tops)) == 1 else full
    for rows, channels in samples.strips():
        if len(set(tops)) > 1:
            each = zip(channels, tops, strict=True)
            channels = [_rescaled(one, its_top, full) for one, its_top in each]  # noqa: PLW2901 - the strip's
        values = channels[0] if len(channels) == 1 else _luma(channels)
        grey[rows] = _rescaled(values, top, 255)
        lows.append(int(values.min()))
        highs.append(int(values.max()))
    return Image.fromarray(grey), small_range((min(lows), max(highs)), (0, top)) if wide else None


def _depth(image: PngImageFile) -> int:
    # PNG's only raw modes with a byte order are those of 16 bits.
    return 16 if image.tile and str(image.tile[0][3]).endswith("16B") else 8


class _Samples:
    """Grey alone, or red, green and blue, a strip of the picture at a time; alpha is ignored."""

    def __init__(self, image: PngImageFile, data: bytes, *, wide: bool) -> None:
        mode = str(image.tile[0][3]) if wide else ""
        # The four bytes of a pixel of grey and alpha of 16 bits: grey's, then alpha's.
        self._packed = mode == "LA;16B"
        self._high = _as(data, "RGBA") if self._packed else image
        self._low = _as(data, _OTHER_BYTES[mode]) if mode in _OTHER_BYTES else None
        self._high.load()
        if self._low is not None:
            self._low.load()
        self.n_channels = 3 if len(self._high.getbands()) > 2 and not self._packed else 1

    def strips(self) -> Iterator[tuple[slice, list[NDArray[np.uint32]]]]:
        """Give rows, and their channels, each (rows, w)."""
        width, height = self._high.size
        step = max(1, _STRIP // width)
        for top in range(0, height, step):
            box = (0, top, width, min(top + step, height))
            channels = _channels(self._high.crop(box))
            if self._packed:
                channels = [_joined(channels[0], channels[1])]
            elif self._low is not None:
                lows = _channels(self._low.crop(box))
                channels = [_joined(high, low) for high, low in zip(channels, lows, strict=True)]
            yield slice(top, box[3]), channels


def _joined(high: NDArray[np.uint32], low: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return np.asarray(high * np.uint32(256) + low)


def _as(data: bytes, raw_mode: str) -> PngImageFile:
    image = PngImageFile(BytesIO(data))
    tiles: list[Any] = [(*image.tile[0][:3], raw_mode)]
    image.tile = tiles
    return image


def _channels(image: Image.Image) -> list[NDArray[np.uint32]]:
    if image.mode.startswith("I"):  # Pillow has called grey of 16 bits both I and I;16
        return [np.asarray(image).astype(np.uint32)]
    bands = image.split()
    return [
        np.asarray(one).astype(np.uint32) for one in (bands[:3] if len(bands) > 2 else bands[:1])
    ]


def _tops(samples: _Samples, significant: tuple[int, ...], full: int) -> list[int]:
    """Return the greatest value of each channel: of its significant bits, or of its depth.

    The standard wants values scaled up to the depth, and so they mostly are: then the depth's. Those of a
    channel that were stored as they are all fit into its significant bits, and are not what scaling up
    would have made.
    """
    n, depth = samples.n_channels, full.bit_length()
    if len(significant) < n or not all(0 < bits <= depth for bits in significant):
        return [full] * n
    tops = [(1 << bits) - 1 for bits in significant[:n]]
    there = np.zeros((n, full + 1), bool)
    for _, channels in samples.strips():
        for one, seen in zip(channels, there, strict=True):
            seen[one] = True
    pairs = [
        (np.flatnonzero(seen).astype(np.uint32), top) for seen, top in zip(there, tops, strict=True)
    ]
    fit = all(int(one.max()) <= top for one, top in pairs)
    if not fit or all(_scaled_up(one, top, full) for one, top in pairs):
        return [full] * n
    return tops


def _scaled_up(values: NDArray[np.uint32], top: int, full: int) -> bool:
    """Return whether values that are no greater than ``top`` are of its bits and scaled to ``full``.

    Below ``top`` filling up with zeros and with the highest bits give the same.
    """
    filled = values & ((full + 1) // (top + 1) - 1)
    return not filled.any() or np.array_equal(
        _rescaled(_rescaled(values, full, top), top, full), values
    )


def _rescaled(values: NDArray[np.uint32], top: int, new: int) -> NDArray[np.uint32]:
    """Return values of 0 to ``top`` on 0 to ``new``, to the nearest; neither is above 65,535."""
    # Up to 65535 * 65535 + 32767, which 32 bits hold.
    return np.asarray((values * np.uint32(new) + np.uint32(top // 2)) // np.uint32(top))


def _luma(channels: list[NDArray[np.uint32]]) -> NDArray[np.uint32]:
    total = np.full(channels[0].shape, 2**15, np.uint32)
    for channel, weight in zip(channels, _LUMA, strict=True):
        total += channel * np.uint32(weight)
    return np.asarray(total >> np.uint32(16))
