"""Every saved model carries proof of what it computes."""

import json

import keras
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import cxrzoo
from cxrzoo.artifacts import selfcheck
from cxrzoo.data import load_sample
from cxrzoo.errors import ArtifactNotFoundError, IntegrityError, TensorError
from cxrzoo.images import read_image
from cxrzoo.pretrained.catalog import catalog

GOLDEN = "golden.safetensors"


def altered(directory, **changed):
    tensors = {**load_file(directory / GOLDEN), **changed}
    save_file(
        {name: value for name, value in tensors.items() if value is not None}, directory / GOLDEN
    )


def outputs(directory):
    return load_file(directory / GOLDEN)["outputs"].copy()


@pytest.mark.parametrize("name", list(catalog()))
def test_every_release_of_the_package_reproduces_its_vectors_here(name):
    if catalog()[name].repository is None:
        found = selfcheck(name)
        assert found.passed
        assert found.difference <= 1e-5  # processors; the tolerance leaves room for graphics cards
        assert GOLDEN in catalog()[name].sha256


def test_the_inputs_are_real_xrays_at_the_models_size(saved):
    inputs = load_file(saved / GOLDEN)["inputs"]
    assert inputs.dtype == np.uint8
    assert inputs.shape == (4, 64, 64, 1)
    real = {read_image(path, 64).tobytes() for path in load_sample().images}
    assert {image.tobytes() for image in inputs} <= real
    assert len({image.tobytes() for image in inputs}) == 4


def test_the_outputs_are_those_of_the_model_that_was_saved(saved, licensed_model, score):
    golden = load_file(saved / GOLDEN)
    np.testing.assert_allclose(
        score(licensed_model, golden["inputs"]), golden["outputs"], atol=1e-5
    )
    assert cxrzoo.from_pretrained(saved, verify=True).cxrzoo == licensed_model.cxrzoo


@pytest.mark.parametrize("pooling", [None, "avg"])
def test_a_backbone_without_top_has_vectors_of_its_features(small, model_name, pooling, tmp_path):
    backbone = small(model_name, include_top=False, pooling=pooling)
    saved = cxrzoo.save_pretrained(backbone, tmp_path / "backbone")
    assert outputs(saved).shape[1:] == tuple(backbone.output_shape[1:])
    assert selfcheck(saved).passed


def test_float16_weights_have_the_outputs_of_the_model_as_it_is_loaded(
    licensed_model, score, tmp_path
):
    saved = cxrzoo.save_pretrained(licensed_model, tmp_path / "half", dtype="float16")
    golden = load_file(saved / GOLDEN)
    loaded = cxrzoo.from_pretrained(saved, verify=True)
    np.testing.assert_allclose(score(loaded, golden["inputs"]), golden["outputs"], atol=1e-5)


def test_a_model_of_mixed_precision_has_the_outputs_of_float32(small, tmp_path):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        saved = cxrzoo.save_pretrained(small("cnn_test1"), tmp_path / "mixed")
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy("float32")
    assert selfcheck(saved).passed


@pytest.mark.parametrize("place", [(0, 0), (2, 7), (3, 14)])
@pytest.mark.parametrize("step", [0.01, -0.01])
def test_a_vector_altered_by_a_hundredth_fails(saved, place, step):
    changed = outputs(saved)
    changed[place] += step
    altered(saved, outputs=changed)
    found = selfcheck(saved)
    assert not found.passed
    assert found.difference == pytest.approx(0.01, rel=0.01)
    with pytest.raises(IntegrityError, match=r"does not reproduce its 4 golden vectors.*1\.00e-02"):
        cxrzoo.from_pretrained(saved, verify=True)
    assert cxrzoo.from_pretrained(saved)  # who does not ask is not told


def test_other_weights_under_the_same_description_fail(saved):
    path = saved / "model.safetensors"
    tensors = load_file(path)
    tensors["predictions/bias"] = tensors["predictions/bias"] + np.float32(0.1)
    save_file(tensors, path)
    assert not selfcheck(saved).passed


def test_an_activation_that_was_changed_in_the_description_fails(saved):
    path = saved / "cxrzoo.json"
    description = json.loads(path.read_text())
    description["arguments"]["classifier_activation"] = "softmax"
    path.write_text(json.dumps(description))
    assert not selfcheck(saved).passed


def test_a_model_without_vectors_cannot_be_verified(saved):
    (saved / GOLDEN).unlink()
    assert cxrzoo.from_pretrained(saved)
    for check in (selfcheck, lambda uri: cxrzoo.from_pretrained(uri, verify=True)):
        with pytest.raises(ArtifactNotFoundError, match=r"no golden\.safetensors"):
            check(saved)


def test_vectors_that_check_nothing_are_refused(saved):
    given = load_file(saved / GOLDEN)
    for changed, message in (
        ({"tolerance": np.array([0.5], np.float32)}, "checks nothing"),
        ({"tolerance": np.array([np.nan], np.float32)}, "checks nothing"),
        ({"tolerance": np.array([0], np.float32)}, "checks nothing"),
        ({"tolerance": np.array([-1e-3], np.float32)}, "checks nothing"),
        ({"tolerance": np.array(1e-3, np.float32)}, r"float32 \(1,\)"),
        ({"tolerance": None}, "must hold"),
        ({"extra": given["tolerance"]}, "must hold"),
        ({"outputs": np.full_like(given["outputs"], np.nan)}, "not finite"),
        ({"outputs": given["outputs"].astype(np.float64)}, "must be float32"),
        ({"outputs": given["outputs"][:, :-1].copy()}, "must be float32"),
        ({"outputs": given["outputs"][:-1].copy()}, "must be float32"),
        ({"inputs": given["inputs"].astype(np.float32)}, "must be uint8"),
        ({"inputs": given["inputs"][:, :32].copy()}, "must be uint8"),
        ({"inputs": given["inputs"][:0], "outputs": given["outputs"][:0]}, "1 to 8 vectors"),
        (
            {name: np.repeat(given[name], 3, axis=0) for name in ("inputs", "outputs")},
            "1 to 8 vectors",
        ),
    ):
        altered(saved, **{**given, "extra": None, **changed})
        with pytest.raises(TensorError, match=message):
            selfcheck(saved)


def test_a_model_that_gives_nonsense_for_a_real_xray_is_not_saved(small, tmp_path):
    model = small("cnn_test2", classifier_activation=None)
    for layer in ("head_dense", "predictions"):
        kernel = model.get_layer(layer).kernel
        kernel.assign(np.full(kernel.shape, 1e30, np.float32))
    with pytest.raises(TensorError, match="outputs that are not finite"):
        cxrzoo.save_pretrained(model, tmp_path / "model")
    assert not list(tmp_path.iterdir())
