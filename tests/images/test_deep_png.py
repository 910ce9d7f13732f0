"""PNG of 16 bits in every kind, sBIT, small ranges, and the chunks that pixels do not need."""

import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from png_written import chunk, png

from cxrzoo.data import load_sample
from cxrzoo.errors import ImageError, SmallRangeWarning
from cxrzoo.images import check_images, read_image

REAL = np.asarray(Image.open(load_sample().images[0])).astype(np.uint32)
WIDE = REAL * 256 + np.arange(REAL.size, dtype=np.uint32).reshape(REAL.shape) % 251
TWELVE = WIDE >> 4

STORED = {
    "grey": lambda v: v,
    "grey and alpha": lambda v: np.stack([v, v[::-1]], axis=2),
    "colour": lambda v: np.stack([v] * 3, axis=2),
    "colour and alpha": lambda v: np.stack([v, v, v, v[::-1]], axis=2),
}
"""One grey picture as each kind of PNG that has 16 bits."""


def read(data):
    return read_image(data)[:, :, 0]


def eight(values, top=65535):
    """The definition: to the nearest. No value lies in the middle of two, for ``top`` is odd."""
    return np.rint(np.asarray(values) * (255 / top)).astype(np.uint8)


def sbit(stored, *bits):
    channels = 1 if stored.ndim == 2 else stored.shape[2]
    return chunk(b"sBIT", bytes(bits * channels if len(bits) == 1 else bits))


def silent(data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SmallRangeWarning)
        return read(data)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("kind", STORED)
def test_sixteen_bits_of_every_kind_are_rounded_and_not_cut_off(kind, interlaced):
    every = np.random.default_rng(0).permutation(65536).reshape(256, 256)
    for values in (every, WIDE[:7, :5], WIDE[:1, :1]):
        data = png(STORED[kind](values), interlaced=interlaced)
        np.testing.assert_array_equal(silent(data), eight(values))


def test_colour_of_sixteen_bits_becomes_luma_of_the_whole_values():
    values = np.random.default_rng(1).integers(0, 65536, (40, 50, 4))
    luma = values[:, :, :3] @ [0.299, 0.587, 0.114]
    for channels in (3, 4):
        pixels = read(png(values[:, :, :channels]))
        assert np.abs(pixels - luma / 257).max() < 0.505
    eights = np.random.default_rng(2).integers(0, 256, (200, 200, 3))
    np.testing.assert_array_equal(read(png(eights * 257)), read(png(eights, depth=8)))


@pytest.mark.parametrize("kind", STORED)
@pytest.mark.parametrize("bits", [6, 8, 10, 12, 14, 15])
def test_values_of_the_bits_that_sbit_names_are_scaled_by_them(kind, bits):
    values = WIDE >> (16 - bits)
    stored = STORED[kind](values)
    pixels = read(png(stored, chunks=sbit(stored, bits)))
    np.testing.assert_array_equal(pixels, eight(values, 2**bits - 1))


@pytest.mark.parametrize("kind", STORED)
@pytest.mark.parametrize("bits", [8, 10, 12, 14, 15])
@pytest.mark.parametrize("how", ["zeros", "repeated", "linear"])
@pytest.mark.parametrize("dark", [1, 64])
def test_values_that_were_scaled_up_to_the_depth_as_the_standard_wants_stay(kind, bits, how, dark):
    short = (WIDE >> (16 - bits)) // dark
    up = {
        "zeros": short << (16 - bits),
        "repeated": short << (16 - bits) | short >> (2 * bits - 16),
        "linear": np.rint(short * (65535 / (2**bits - 1))).astype(int),
    }[how]
    stored = STORED[kind](up)
    np.testing.assert_array_equal(silent(png(stored, chunks=sbit(stored, bits))), eight(up))


def test_sbit_is_read_for_each_channel_and_for_eight_bits():
    parts = [WIDE >> (16 - bits) for bits in (10, 12, 14)]
    pixels = read(png(np.stack(parts, axis=2), chunks=chunk(b"sBIT", b"\x0a\x0c\x0e")))
    assert np.abs(pixels - WIDE / 257).max() < 1
    four = REAL >> 4
    for stored_as in STORED.values():
        stored = stored_as(four)
        np.testing.assert_array_equal(
            read(png(stored, depth=8, chunks=sbit(stored, 4))), eight(four, 15)
        )
        stored = stored_as(REAL)
        np.testing.assert_array_equal(read(png(stored, depth=8, chunks=sbit(stored, 8))), REAL)


@pytest.mark.parametrize("said", [b"\x00", b"\x11", b"\xff", b"\x10", b"", b"\x08", b"\x0c" * 9])
def test_an_sbit_that_does_not_fit_changes_nothing(said):
    np.testing.assert_array_equal(read(png(WIDE, chunks=chunk(b"sBIT", said))), eight(WIDE))


@pytest.mark.parametrize("kind", STORED)
@pytest.mark.parametrize("bits", [8, 10, 12, 14])
@pytest.mark.parametrize("bottom", [0, 32768])
def test_a_picture_that_uses_a_small_part_of_its_range_is_warned_of(kind, bits, bottom, tmp_path):
    values = (WIDE >> (16 - bits)) + bottom
    data = png(STORED[kind](values))
    with pytest.warns(SmallRangeWarning, match="sBIT") as caught:
        np.testing.assert_array_equal(read(data), eight(values))
    assert len(caught) == 1
    (tmp_path / "x.png").write_bytes(data)
    found = {one.reason: one.detail for one in check_images([tmp_path / "x.png"])}
    assert found["small range"].endswith("of a possible 0 to 65535")


def test_nothing_is_said_of_whole_ranges_nor_of_one_value(tmp_path):
    quiet = [WIDE, WIDE >> 1, np.zeros((70, 70)), np.full((70, 70), 4095), WIDE[:1, :1]]
    for values in quiet:
        read(png(values))  # a warning would be an error
    read(png(REAL >> 5, depth=8))  # eight bits are as they are
    stored = png(TWELVE, chunks=sbit(TWELVE, 12))
    read(stored)
    (tmp_path / "x.png").write_bytes(stored)
    assert "small range" not in {one.reason for one in check_images([tmp_path / "x.png"])}


def test_one_line_is_said_of_a_thousand_such_pictures():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for shift in (2, 3, 4, 5, 6):
            read(png(WIDE >> shift))
    assert len(caught) == 1


NOISE = np.random.default_rng(3).bytes(2**21)
UNUSED = {
    "profile": chunk(b"iCCP", b"profile\0\0" + zlib.compress(NOISE)),
    "profile bomb": chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(2**25), 9)),
    "unknown compression": chunk(b"iCCP", b"p\0\7nonsense"),
    "broken profile": chunk(b"iCCP", b"p"),
    "compressed text": chunk(b"zTXt", b"k\0\0" + zlib.compress(NOISE)),
    "text bomb": chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(2**25), 9)),
    "long text": chunk(b"tEXt", b"k\0" + bytes(70 * 2**20)),
    "international text": chunk(b"iTXt", b"k\0\1\0en\0k\0" + zlib.compress(NOISE)),
    "odd key": chunk(b"tEXt", b"\xff\xfe\0text"),
    "exif": chunk(b"eXIf", b"II*\0\x08\0\0\0\x05\0\x12\x01\x03"),
    "short transparency": chunk(b"tRNS", b"\0"),
    "short gamma": chunk(b"gAMA", b"\0"),
    "private": chunk(b"prVt", NOISE),
}


@pytest.mark.parametrize("name", UNUSED)
def test_what_pixels_do_not_need_is_no_reason_to_refuse_them(name, tmp_path):
    data = png(REAL, depth=8, chunks=UNUSED[name])
    np.testing.assert_array_equal(read(data), REAL)
    end = data[:-12] + UNUSED[name] + data[-12:]  # texts may come after the pixels too
    np.testing.assert_array_equal(read(end), REAL)
    stored = STORED["colour"](REAL)
    (tmp_path / "x.png").write_bytes(png(stored, depth=8, chunks=UNUSED[name]))
    assert not {one.reason for one in check_images([tmp_path / "x.png"])} & {"unreadable"}


@given(st.integers(8, 4000), st.integers(0, 255))
def test_a_damaged_deep_png_is_an_image_or_an_image_error(place, byte):
    stored = STORED["colour and alpha"](WIDE[:20, :20])
    data = bytearray(png(stored, chunks=sbit(stored, 12) + UNUSED["odd key"]))
    data[place % len(data)] = byte
    try:
        assert silent(bytes(data)).dtype == np.uint8
    except ImageError as error:
        assert str(error).startswith("the bytes: ")


def test_a_deep_png_cut_off_anywhere_is_refused():
    data = png(STORED["colour"](WIDE[:20, :20]))
    for cut in range(0, len(data) - 12, 41):
        with pytest.raises(ImageError):
            read(data[:cut])
