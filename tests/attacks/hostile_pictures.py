"""Pictures and tables that would fill the memory: each is some bytes, and says what is expected of it.

``PICTURES`` maps a file's name to the words of its ImageError, or to None where it is read; ``write_all``
writes them. All are small on disk.
"""

import os
import struct
import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import pydicom
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate

PICTURES: dict[str, tuple[Callable[[], bytes], str | None]] = {}
SIGNATURE = b"\x89PNG\r\n\x1a\n"
FULL = int(os.environ.get("CXRZOO_EDGE", "8192"))  # 8192 x 8192 are as many pixels as are read
HUGE = 8192


@cache
def zeros(n: int, *, wbits: int = 15, before: bytes = b"") -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    piece = bytes(2**22)
    parts = [packer.compress(before), *(packer.compress(piece) for _ in range(n // len(piece)))]
    return b"".join([*parts, packer.compress(bytes(n % len(piece))), packer.flush()])


def chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(
    width: int, height: int, depth: int = 8, kind: int = 0, laced: int = 0, more: bytes = b""
) -> bytes:
    """Return a black PNG; interlaced, its rows are about as long as one that is not."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    row = 1 + -(-width * depth * channels // 8)
    refused = width > 65_535 and kind  # once is enough for all the pixels that are not looked at
    data = zeros(0 if refused else row * height * (2 if laced else 1))
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, laced)
    return SIGNATURE + chunk(b"IHDR", header) + more + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def jpeg(width: int, height: int, mode: str = "L", **options: object) -> bytes:
    stream = BytesIO()
    Image.new(mode, (width, height)).save(stream, "JPEG", **options)
    return stream.getvalue()


def of_size(data: bytes, width: int, height: int) -> bytes:
    """Return a JPEG that says another size."""
    place = next(i for i in range(len(data)) if data[i] == 0xFF and data[i + 1] in (0xC0, 0xC2))
    return data[: place + 5] + struct.pack(">HH", height, width) + data[place + 9 :]


def dicom(syntax: str, pixels: bytes | None, rows: int, columns: int, **more: object) -> bytes:
    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = syntax
    header.SOPClassUID, header.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.1.1", "1.2.3"
    header.Rows, header.Columns, header.SamplesPerPixel = rows, columns, 1
    header.PhotometricInterpretation = "MONOCHROME2"
    header.BitsAllocated, header.BitsStored, header.HighBit = 16, 16, 15
    header.PixelRepresentation = 0
    for name, value in more.items():
        setattr(header, name, value)
    if pixels is not None:
        header.PixelData = pixels
        header["PixelData"].VR = "OB" if uid.UID(syntax).is_encapsulated else "OW"
    stream = BytesIO()
    pydicom.dcmwrite(stream, header, enforce_file_format=True)
    return stream.getvalue()


def compressed(syntax: str, frame: bytes, rows: int = 64, columns: int = 64, **more) -> bytes:
    return dicom(syntax, encapsulate([frame]), rows, columns, **more)


def deflated(inflated: int, *, padding: int = 0, length: int | None = None, edge: int = 4) -> bytes:
    """Return a deflated file; what it is told by may stand behind ``padding`` bytes."""
    whole = dicom(uid.DeflatedExplicitVRLittleEndian, bytes(32), 4, 4)
    (true,) = struct.unpack_from("<I", whole, 140)
    meta = whole[144 : 144 + true]
    if padding:  # private information, before the transfer syntax's element
        meta = (
            b"\x02\x00\x01\x00OB\0\0\2\0\0\0\0\1"
            + struct.pack("<HH2sHI", 2, 2, b"OB", 0, padding)
            + bytes(padding)
            + meta[14:]
        )
    said = length if length is not None else len(meta)
    element = b"\xe0\x7f\x10\x00OW\0\0" + struct.pack("<I", inflated)
    plain = dicom(uid.ExplicitVRLittleEndian, b"\0\0", edge, edge)
    (skipped,) = struct.unpack_from("<I", plain, 140)
    header = plain[144 + skipped : plain.index(b"\xe0\x7f\x10\x00")]
    body = zeros(inflated, wbits=-15, before=header + element)
    return whole[:140] + struct.pack("<I", said) + meta + body


def jpeg2000() -> bytes:
    stream = BytesIO()
    Image.new("L", (FULL, FULL)).save(stream, "JPEG2000", no_jp2=True, irreversible=False)
    return stream.getvalue()


def black_rle() -> bytes:
    runs = b"\x81\x00" * (FULL * FULL // 128)
    return struct.pack("<16I", 2, 64, 64 + len(runs), *[0] * 13) + runs * 2


def siz(width: int, height: int, components: int = 1, tile: tuple[int, int] | None = None) -> bytes:
    across, down = tile or (width, height)
    sizes = struct.pack(">H8IH", 0, width, height, 0, 0, across, down, 0, 0, components)
    body = sizes + b"\x0f\1\1" * components
    return b"\xff\x4f\xff\x51" + struct.pack(">H", len(body) + 2) + body


def cod(levels: int = 5, block: int = 4, layers: int = 1, precincts: bytes = b"") -> bytes:
    body = (
        struct.pack(">BBHBBBBBB", bool(precincts), 0, layers, 0, levels, block, block, 0, 1)
        + precincts
    )
    return b"\xff\x52" + struct.pack(">H", len(body) + 2) + body


QCD = b"\xff\x5c\x00\x13\x40" + b"\x48" * 16
END = b"\xff\x90\x00\x0a\x00\x00\x00\x00\x00\x00\x00\x01\xff\x93" + bytes(40) + b"\xff\xd9"


def picture(name: str, words: str | None, make: Callable[[], bytes]) -> None:
    assert name not in PICTURES
    PICTURES[name] = make, words


for name, words, arguments in (
    ("tall.png", "no edge longer than 65,535", (1, 2**26)),
    ("wide.png", "no edge longer than 65,535", (2**26, 1)),
    ("wide deep.png", "no edge longer than 65,535", (2**26, 1, 16, 6)),
    ("narrow.png", None, (FULL // 32, 65_535)),
    ("low.png", None, (65_535, FULL // 32)),
    ("grey.png", None, (FULL, FULL)),
    ("deep grey.png", None, (FULL, FULL, 16, 0)),
    ("deep grey and alpha.png", None, (FULL, FULL, 16, 4)),
    ("colour.png", None, (FULL, FULL, 8, 2)),
    ("colour and alpha.png", None, (FULL, FULL, 8, 6)),
    ("deep colour.png", None, (FULL, FULL, 16, 2)),
    ("deep colour and alpha.png", None, (FULL, FULL, 16, 6)),
    ("interlaced.png", None, (FULL, FULL, 8, 2, 1)),
    ("deep interlaced.png", None, (FULL, FULL, 16, 6, 1)),
    ("palette.png", None, (FULL, FULL, 8, 3, 0, chunk(b"PLTE", bytes(range(30))))),
    ("one bit.png", None, (FULL, FULL, 1)),
    ("significant.png", None, (FULL, FULL, 16, 2, 0, chunk(b"sBIT", b"\x0c\x0c\x0c"))),
    ("a row too many.png", "more than the 67,108,864", (HUGE, HUGE + 1)),
):
    picture(name, words, lambda given=arguments: png(*given))

picture("sequential.jpg", None, lambda: jpeg(FULL, FULL))
picture("progressive.jpg", None, lambda: jpeg(FULL, FULL, "RGB", progressive=True))
picture("full colour.jpg", None, lambda: jpeg(FULL, FULL, "CMYK", progressive=True, subsampling=0))
picture("65535.jpg", "more than the", lambda: of_size(jpeg(64, 64, progressive=True), 65535, 65535))


def two_frames() -> bytes:
    data = jpeg(64, 64)
    frame = data[data.index(b"\xff\xc0") :][:13]
    return data.replace(b"\xff\xda", frame + b"\xff\xda", 1)


picture("two frames.jpg", "2 frame headers", two_frames)


LE, JPEG, LOSSLESS, J2K = (
    uid.ExplicitVRLittleEndian,
    uid.JPEGBaseline8Bit,
    uid.JPEGLosslessSV1,
    uid.JPEG2000Lossless,
)
EIGHT = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}

picture("late.dcm", "larger than any image", lambda: deflated(2**28, padding=5000))
picture("false length.dcm", "larger than any image", lambda: deflated(2**28, length=7))
picture("beyond.dcm", "larger than any image", lambda: deflated(2**28, length=2**31))
picture("frames.dcm", "20000 frames", lambda: dicom(LE, bytes(32), 4, 4, NumberOfFrames=20_000))
picture("large frame.dcm", r"more than 67,108,864", lambda: dicom(LE, bytes(32), 65_535, 65_535))
picture(
    "jpeg.dcm",
    "65535 x 65535",
    lambda: compressed(JPEG, of_size(jpeg(64, 64), 65_535, 65_535), **EIGHT),
)
picture("jpeg colour.dcm", "in colour", lambda: compressed(JPEG, jpeg(64, 64, "RGB"), **EIGHT))
picture("jpeg good.dcm", None, lambda: compressed(JPEG, jpeg(64, 64), **EIGHT))
picture("j2k full.dcm", None, lambda: compressed(J2K, jpeg2000(), FULL, FULL, **EIGHT))
picture("rle full.dcm", None, lambda: compressed(uid.RLELossless, black_rle(), FULL, FULL))
picture("deflated full.dcm", None, lambda: deflated(2 * FULL**2, edge=FULL))
picture("jpeg full.dcm", None, lambda: compressed(JPEG, jpeg(FULL, FULL), FULL, FULL, **EIGHT))
picture(
    "jpegls.dcm",
    "40000 x 40000",
    lambda: compressed(
        uid.JPEGLSLossless,
        b"\xff\xd8\xff\xf7\x00\x0b\x10\x9c\x40\x9c\x40\x01\x01\x11\x00"
        b"\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00" + bytes(40) + b"\xff\xd9",
    ),
)
for name, words, stream in (
    ("siz.dcm", "2147483647 x 2147483647", siz(2**31 - 1, 2**31 - 1) + cod() + QCD + END),
    ("components.dcm", "no grey pixels", siz(64, 64, 10_000) + cod() + QCD + END),
    ("tiles.dcm", "tiles", siz(HUGE, HUGE, tile=(1, 1)) + cod() + QCD + END),
    ("blocks.dcm", "parts", siz(HUGE, HUGE) + cod(block=0) + QCD + END),
    ("precincts.dcm", "parts", siz(HUGE, HUGE) + cod(0, precincts=b"\0") + QCD + END),
    ("layers.dcm", "layers", siz(HUGE, HUGE) + cod(layers=65_535, precincts=b"\x55" * 6) + QCD + END),
    ("boxed.dcm", "2147483647 x", b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14xml \xff\x4f\xff\x51" + bytes(8)
     + b"\0\0\0\0jp2c" + siz(2**31 - 1, 64) + cod() + QCD + END),
):  # fmt: skip
    edge = HUGE if name in ("tiles.dcm", "blocks.dcm", "precincts.dcm", "layers.dcm") else 64
    picture(name, words, lambda given=stream, edge=edge: compressed(J2K, given, edge, edge))


def rle(n: int) -> bytes:
    """Runs that come out as 64 times their bytes."""
    runs = b"\x81\x00" * n
    return struct.pack("<16I", 2, 64, 64 + len(runs), *[0] * 13) + runs * 2


def items() -> bytes:
    """Two hundred thousand items of a sequence, each of which would be an object."""
    whole = dicom(LE, bytes(32), 4, 4)
    place = whole.index(b"\x28\x00\x02\x00US")  # before the number of samples
    sequence = b"\x08\x00\x15\x11SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\0\0\0\0" * 2**18
    return whole[:place] + sequence + b"\xfe\xff\xdd\xe0\0\0\0\0" + whole[place:]


picture("rle.dcm", "more bytes than pixels", lambda: compressed(uid.RLELossless, rle(2**22)))
picture(
    "rle runs.dcm",
    "RLE pixels of more than its DICOM header says",
    lambda: compressed(uid.RLELossless, rle(5 * 2**18), 2048, 1024),
)
picture("items.dcm", "more parts than any", items)


def windows() -> bytes:
    """Two million window widths, each of which would be an object."""
    whole = dicom(uid.ImplicitVRLittleEndian, bytes(32), 4, 4)
    place = whole.index(b"\xe0\x7f\x10\x00")
    widths = b"1\\" * 2**21
    return (
        whole[:place]
        + b"\x28\x00\x51\x10"
        + struct.pack("<I", len(widths))
        + widths
        + whole[place:]
    )


picture("windows.dcm", "more than 262,144 bytes", windows)


def sparse() -> bytes:
    return SIGNATURE


picture("sparse.png", "larger than the 268,435,456 bytes", sparse)


def write_all(folder: Path) -> None:
    for name, (make, _) in PICTURES.items():
        (folder / name).write_bytes(make())
    with (folder / "sparse.png").open("r+b") as file:
        file.truncate(3 * 2**30)
