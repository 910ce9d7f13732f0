"""Pixels that were scaled before a model scales them: told by one definition wherever they come in."""

import warnings
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as arrays
from PIL import Image

from cxrzoo.data import load_sample, records_from_csv
from cxrzoo.errors import DataError, PixelScaleWarning
from cxrzoo.images.ranges import ScaleCheck, wrong_scale
from cxrzoo.inference import Scorer, evaluate
from cxrzoo.models.scaling import CONVENTIONS

RECORDS = load_sample()
BATCHES = RECORDS.dataset(image_size=32, batch_size=16)
PIXELS = BATCHES[0][0]


def standardised(x):
    return (x - x.mean()) / x.std()


SCALED = {
    "to 1": lambda x: x / 255,
    "to 1, float16": lambda x: (x / 255).astype(np.float16),
    "by 256": lambda x: x / 256,
    "to -1 and 1": lambda x: x / 127.5 - 1,
    "to 2": lambda x: x / 127.5,
    "standardised": standardised,
    "standardised, one by one": lambda x: np.stack([standardised(one) for one in x]),
    "mean taken away": lambda x: x - 128.0,
    "to 1, turned over": lambda x: 1 - x / 255,
    "by percentiles": lambda x: (x - np.percentile(x, 1)) / np.ptp(np.percentile(x, [1, 99])),
    "logarithms": lambda x: np.log1p(x.astype(np.float32)),
    "16 bits": lambda x: x.astype(np.uint16) * 257,
    "16 bits as float": lambda x: x.astype(np.float32) * 257,
    "12 bits": lambda x: x.astype(np.int16) * 16,
    "scaled twice": lambda x: x / 255 / 255,
    "not finite": lambda x: np.where(x > 100, np.nan, x),
    "infinite": lambda x: np.where(x > 100, np.inf, x),
    "0 and 1": lambda x: (x > 127).astype(np.uint8),
    "0 and 1 by mistake": lambda x: np.rint(x / 255).astype(np.int64),
    "booleans": lambda x: x > 127,
    "grey alone, to 1": lambda x: np.full(x.shape, 0.5),
    **{
        f"as {name}": lambda x, s=scaling: x * np.mean(s.scale) + np.mean(s.offset)
        for name, scaling in CONVENTIONS.items()
    },
}
RIGHT = {
    "pixels": lambda x: x,
    "as float": lambda x: x.astype(np.float32),
    "as int": lambda x: x.astype(np.int32),
    "resized by a spline": lambda x: np.clip(x * 1.1 - 10, -12, 266),
    "darkened": lambda x: x // 5,
    "darkened floats": lambda x: x / 5,
    "black": np.zeros_like,
    "black floats": lambda x: np.zeros(x.shape),
    "nearly black": lambda x: x // 100,
    "nearly black as float": lambda x: (x // 100).astype(np.float32),
    "white": lambda x: np.full_like(x, 255),
    "nothing": lambda x: x[:0],
    "names": lambda x: x.astype(str),
    "several inputs": lambda x: [x, x[:, :2]],
}


def said(caught):
    """How often it was said, beside what PyTorch says under NumPy 2."""
    return [one.category for one in caught].count(PixelScaleWarning)


@pytest.mark.parametrize("name", SCALED)
def test_scaled_pixels_are_told_of(name):
    assert "from 0 to 255" in wrong_scale(SCALED[name](PIXELS))


@pytest.mark.parametrize("name", RIGHT)
def test_pixels_and_black_pictures_are_not(name):
    assert wrong_scale(RIGHT[name](PIXELS)) is None


def test_tensors_of_the_backend_are_looked_at():
    for kind in ("float32", "float16", "bfloat16"):
        assert wrong_scale(keras.ops.cast(PIXELS / 255, kind))
        assert wrong_scale(keras.ops.cast(PIXELS, kind)) is None


@given(arrays.arrays(np.uint8, (2, 3, 3, 1)))
def test_bytes_other_than_0_and_1_are_pixels(pixels):
    assert (wrong_scale(pixels) is None) == (pixels.max() != 1)


def test_it_is_said_once():
    check = ScaleCheck()
    check(PIXELS)
    with pytest.warns(PixelScaleWarning, match=r"float64 pixels is from 0 to 0\.97") as caught:
        for _ in range(3):
            check(PIXELS / 255)
    assert said(caught) == 1


class Scaled:
    """Batches of the sample as somebody has scaled them."""

    def __init__(self, scale):
        self.scale, self.labels = scale, BATCHES.labels

    def __len__(self):
        return 3

    def __getitem__(self, index):
        x, y = BATCHES[index]
        return self.scale(x), y


def test_evaluate_warns_once_of_a_model_of_the_zoo(small):
    model = small("mobilenet_cxr", input_shape=(32, 32, 1), labels=BATCHES.labels)
    with pytest.warns(PixelScaleWarning, match="scores of these pixels mean nothing") as caught:
        evaluate(model, Scaled(lambda x: x / 255), n_bootstrap=0)
    assert said(caught) == 1
    evaluate(model, Scaled(lambda x: x), n_bootstrap=0)  # a warning would be an error
    evaluate(model, Scaled(np.float32), n_bootstrap=0)
    # What another model takes is not known: one that was trained on [0, 1] is right to be given it.
    other = SimpleNamespace(predict_on_batch=model.predict_on_batch)
    evaluate(other, Scaled(lambda x: x / 255), n_bootstrap=0)


def test_a_scorer_refuses_floats_and_warns_of_zeros_and_ones(small):
    scorer = Scorer(small("mobilenet_cxr", input_shape=(32, 32, 1), labels=BATCHES.labels))
    with pytest.raises(DataError, match=r"float64 pixels is from 0 to 0\.97.*take grey"):
        scorer.score(PIXELS / 255)
    with pytest.warns(PixelScaleWarning) as caught:
        scorer.score((PIXELS > 127).astype(np.uint8))
        scorer.score((PIXELS > 127).astype(np.uint8)[0])
    assert said(caught) == 1
    scorer.score(np.zeros_like(PIXELS))  # black is black


@pytest.fixture
def zeros_and_ones(tmp_path):
    """X-rays that were divided by 255 and then stored, and one that is black."""
    rows = "".join(f"{i}.png,{i % 2}\n" for i in range(6))
    (tmp_path / "mine.csv").write_text(f"image,Mass\n{rows}")
    for i, picture in enumerate(PIXELS[:6, :, :, 0]):
        Image.fromarray((picture // 128).astype(np.uint8) if i else picture * 0).save(
            tmp_path / f"{i}.png"
        )
    return records_from_csv(tmp_path / "mine.csv", labels=["Mass"])


def test_a_data_set_warns_once_of_images_that_were_scaled_and_stored(zeros_and_ones, tmp_path):
    for options in ({}, {"cache": tmp_path / "pack"}):
        batches = zeros_and_ones.dataset(image_size=32, batch_size=2, **options)
        with pytest.warns(PixelScaleWarning) as caught:
            for _ in range(2):
                assert [batches[i][0].max() for i in range(len(batches))] == [1, 1, 1]
        assert said(caught) == 1
        rows = zeros_and_ones.dataset(image_size=32, **options).as_grain_source()
        assert rows[0][0].max() == 0  # black: a warning would be an error
        with pytest.warns(PixelScaleWarning) as caught:
            assert [rows[i][0].max() for i in (1, 2)] == [1, 1]
        assert said(caught) == 1


def test_real_x_rays_are_not_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for i in range(len(BATCHES)):
            assert wrong_scale(BATCHES[i][0]) is None
