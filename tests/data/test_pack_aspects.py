import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cxrzoo.data import load_sample
from cxrzoo.errors import DataError
from cxrzoo.images import read_image, resize

REAL = load_sample().images[0]
GREY = read_image(REAL)[:, :, 0]  # 128 x 128
EDGE = st.integers(1, 60)


@pytest.mark.parametrize("aspect", ["stretch", "pad", "crop"])
@pytest.mark.parametrize("size", [1, 31, 64, 128, 200])
def test_a_square_image_is_the_same_under_every_aspect(aspect, size):
    np.testing.assert_array_equal(read_image(REAL, size, aspect=aspect), read_image(REAL, size))


def test_padding_keeps_the_whole_image_in_its_shape_on_black():
    wide = GREY[:64]  # 64 x 128
    padded = resize(wide, 128, "pad")
    np.testing.assert_array_equal(padded[32:96], wide)
    assert not padded[:32].any()
    assert not padded[96:].any()


def test_cropping_keeps_the_middle_in_its_shape():
    np.testing.assert_array_equal(resize(GREY[:64], 64, "crop"), GREY[:64, 32:96])
    np.testing.assert_array_equal(resize(GREY[:, :32], 32, "crop"), GREY[48:80, :32])


@given(EDGE, EDGE, EDGE, EDGE)
def test_every_aspect_gives_the_size_asked_for(h, w, height, width):
    flat = np.full((h, w), 99, np.uint8)
    for aspect in ("stretch", "crop"):
        np.testing.assert_array_equal(
            resize(flat, (height, width), aspect), np.full((height, width), 99)
        )
    padded = resize(flat, (height, width), "pad")
    assert padded.shape == (height, width)
    rows, columns = (np.flatnonzero(padded.any(axis=axis)) for axis in (1, 0))
    inner_h, inner_w = len(rows), len(columns)
    assert inner_h == height or inner_w == width
    # The shape is kept to half a pixel, where there is a pixel to keep.
    scale = min(height / h, width / w)
    assert abs(inner_h - max(1, h * scale)) <= 0.5
    assert abs(inner_w - max(1, w * scale)) <= 0.5
    assert abs(rows[0] - (height - 1 - rows[-1])) <= 1
    assert abs(columns[0] - (width - 1 - columns[-1])) <= 1


def test_the_definition_of_resize_is_that_of_a_plain_computation():
    image = np.asarray(Image.open(REAL), float)

    def shrunk(lines, length):
        out = np.empty((lines.shape[0], length))
        edges = np.arange(length + 1) * lines.shape[1] / length
        for j in range(length):
            # Pillow's BOX takes the pixels whose centres lie between the edges, all alike.
            centres = np.arange(lines.shape[1]) + 0.5
            inside = (centres > edges[j]) & (centres <= edges[j + 1])
            out[:, j] = np.floor(lines[:, inside].mean(axis=1) + 0.5)
        return out

    expected = shrunk(shrunk(image, 50).T, 37).T
    # Pillow computes in whole numbers of 22 bits: halves may fall to either side.
    assert np.abs(resize(GREY, (37, 50)) - expected).max() <= 1
    assert (resize(GREY, (37, 50)) == expected).mean() > 0.99


@pytest.mark.parametrize("size", [None, 16])
def test_an_aspect_that_there_is_not_is_refused(size):
    with pytest.raises(DataError, match="aspect must be one of stretch, pad, crop"):
        read_image(REAL, size, aspect="zoom")
