"""What a model sees: one noun that reads files and bytes, and knows where the picture lies in it."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import cxrzoo
from cxrzoo.errors import DataError, ImageError
from cxrzoo.images import ImageSpec, Placement, read_image, resize

EDGES = st.integers(1, 60)
ASPECTS = st.sampled_from(["stretch", "pad", "crop"])


def test_a_file_and_its_bytes_are_the_same_pixels():
    path = cxrzoo.load_sample().images[0]
    content = Path(path).read_bytes()
    for spec in (ImageSpec(40, 64, 3, "pad"), ImageSpec(64, 40, aspect="crop"), ImageSpec(32, 32)):
        pixels = spec.read(path)
        assert pixels.shape == spec.shape
        assert pixels.dtype == np.uint8
        np.testing.assert_array_equal(spec.read(content), pixels)
        np.testing.assert_array_equal(
            read_image(content, spec.size, spec.channels, spec.aspect), pixels
        )
    np.testing.assert_array_equal(read_image(content), read_image(path))


@pytest.mark.parametrize("content", [b"", b"not an image", b"\x89PNG\r\n\x1a\n" + bytes(20)])
def test_bytes_that_are_no_image_are_an_image_error(content):
    with pytest.raises(ImageError, match=r"^the bytes: "):
        ImageSpec(8, 8).read(content)


@pytest.mark.parametrize(
    "wrong",
    [{"height": 0}, {"width": 2.5}, {"channels": 2}, {"aspect": "squash"}, {"resizing": "lanczos"}],
)
def test_a_specification_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(DataError, match=f"got {next(iter(wrong.values()))!r}"):
        ImageSpec(**{"height": 8, "width": 8, **wrong})


def test_every_model_carries_it():
    model = cxrzoo.cnn_test1(input_shape=(48, 64, 3))
    assert model.cxrzoo.image_spec == ImageSpec(48, 64, 3)
    padded = dataclasses.replace(model.cxrzoo, aspect="pad")
    assert padded.image_spec == ImageSpec(48, 64, 3, "pad")


PARTS = {"image_size": (40, 64), "channels": 3, "aspect": "pad"}


def test_a_dataset_and_a_pack_take_it_in_place_of_its_parts(tmp_path):
    records = cxrzoo.load_sample()[:3]
    spec = ImageSpec(40, 64, 3, "pad")
    whole, parts = records.dataset(image_spec=spec), records.dataset(**PARTS)
    assert whole.image_spec == parts.image_spec == spec
    assert (whole.image_size, whole.channels, whole.aspect) == tuple(PARTS.values())
    np.testing.assert_array_equal(whole[0][0], parts[0][0])
    np.testing.assert_array_equal(whole[0][0][2], spec.read(records.images[2]))
    assert records.dataset().image_spec == ImageSpec(224, 224)
    pack = cxrzoo.pack(records, tmp_path / "pack", image_spec=spec)
    assert pack.index.image_spec == ImageSpec(40, 64, 1, "pad")
    again = cxrzoo.pack(records, tmp_path / "pack", (40, 64), aspect="pad")
    assert again.index == pack.index
    cached = records.dataset(image_spec=spec, cache=pack.directory)
    np.testing.assert_array_equal(cached[0][0], whole[0][0])


@pytest.mark.parametrize("part", PARTS)
def test_a_specification_and_a_part_that_says_otherwise_are_refused_together(part, tmp_path):
    records = cxrzoo.load_sample()[:3]
    same = ImageSpec(40, 64, 3, "pad")
    assert records.dataset(image_spec=same, **{part: PARTS[part]}).image_spec == same
    other = {part: PARTS[part]}
    with pytest.raises(
        DataError, match=rf"image_spec is ImageSpec.*, and {part}=.* says otherwise"
    ):
        records.dataset(image_spec=ImageSpec(8, 8), **other)
    if part != "channels":  # a pack holds one
        with pytest.raises(DataError, match=f"{part}=.* says otherwise"):
            cxrzoo.pack(records, tmp_path / "pack", image_spec=ImageSpec(8, 8), **other)


def test_a_recipe_has_one():
    recipe = dataclasses.replace(cxrzoo.recipes["modern"], image_size=96, channels=3, aspect="crop")
    assert recipe.image_spec == ImageSpec(96, 96, 3, "crop")


def test_sizes_of_numpy_are_whole_numbers_like_others():
    spec = ImageSpec(np.int64(8), np.int32(9))
    assert spec == ImageSpec(8, 9)
    assert {type(spec.height), type(spec.width)} == {int}


@given(EDGES, EDGES, EDGES, EDGES, ASPECTS)
def test_the_placement_is_where_the_pixels_are(h, w, height, width, aspect):
    grey = np.full((h, w), 200, np.uint8)
    place = ImageSpec(height, width, 1, aspect).placement(h, w)
    top, left, inner_h, inner_w = place.inside
    seen = resize(grey, (height, width), aspect)
    expected = np.zeros((height, width), np.uint8)
    expected[top : top + inner_h, left : left + inner_w] = 200
    np.testing.assert_array_equal(seen, expected)


@given(EDGES, EDGES, st.integers(4, 60), st.integers(4, 60), ASPECTS)
def test_undoing_gives_the_pictures_own_grid_back(h, w, height, width, aspect):
    place = ImageSpec(height, width, 1, aspect).placement(h, w)
    undone = place.undo(np.ones((2, 3, height, width)), outside=-1)
    assert undone.shape == (2, 3, h, w)
    y, x, seen_h, seen_w = place.seen
    assert np.allclose(undone[..., y : y + seen_h, x : x + seen_w], 1)
    assert (undone == -1).sum() == 6 * (h * w - seen_h * seen_w)


@pytest.mark.parametrize("aspect", ["stretch", "pad", "crop"])
@pytest.mark.parametrize(("h", "w"), [(90, 160), (160, 90), (120, 120)])
def test_a_bright_spot_comes_back_to_where_it_was(h, w, aspect):
    grey = np.zeros((h, w), np.uint8)
    grey[h // 2 - 8 : h // 2 + 4, w // 2 - 2 : w // 2 + 10] = 255
    frame = resize(grey, (64, 48), aspect)
    place = Placement.of((h, w), (64, 48), aspect)
    back = place.undo(frame)
    at = np.unravel_index(int(np.argmax(back)), back.shape)
    assert np.abs(np.array(at) - (h // 2 - 2, w // 2 + 4)).max() <= 7
    at = np.argwhere(frame > 200).mean(axis=0) + 0.5
    assert np.abs(np.array(place.to_picture(*at)) - (h // 2 - 2, w // 2 + 4)).max() <= 1.5


def test_a_coarse_map_is_interpolated_as_pillow_does_it():
    coarse = np.random.default_rng(0).random((7, 5)).astype(np.float32)
    undone = Placement.of((96, 64), (48, 32), "stretch").undo(coarse)
    pillow = Image.fromarray(coarse).resize((64, 96), Image.Resampling.BILINEAR)
    np.testing.assert_allclose(undone, np.asarray(pillow), atol=1e-6)
