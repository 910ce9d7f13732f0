"""``scaling``: pixels as a publisher scales them, in the description and in what a model computes."""

import json

import keras
import numpy as np
import pytest

import cxrzoo
from cxrzoo.errors import ModelError

NAMED = {
    "unit": lambda v: v / 255,
    "symmetric": lambda v: v / 127.5 - 1,
    "torchxrayvision": lambda v: (2 * v / 255 - 1) * 1024,
    "imagenet": lambda v: (v / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225],
    (2, -3): lambda v: 2 * v - 3,
    ((1, 2, 3), 4): lambda v: v * [1, 2, 3] + 4,
    ((2, 2, 2), (1, 1, 1)): lambda v: 2 * v + 1,
}


@pytest.mark.parametrize("given", NAMED, ids=str)
@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_are_scaled_so_and_a_saved_model_does_too(
    untrained, score, tmp_path, given, channels
):
    model = untrained("cnn_test1", input_shape=(32, 32, channels), scaling=given)
    cxrzoo.save_pretrained(model, tmp_path / "model")
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, channels))
    expected = NAMED[given](np.broadcast_to(pixels, (2, 32, 32, 3)) if channels == 1 else pixels)
    by_channel = given in {"imagenet", ((1, 2, 3), 4)}
    for one in (model, cxrzoo.from_pretrained(tmp_path / "model", verify=True)):
        scaled = score(keras.Model(one.input, one.get_layer("scale").output), pixels)
        assert scaled.shape[-1] == (3 if by_channel else channels)
        np.testing.assert_allclose(
            scaled, np.asarray(expected)[..., : scaled.shape[-1]], rtol=1e-5, atol=1e-4
        )


def test_numbers_have_one_spelling_that_json_carries(untrained, tmp_path):
    for given in ([2, 1], (2.0, [1.0] * 3), (np.float32(2), np.ones(3)), (np.full(3, 2), 1)):
        assert untrained("cnn_test1", scaling=given).cxrzoo.arguments["scaling"] == (2.0, 1.0)
    model = untrained("cnn_test1", scaling=(2, (1, 2, 3)))
    assert model.cxrzoo.arguments["scaling"] == ((2.0, 2.0, 2.0), (1.0, 2.0, 3.0))
    cxrzoo.save_pretrained(model, tmp_path / "model")
    spelt = json.loads((tmp_path / "model" / "cxrzoo.json").read_text())["arguments"]["scaling"]
    assert spelt == [[2.0, 2.0, 2.0], [1.0, 2.0, 3.0]]
    assert cxrzoo.from_pretrained(tmp_path / "model").cxrzoo == model.cxrzoo


@pytest.mark.parametrize(
    "value",
    ["caffe", 1, (1,), (1, 2, 3), (0, 1), ((1, 0, 1), 1), ((1, 2), 1), (1, float("nan")), (1e7, 0),
     ("1", 0), (True, 0), (1, None), (1, ((1,), 1, 1)), (10**400, 0)],
    ids=lambda value: "huge" if value == (10**400, 0) else str(value),
)  # fmt: skip
def test_what_is_no_scaling_is_refused(untrained, value):
    with pytest.raises(ModelError, match="scaling must be None"):
        untrained("cnn_test1", scaling=value)


def test_it_is_a_part_of_the_network(untrained, tmp_path):
    folder = cxrzoo.save_pretrained(untrained("cnn_test1", scaling="symmetric"), tmp_path / "model")
    with pytest.raises(ModelError, match="built with scaling='symmetric'"):
        cxrzoo.cnn_test1(weights=folder, scaling="unit")
