"""PNG files that tests write by the standard's text: any filter, interlaced or not, any chunk."""

import struct
import zlib

import numpy as np

ADAM7 = (
    (0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1),
)  # fmt: skip
"""First row, first column, step down, step across."""
COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
"""By the number of channels: grey, grey and alpha, colour, colour and alpha."""


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(values, *, depth=16, interlaced=False, filters=range(5), chunks=b""):
    """Return the bytes of a PNG of these values, (h, w) or (h, w, channels)."""
    values = np.asarray(values)
    values = values[:, :, None] if values.ndim == 2 else values
    height, width, channels = values.shape
    raw = b""
    for y, x, down, across in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        part = values[y::down, x::across]
        if part.size:
            raw += filtered(part.astype(f">u{depth // 8}"), filters)
    kind = COLOUR_TYPES[channels]
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced))
    data = chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunks + data


def filtered(part, filters):
    each = part.shape[2] * part.itemsize
    rows, above = [], None
    for i, row in enumerate(part):
        now = np.frombuffer(row.tobytes(), np.uint8).astype(int)
        up = np.zeros_like(now) if above is None else above
        left, corner = (np.concatenate([np.zeros(each, int), a[:-each]]) for a in (now, up))
        guess = left + up - corner
        far = [np.abs(guess - one) for one in (left, up, corner)]
        paeth = np.where(
            (far[0] <= far[1]) & (far[0] <= far[2]), left, np.where(far[1] <= far[2], up, corner)
        )
        kind = list(filters)[i % len(filters)]
        base = (0, left, up, (left + up) // 2, paeth)[kind]
        rows.append(bytes([kind]) + ((now - base) % 256).astype(np.uint8).tobytes())
        above = now
    return b"".join(rows)
