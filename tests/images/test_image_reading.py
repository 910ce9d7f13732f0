import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cxrzoo.data import load_sample
from cxrzoo.errors import DataError, ImageError
from cxrzoo.images import read_image, resize

REAL = load_sample().images[0]


@pytest.fixture(scope="module")
def grey():
    return np.asarray(Image.open(REAL))


def stored_as(path, image, **options):
    image.save(path, **options)
    return read_image(path)[:, :, 0]


def test_a_real_x_ray_comes_out_as_it_was_stored(grey):
    pixels = read_image(REAL)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (128, 128, 1)
    np.testing.assert_array_equal(pixels[:, :, 0], grey)
    np.testing.assert_array_equal(read_image(REAL, channels=3), np.repeat(pixels, 3, axis=2))


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_grey_is_the_same_grey_however_a_png_stores_it(tmp_path, grey, mode):
    image = Image.fromarray(grey).convert(mode)
    if mode in ("LA", "RGBA"):
        # NIH's own RGBA files: what alpha says is no part of the X-ray.
        image.putalpha(Image.fromarray(np.arange(grey.size, dtype=np.uint8).reshape(grey.shape)))
    np.testing.assert_array_equal(stored_as(tmp_path / "x.png", image), grey)


@pytest.mark.parametrize("transparency", [None, 7, bytes(range(256))])
def test_palettes_are_looked_up(tmp_path, grey, transparency):
    inverted = Image.fromarray(255 - grey)
    image = Image.frombytes("P", inverted.size, inverted.tobytes())
    image.putpalette([255 - i // 3 for i in range(768)])
    options = {} if transparency is None else {"transparency": transparency}
    np.testing.assert_array_equal(stored_as(tmp_path / "x.png", image, **options), grey)


def test_sixteen_bits_become_eight_by_the_whole_range(tmp_path):
    wide = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    narrow = stored_as(tmp_path / "x.png", Image.fromarray(wide))
    np.testing.assert_array_equal(narrow, np.rint(wide / 257).astype(np.uint8))


def test_one_bit_becomes_black_and_white(tmp_path, grey):
    image = Image.fromarray(grey > 127)
    np.testing.assert_array_equal(stored_as(tmp_path / "x.png", image), 255 * (grey > 127))


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_is_the_same_picture(tmp_path, grey, mode):
    image = Image.fromarray(grey).convert(mode)
    pixels = stored_as(tmp_path / "x.jpg", image, quality=98, subsampling=0)
    assert np.abs(pixels.astype(int) - grey).mean() < 2


def test_colour_becomes_luma(tmp_path):
    image = Image.new("RGB", (2, 2), (200, 100, 50))
    expected = round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)
    assert (stored_as(tmp_path / "x.png", image) == expected).all()


def test_a_jpeg_is_turned_upright(tmp_path, grey):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side: turn clockwise
    image = Image.fromarray(grey)
    plain = stored_as(tmp_path / "plain.jpg", image)
    turned = stored_as(tmp_path / "turned.jpg", image, exif=exif)
    np.testing.assert_array_equal(turned, np.rot90(plain, -1))


def test_what_a_file_is_is_told_from_its_bytes(tmp_path, grey):
    path = tmp_path / "really_a_png.jpg"
    Image.fromarray(grey).save(path, format="PNG")
    np.testing.assert_array_equal(read_image(path)[:, :, 0], grey)


def test_corrupt_exif_is_passed_over_without_a_warning(tmp_path, grey):
    path = tmp_path / "x.jpg"
    Image.fromarray(grey).save(path, exif=b"Exif\0\0II*\0\x08\0\0\0\x05\0\x12\x01\x03")
    assert read_image(path).shape == (128, 128, 1)


def test_halving_is_the_mean_of_each_four_pixels(grey):
    wide = grey.astype(float)
    across = np.floor((wide[:, 0::2] + wide[:, 1::2]) / 2 + 0.5)
    both = np.floor((across[0::2] + across[1::2]) / 2 + 0.5)
    np.testing.assert_array_equal(resize(grey, 64), both)
    np.testing.assert_array_equal(read_image(REAL, 64)[:, :, 0], both)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
def test_resizing_gives_the_size_asked_for_and_keeps_flat_areas_flat(h, w, height, width):
    flat = np.full((h, w), 99, np.uint8)
    np.testing.assert_array_equal(resize(flat, (height, width)), np.full((height, width), 99))


@given(st.integers(1, 300))
def test_area_averaging_keeps_the_mean(edge):
    ramp = np.tile(np.arange(0, 240, dtype=np.uint8), (3, 1))
    assert abs(resize(ramp, (3, min(edge, 240))).mean() - ramp.mean()) < 1


def test_one_axis_may_shrink_while_the_other_grows(grey):
    np.testing.assert_array_equal(
        resize(grey, (200, 32)), resize(resize(grey, (128, 32)), (200, 32))
    )
    assert read_image(REAL, (200, 32)).shape == (200, 32, 1)


def png_that_claims(width, height):
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"not an image at all", "not a PNG or JPEG"),
        (b"GIF89a" + bytes(40), "not a PNG or JPEG"),
        (b"\x89PNG\r\n\x1a\n", "cannot be read"),
        (b"\xff\xd8\xff" + bytes(40), "cannot be read"),
        (png_that_claims(60_000, 60_000), "60000 x 60000 pixels"),
        (png_that_claims(500, 500), "cannot be read"),
        (None, "cannot be read"),
    ],
    ids=["empty", "text", "gif", "png-stub", "jpeg-stub", "bomb", "short-data", "truncated"],
)
def test_a_file_that_is_no_readable_image_is_named(tmp_path, content, words):
    path = tmp_path / "broken.png"
    path.write_bytes(Path(REAL).read_bytes()[:4000] if content is None else content)
    with pytest.raises(ImageError, match=words) as caught:
        read_image(path)
    assert str(path) in str(caught.value)


@given(st.integers(1, 4000), st.integers(0, 255))
def test_a_damaged_file_is_an_image_or_an_image_error(tmp_path_factory, place, byte):
    data = bytearray(Path(REAL).read_bytes())
    data[place] = byte
    path = tmp_path_factory.getbasetemp() / "damaged.png"
    path.write_bytes(data)
    try:
        assert read_image(path).dtype == np.uint8
    except ImageError as error:
        assert "damaged.png" in str(error)


def test_folders_absent_files_and_animations_are_named(tmp_path, grey):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(ImageError, match=r"folder\.png: not a file"):
        read_image(tmp_path / "folder.png")
    with pytest.raises(ImageError, match=r"gone\.png: no such file"):
        read_image(tmp_path / "gone.png")
    frames = [Image.fromarray(grey), Image.fromarray(255 - grey)]
    frames[0].save(tmp_path / "moves.png", save_all=True, append_images=frames[1:])
    with pytest.raises(ImageError, match=r"moves\.png: an animation"):
        read_image(tmp_path / "moves.png")


@pytest.mark.parametrize(
    "arguments", [{"size": 0}, {"size": (1, 2, 3)}, {"size": 2.5}, {"channels": 2}]
)
def test_sizes_and_channels_that_make_no_sense_are_refused(arguments):
    with pytest.raises(DataError):
        read_image(REAL, **arguments)
