"""A bright square that decides a label is found: by every method, in every family, in original pixels."""

from importlib.util import find_spec

import keras
import numpy as np
import pytest
from PIL import Image
from planted import SQUARE, hits, pictures

from cxrzoo.errors import ModelError
from cxrzoo.heatmaps import METHODS, Explainer
from cxrzoo.inference import Scorer
from cxrzoo.models import feature_maps, list_models

N = 6


@pytest.fixture
def looked_at():
    def draw(model, n=N):
        return pictures(np.random.default_rng(1), n, model.input_shape[1:])

    return draw


def _explained(model, pixels, expected, window):
    """Give each method that goes with a model, and its maps; their scores are the model's."""
    for method in METHODS:
        explainer = Explainer(model, method, labels=["Mass"], window=window)
        try:
            found = explainer.explain(pixels)
        except ModelError as error:
            assert "needs a" in str(error)
            assert method in ("cam", "attention-rollout")
            continue
        np.testing.assert_allclose(found.scores, expected[:, :1], atol=1e-4)
        yield method, found


def test_every_method_finds_what_a_trained_network_sees(seeing, planted_object, score):
    model = seeing()
    before = set(feature_maps(model))
    random = np.random.default_rng(1)
    pixels, corners = planted_object.draw(random, np.ones(6, int), model.input_shape[1:])
    used = []
    for method, found in _explained(model, pixels, score(model, pixels), 40):
        used.append(method)
        inside = planted_object.found(found, corners, 160)
        assert inside.mean() >= 0.8, (method, inside)
    assert used == [one for one in METHODS if one != "attention-rollout"]
    assert set(feature_maps(model)) == before  # cutting a network leaves it as it was


@pytest.mark.parametrize("pool", ["token", "avg"])
def test_a_vision_transformer_finds_the_square(pool, deciding, looked_at, score):
    """Nobody trained this network; its last layer was fitted."""
    model = deciding("vit_small_cxr", global_pool=pool)
    pixels, corners = looked_at(model)
    used = []
    for method, found in _explained(model, pixels, score(model, pixels), 24):
        used.append(method)
        if (method, pool) == ("occlusion", "avg"):
            continue  # the score of this head is a mean over the picture that a window moves little
        slack = max(SQUARE, model.input_shape[1] / found.values.shape[2]) / 2
        inside = hits(found.peaks()[:, 0], corners, slack)
        assert inside.mean() >= 0.6, (method, found.peaks()[:, 0], corners)
    assert used == [one for one in METHODS if one != "cam"]


@pytest.mark.wide
@pytest.mark.parametrize("name", list_models())
def test_a_trained_backbone_shows_what_it_sees(name, planted_object):
    """Some method of gradients and occlusion; what each finds is in benchmarks/results."""
    for form in planted_object.forms([name]):
        model, _ = planted_object.trained(*form, 0, 4)
        row = planted_object.measure(model, 24, 0)
        if row["accuracy"] >= 0.95:
            assert max(row["found"].values()) >= 0.8, row


def _drawn(tmp_path, height, width, top, left, *, size=48):
    picture = np.full((height, width), 40, np.uint8)
    picture[top : top + size, left : left + size] = 230
    path = tmp_path / f"{height}x{width}-{top}-{left}.png"
    Image.fromarray(picture).save(path)
    return path


@pytest.mark.parametrize("aspect", ["stretch", "pad", "crop"])
@pytest.mark.parametrize("method", ["grad-cam", "integrated-gradients"])  # a coarse map, a fine one
def test_peaks_lie_on_the_object_in_original_pixels(seeing, tmp_path, aspect, method):
    model = seeing(aspect)
    files, corners = [], []
    for height, width in ((192, 192), (192, 288), (288, 192)):
        for y, x in ((0.3, 0.35), (0.6, 0.62)):
            top, left = round(y * height) - 24, round(x * width) - 24
            files.append(_drawn(tmp_path, height, width, top, left))
            corners.append((top, left))
    stride = 16 if method == "grad-cam" else None
    found = Explainer(model, method, labels=["Mass"], steps=8, stride=stride).explain(files)
    for (top, left), (y, x), box, path, place in zip(
        corners, found.peaks()[:, 0], found.boxes(0.7), files, found.placements, strict=True
    ):
        assert top - 16 <= y <= top + 64, (
            path
        )  # half a cell of 16 of 160 pixels and the size of a picture
        assert left - 16 <= x <= left + 64, path
        inside = box[0]
        assert inside.x <= x <= inside.x + inside.width
        assert inside.y <= y <= inside.y + inside.height
        height, width = place.picture
        assert found[files.index(path)].shape == (1, height, width)


def test_what_a_crop_leaves_out_is_zero_and_the_rest_reaches_one(seeing, tmp_path):
    model = seeing("crop")
    path = _drawn(tmp_path, 192, 320, 72, 136)
    maps = Explainer(model, "occlusion", labels=["Mass"]).explain(path)[0][0]
    assert maps.shape == (192, 320)
    assert not maps[:, :64].any()
    assert not maps[:, -64:].any()
    assert maps.max() == 1
    assert maps.min() >= 0


def test_occlusion_takes_openvino(deciding, looked_at):
    if keras.backend.backend() == "jax" or not find_spec("openvino"):
        pytest.skip("the engine is tested on the other backends")
    model = deciding("cnn_test1")
    pixels, _ = looked_at(model, 1)
    one, other = (
        Explainer(model, "occlusion", engine=engine).explain(pixels)
        for engine in ("keras", "openvino")
    )
    np.testing.assert_allclose(one.values, other.values, atol=1e-4)
    assert Scorer(model, "openvino").engine == "openvino"
