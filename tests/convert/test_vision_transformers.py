"""Files with the names of timm (medical_mae's too) and transformers become Vision Transformers."""

import numpy as np
import pytest
import vit_state
from safetensors.numpy import save_file

import cxrzoo
from cxrzoo.errors import TensorError
from cxrzoo.images import read_image
from cxrzoo.models import entry, model_tensors
from cxrzoo.models.tokens import resized_positions

MEAN, DEVIATION = 0.5056, 0.252  # medical_mae's
SCALING = (1 / (255 * DEVIATION), -MEAN / DEVIATION)
LABELS = ["Mass", "", "Edema"]
SMALL = {"width": 384, "patch": 16, "depth": 2}
DINO = {"width": 768, "patch": 14, "layer_scale": True}


@pytest.fixture
def images(sample_files):
    """Real X-rays, as a model takes them and as the publishers' networks do."""

    def read(height, width):
        pixels = np.stack(
            [read_image(path, (height, width), 3, "stretch") for path in sample_files[:2]]
        )
        return pixels, ((pixels / 255 - MEAN) / DEVIATION).transpose(0, 3, 1, 2)

    return read


@pytest.fixture
def convert(tmp_path):
    def converted(state, builder, side, **options):
        tensors = {name: np.ascontiguousarray(one) for name, one in state.items()}
        save_file(tensors, tmp_path / "weights.safetensors")
        return cxrzoo.convert_file(
            tmp_path / "weights.safetensors", builder, input_size=side, scaling=SCALING, **options
        )

    return converted


@pytest.mark.parametrize("pooling", ["avg", "token"])
def test_a_network_of_timm_gives_its_logits(convert, images, score, tmp_path, pooling):
    norm = {"avg": "fc_norm", "token": "norm"}[pooling]
    state = vit_state.random_state(grid=(4, 4), norm=norm, outputs=3, **SMALL)
    pixels, scaled = images(64, 64)
    x = vit_state.tokens(state, scaled, heads=6)
    pooled = x[:, 1:].mean(1) if pooling == "avg" else x[:, 0]
    theirs = vit_state.head(state, vit_state.normalised(state, norm, pooled))[:, [0, 2]]
    assert theirs.std(axis=0).min() > 1e-2
    model = convert(
        state, "vit_small_cxr", 64, labels=LABELS, depth=2, global_pool=pooling, output_activation=None
    )  # fmt: skip
    assert model.cxrzoo.labels == ("Mass", "Edema")
    folder = cxrzoo.save_pretrained(model, tmp_path / "model")
    for one in (model, cxrzoo.from_pretrained(folder, verify=True)):
        np.testing.assert_allclose(score(one, pixels), theirs, atol=2e-5 * np.abs(theirs).max())


@pytest.mark.parametrize("spelt", [vit_state.by_transformers, dict])
def test_a_network_of_dinov2_gives_its_class_token_and_its_patches(convert, images, score, spelt):
    state = vit_state.random_state(grid=(5, 5), **DINO)
    pixels, scaled = images(70, 70)
    theirs = vit_state.normalised(state, "norm", vit_state.tokens(state, scaled, heads=12))
    model = convert(spelt(state), "dinov2_base_cxr", 70, depth=1, pooling="head")
    allowed = 2e-5 * np.abs(theirs).max()
    np.testing.assert_allclose(score(model, pixels), theirs[:, 0], atol=allowed)
    maps = cxrzoo.dinov2_base_cxr(**{**model.cxrzoo.arguments, "pooling": None})
    maps.set_weights(model.get_weights())
    np.testing.assert_allclose(
        score(maps, pixels), theirs[:, 1:].reshape(2, 5, 5, 768), atol=allowed
    )
    publisher = "transformers" if spelt is vit_state.by_transformers else "timm"
    assert f"names of {publisher})" in model.cxrzoo.lineage.started_from


def test_names_that_transformers_5_gives_its_class_are_those_of_its_files(convert):
    state = vit_state.by_transformers(vit_state.random_state(grid=(3, 3), **DINO))
    new = {"attention.query": "q_proj", "attention.key": "k_proj", "attention.value": "v_proj",
           "output.dense": "o_proj"}  # fmt: skip
    renamed = dict(state)
    for old, other in new.items():
        renamed = {name.replace(old, other): one for name, one in renamed.items()}
    assert renamed.keys() != state.keys()
    one, other = (
        model_tensors(convert(tensors, "dinov2_base_cxr", 42, depth=1))
        for tensors in (state, renamed)
    )
    for name, value in one.items():
        np.testing.assert_array_equal(other[name], value)


def test_a_kernel_for_one_channel_makes_a_grey_model(convert, images, score):
    state = vit_state.random_state(grid=(3, 2), norm="fc_norm", outputs=3, **SMALL)
    rgb = state["patch_embed.proj.weight"]
    grey = {**state, "patch_embed.proj.weight": rgb.sum(1, keepdims=True)}
    with pytest.raises(TensorError, match=r"square grid of patches were expected.*\(7, 384\)"):
        convert(grey, "vit_small_cxr", 48, labels=LABELS, depth=2)
    square = vit_state.random_state(grid=(3, 3), **SMALL)["pos_embed"]
    one, three = (
        convert({**tensors, "pos_embed": square}, "vit_small_cxr", 48, labels=LABELS, depth=2)
        for tensors in (grey, state)
    )
    assert (one.input_shape[-1], three.input_shape[-1]) == (1, 3)
    pixels, _ = images(48, 48)
    np.testing.assert_allclose(score(one, pixels[..., :1]), score(three, pixels), atol=1e-5)


@pytest.mark.parametrize(("builder", "kept"), [("vit_small_cxr", SMALL), ("dinov2_base_cxr", DINO)])
def test_another_size_than_the_files_has_its_positions_resized_and_says_so(convert, builder, kept):
    state = vit_state.random_state(grid=(6, 6), **kept)
    side, depth = kept["patch"], kept.get("depth", 1)
    model = convert(state, builder, (3 * side, 12 * side), depth=depth, global_pool="token")
    assert "; positions of 6 x 6 patches resized to 3 x 12)" in model.cxrzoo.lineage.started_from
    patches = entry(builder).patches
    resized = resized_positions(state["pos_embed"][0], (6, 6), (3, 12), patches)
    rows = model_tensors(model)["embed/bias"]
    expected = resized[1:] + state["patch_embed.proj.bias"]
    np.testing.assert_allclose(rows[1:], expected, atol=1e-5)
    np.testing.assert_allclose(rows[0], state["cls_token"][0, 0] + resized[0], atol=1e-6)
    same = convert(state, builder, 6 * side, depth=depth, global_pool="token")
    assert "resized" not in same.cxrzoo.lineage.started_from


def test_a_file_for_the_other_pooling_says_what_does_not_fit(convert):
    state = vit_state.random_state(grid=(2, 2), norm="norm", outputs=3, **SMALL)
    with pytest.raises(TensorError, match=r"'norm\.bias', 'norm\.weight'.*'head_norm/beta'"):
        convert(state, "vit_small_cxr", 32, labels=LABELS, depth=2)
    headless = vit_state.random_state(grid=(2, 2), norm="fc_norm", **SMALL)
    with pytest.raises(
        TensorError, match=r"2 tensor\(s\) \('fc_norm\.bias', 'fc_norm\.weight'\) in it"
    ):
        convert(headless, "vit_small_cxr", 32, depth=2)
    assert convert(headless, "vit_small_cxr", 32, depth=2, pooling="head").output_shape == (
        None,
        384,
    )
