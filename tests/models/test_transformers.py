"""Networks of patches: inputs of other sizes, grey images, and what a head takes of the tokens."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

import cxrzoo
from cxrzoo.errors import ModelError, TensorError
from cxrzoo.models import entry, feature_maps, model_tensors
from cxrzoo.models.backbone import Patches
from cxrzoo.models.tokens import resized_positions

SIDES = {"vit_small_cxr": 16, "vit_base_cxr": 16, "dinov2_base_cxr": 14}
HOW = {"timm": Patches(16, "", antialias=True), "transformers": Patches(14, "", antialias=False)}


@pytest.fixture(scope="module")
def peers():
    """Position embeddings as timm and transformers resize them; write_positions.py wrote them."""
    with np.load(Path(__file__).parent / "resized_positions.npz") as file:
        return dict(file)


def test_positions_are_resized_as_the_publishers_do(peers):
    for name in peers.keys() - {"positions"}:
        peer, rows, columns = name.split("|")
        found = resized_positions(peers["positions"], (6, 6), (int(rows), int(columns)), HOW[peer])
        np.testing.assert_allclose(found, peers[name], atol=1e-5, err_msg=name)
        assert found.dtype == np.float32
    assert len(peers) == 15


@given(
    *(st.tuples(st.integers(1, 9), st.integers(1, 9)) for _ in range(2)), st.sampled_from([*HOW])
)
def test_what_is_the_same_for_every_patch_stays_at_every_size(old, new, peer):
    random = np.random.default_rng(old[0] * 10 + new[1])
    class_token, shared = random.normal(size=(1, 3)), random.normal(size=(1, 3))
    positions = np.concatenate([class_token, np.repeat(shared, old[0] * old[1], 0)]).astype("f4")
    found = resized_positions(positions, old, new, HOW[peer])
    expected = np.concatenate([class_token, np.repeat(shared, new[0] * new[1], 0)])
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("name", SIDES)
def test_any_whole_number_of_patches_and_no_other(untrained, name):
    side = SIDES[name]
    for rows, columns in ((3, 5), (16, 3)):
        model = entry(name).builder(depth=1, input_shape=(rows * side, columns * side, 3))
        assert feature_maps(model)[side].shape[1:3] == (rows, columns)
    with pytest.raises(
        ModelError, match=rf"multiples of {side} pixels.*received \(200, 240, 1\)"
    ) as said:
        entry(name).builder(input_shape=(200, 240, 1))
    nearest = {16: "192 x 240 and 208 x 240", 14: "196 x 238 and 210 x 252"}[side]
    assert nearest in str(said.value)
    assert "\n" not in str(said.value)


def test_the_nearest_sizes_are_within_the_bounds_of_every_builder():
    backbone = entry("dinov2_base_cxr")
    assert backbone.nearest_shapes((32, 33, 1)) == [(42, 42, 1)]
    assert backbone.nearest_shapes((42, 56, 3)) == [(42, 56, 3)]
    assert entry("mobilenet_cxr").nearest_shapes((33, 47, 1)) == [(33, 47, 1)]


@pytest.fixture(scope="module")
def coloured(tmp_path_factory):
    """Networks of one block for RGB with random weights, and their files."""
    kept = {}

    def build(name, rows=3):
        if (name, rows) not in kept:
            side = SIDES[name]
            model = entry(name).builder(
                depth=1, input_shape=(rows * side, rows * side, 3), scaling="unit", include_top=False,
                pooling="head", global_pool="token",
            )  # fmt: skip
            random = np.random.default_rng(rows)
            for variable in model.weights:
                low = 0.5 if variable.name == "gamma" else -0.1
                variable.assign(random.uniform(low, low + 0.2, variable.shape))
            path = tmp_path_factory.mktemp(name) / "weights.safetensors"
            save_file(model_tensors(model), path)
            kept[name, rows] = model, path
        return kept[name, rows]

    return build


@pytest.mark.parametrize("name", SIDES)
def test_a_grey_model_does_to_a_grey_image_what_the_coloured_does_to_it_three_times(
    coloured, score, pixels, name
):
    model, path = coloured(name)
    arguments = {**model.cxrzoo.arguments, "input_shape": (*model.input_shape[1:3], 1)}
    grey = cxrzoo.create_model(name, **arguments, weights=str(path))
    image = pixels(grey.input_shape[1:])
    expected = score(model, np.repeat(image, 3, axis=3))
    assert np.abs(expected[0] - expected[1]).max() > 0.1
    np.testing.assert_allclose(score(grey, image), expected, atol=2e-5)
    kernel, summed = (model_tensors(one)["embed/kernel"] for one in (model, grey))
    np.testing.assert_allclose(summed, kernel.reshape(-1, 3, kernel.shape[1]).sum(1), atol=1e-6)


@pytest.mark.parametrize("name", ["vit_small_cxr", "dinov2_base_cxr"])
def test_a_file_of_another_grid_has_its_positions_resized(coloured, name):
    model, path = coloured(name, rows=4)
    side = SIDES[name]
    arguments = {**model.cxrzoo.arguments, "input_shape": (3 * side, 5 * side, 3)}
    found = model_tensors(cxrzoo.create_model(name, **arguments, weights=str(path)))
    stored = model_tensors(model)
    patches = entry(name).patches
    expected = resized_positions(stored.pop("embed/bias"), (4, 4), (3, 5), patches)
    np.testing.assert_array_equal(found.pop("embed/bias"), expected)
    for path_, value in stored.items():
        np.testing.assert_array_equal(found[path_], value)
    # The publishers' own ways to resize differ, so each network has its own.
    assert patches.antialias == (side == 16)


def test_a_file_of_no_square_grid_is_refused(coloured, tmp_path):
    model, _ = coloured("vit_small_cxr")
    tensors = model_tensors(model)
    tensors["embed/bias"] = tensors["embed/bias"][:8]
    save_file(tensors, tmp_path / "w.safetensors")
    with pytest.raises(TensorError, match=r"square grid of patches were expected.*\(8, 384\)"):
        cxrzoo.create_model(
            "vit_small_cxr", **model.cxrzoo.arguments, weights=str(tmp_path / "w.safetensors")
        )


def test_a_saved_model_is_taken_at_another_size_if_it_is_asked_for(coloured, tmp_path):
    model, _ = coloured("vit_small_cxr")
    folder = str(cxrzoo.save_pretrained(model, tmp_path / "model"))
    assert cxrzoo.vit_small_cxr(weights=folder).cxrzoo == model.cxrzoo
    larger = cxrzoo.vit_small_cxr(weights=folder, input_shape=(64, 32, 3))
    assert larger.input_shape == (None, 64, 32, 3)
    expected = resized_positions(
        model_tensors(model)["embed/bias"], (3, 3), (4, 2), entry("vit_small_cxr").patches
    )
    np.testing.assert_array_equal(model_tensors(larger)["embed/bias"], expected)
    with pytest.raises(ModelError, match="multiples of 16"):
        cxrzoo.vit_small_cxr(weights=folder, input_shape=(50, 32, 3))
    with pytest.raises(ModelError, match="'embed/kernel' does not fit"):
        cxrzoo.vit_small_cxr(weights=folder, input_shape=(48, 48, 1))


def test_thresholds_are_not_those_of_another_size(small, tmp_path):
    model = small("vit_small_cxr")
    model.cxrzoo = replace(model.cxrzoo, thresholds={"Mass": 0.3})
    folder = str(cxrzoo.save_pretrained(model, tmp_path / "model"))
    assert cxrzoo.vit_small_cxr(weights=folder).cxrzoo.thresholds == {"Mass": 0.3}
    larger = cxrzoo.vit_small_cxr(weights=folder, input_shape=(64, 32, 1))
    assert larger.cxrzoo.thresholds is None


@pytest.mark.parametrize("pooling", ["avg", "token"])
def test_maps_of_a_model_with_its_head_are_what_its_scores_depend_on(small, score, pixels, pooling):
    model = small("vit_small_cxr", global_pool=pooling, input_shape=(48, 32, 1))
    image = pixels((48, 32, 1))
    maps = score(keras.Model(model.input, feature_maps(model)[16]), image)
    of = {"avg": "block1_add2", "token": "block1_norm1"}[pooling]
    tokens = score(keras.Model(model.input, model.get_layer(of).output), image)
    np.testing.assert_array_equal(maps, tokens[:, 1:].reshape(2, 3, 2, 384))


def test_a_class_token_is_normalised_before_and_a_mean_after_it_is_taken(small, score, pixels):
    image = pixels()

    def normalised(x, layer):
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-6)
        return x * np.array(layer.gamma) + np.array(layer.beta)

    for pooling, norm in (("token", "norm"), ("avg", "head_norm")):
        model = small("vit_small_cxr", global_pool=pooling, include_top=False, pooling="head")
        layer = model.get_layer(norm)
        layer.gamma.assign(np.linspace(0.5, 1.5, 384))
        layer.beta.assign(np.linspace(-1, 1, 384))
        raw = score(keras.Model(model.input, model.get_layer("block1_add2").output), image)
        if pooling == "token":
            expected = normalised(raw, layer)[:, 0]
        else:
            expected = normalised(raw[:, 1:].mean(1), layer)
        np.testing.assert_allclose(score(model, image), expected, atol=1e-4)


def test_a_model_without_its_head_has_no_norm_of_the_mean(small, tmp_path):
    folder = str(cxrzoo.save_pretrained(small("vit_small_cxr", include_top=False), tmp_path / "m"))
    with pytest.raises(ModelError, match="no 'head_norm/gamma', which pooling='head' needs"):
        cxrzoo.vit_small_cxr(weights=folder, pooling="head")
