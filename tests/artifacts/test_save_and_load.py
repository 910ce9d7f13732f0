import hashlib
import json

import keras
import numpy as np
import pytest

import cxrzoo
from cxrzoo import from_pretrained, save_pretrained
from cxrzoo.errors import ArtifactError, TensorError
from cxrzoo.evaluation import auc_report
from cxrzoo.models import model_tensors

FILES = {"cxrzoo.json", "model.safetensors"}


def names(folder):
    return {path.name for path in folder.iterdir()}


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def redrawn(model):
    """The model with other values everywhere, also in what BatchNorm starts at 0 and 1."""
    random = np.random.default_rng(1)
    for variable in model.weights:
        variable.assign(random.uniform(0.1, 0.6, variable.shape))
    return model


def test_what_is_loaded_is_bit_for_bit_what_was_saved(small, score, pixels, model_name, tmp_path):
    model = redrawn(small(model_name, name="mine", dropout=0.25))
    assert save_pretrained(model, tmp_path / "a" / "model") == tmp_path / "a" / "model"
    assert names(tmp_path / "a" / "model") >= FILES
    loaded = from_pretrained(tmp_path / "a" / "model")
    assert loaded.cxrzoo == model.cxrzoo
    assert loaded.name == "mine"
    found = model_tensors(loaded)
    for path, value in model_tensors(model).items():
        np.testing.assert_array_equal(found[path], value, strict=True)
    np.testing.assert_allclose(score(loaded, pixels()), score(model, pixels()), atol=1e-6)


def test_a_backbone_without_top_is_saved_and_loaded(small, score, pixels, model_name, tmp_path):
    model = small(model_name, include_top=False, pooling="avg")
    loaded = from_pretrained(save_pretrained(model, tmp_path / "backbone"))
    assert loaded.cxrzoo.labels == ()
    np.testing.assert_allclose(score(loaded, pixels()), score(model, pixels()), atol=1e-6)


def test_the_same_model_is_the_same_bytes(small, tmp_path):
    model = small("mobilenet_cxr")
    first, second = (contents(save_pretrained(model, tmp_path / name)) for name in "ab")
    assert first == second
    again = contents(save_pretrained(from_pretrained(tmp_path / "a"), tmp_path / "c"))
    assert again == first


def test_float16_halves_the_file_and_rounds_the_weights(small, tmp_path):
    model = redrawn(small("mobilenet_cxr"))
    whole = save_pretrained(model, tmp_path / "whole") / "model.safetensors"
    half = save_pretrained(model, tmp_path / "half", dtype="float16") / "model.safetensors"
    assert half.stat().st_size < 0.51 * whole.stat().st_size
    found = model_tensors(from_pretrained(tmp_path / "half"))
    for path, value in model_tensors(model).items():
        np.testing.assert_array_equal(found[path], value.astype("float16").astype("float32"))


def test_predictions_are_those_of_a_model_saved_under_tensorflow(
    score, pixels, run_keras, tmp_path, is_small
):
    if keras.backend.backend() == "tensorflow":
        pytest.skip("TensorFlow is the backend here")
    images = pixels((112, 112, 1), n=3)  # whole patches of 14 and of 16 pixels
    np.save(tmp_path / "images.npy", images)
    # Of full-size networks, tests/convert compares what every backend computes with the publisher's.
    names = [name for name in cxrzoo.list_models() if is_small(name)]
    run_keras(
        "import numpy, pathlib, cxrzoo, keras\n"
        "assert keras.backend.backend() == 'tensorflow'\n"
        f"folder = pathlib.Path({str(tmp_path)!r})\n"
        "images = numpy.load(folder / 'images.npy')\n"
        "small = {'hidden_units': 16, 'input_shape': (112, 112, 1), 'classifier_activation': 'sigmoid'}\n"
        "random = numpy.random.default_rng(5)\n"
        f"for name in {names}:\n"
        "    model = cxrzoo.create_model(name, **small, **cxrzoo.models.entry(name).small)\n"
        "    for layer in model.layers:  # statistics of what reaches each, as after training\n"
        "        if isinstance(layer, keras.layers.BatchNormalization):\n"
        "            layer.momentum = 0.0\n"
        "            layer.gamma.assign(random.normal(1, .1, layer.gamma.shape))\n"
        "    model(random.integers(0, 256, (8, 112, 112, 1)).astype('float32'), training=True)\n"
        "    cxrzoo.save_pretrained(model, folder / name)\n"
        "    numpy.save(folder / f'{name}.npy', keras.ops.convert_to_numpy(model(images)))",
        KERAS_BACKEND="tensorflow",
    )
    for name in names:
        expected = np.load(tmp_path / f"{name}.npy")
        assert expected.shape == (3, 15)
        assert np.abs(expected[0] - expected[1]).max() > 1e-3
        np.testing.assert_allclose(
            score(from_pretrained(tmp_path / name), images), expected, atol=1e-4
        )


def test_an_earlier_model_is_replaced_whole(small, tmp_path):
    y_true, y_score = np.eye(3)[[0, 1, 2, 0]], np.linspace(0, 1, 12).reshape(4, 3)
    report = auc_report(y_true, y_score, labels=["a", "b", "c"], n_bootstrap=0)
    model = small("cnn_test1")
    save_pretrained(model, tmp_path / "model", report)
    assert names(tmp_path / "model") >= {*FILES, "report.json"}
    assert json.loads((tmp_path / "model" / "report.json").read_text())
    other = small("mobilenet_cxr")
    save_pretrained(other, tmp_path / "model")
    # The old report would lie beside new weights.
    assert "report.json" not in names(tmp_path / "model")
    assert from_pretrained(tmp_path / "model").cxrzoo == other.cxrzoo
    assert names(tmp_path) == {"model"}


def test_an_empty_folder_is_taken(small, tmp_path):
    (tmp_path / "model").mkdir()
    save_pretrained(small("cnn_test1"), tmp_path / "model")
    assert names(tmp_path / "model") >= FILES


def test_a_link_to_a_model_stays_a_link_and_its_target_is_replaced(small, tmp_path):
    save_pretrained(small("cnn_test1"), tmp_path / "first")
    (tmp_path / "newest").symlink_to(tmp_path / "first")
    other = small("mobilenet_cxr")
    save_pretrained(other, tmp_path / "newest")
    assert names(tmp_path) == {"first", "newest"}
    assert (tmp_path / "newest").is_symlink()
    assert from_pretrained(tmp_path / "first").cxrzoo == other.cxrzoo


def test_the_folder_that_one_stands_in_is_not_pulled_away(small, tmp_path, monkeypatch):
    (tmp_path / "model").mkdir()
    monkeypatch.chdir(tmp_path / "model")
    for here in (".", tmp_path / "model", "../model"):
        with pytest.raises(ArtifactError, match="is the folder you stand in"):
            save_pretrained(small("cnn_test1"), here)
    assert save_pretrained(small("cnn_test1"), "inside").samefile(tmp_path / "model" / "inside")


def test_a_folder_that_holds_something_else_is_left_as_it_is(small, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("In the beginning")
    with pytest.raises(ArtifactError, match="holds something else than a cxrzoo model"):
        save_pretrained(small("cnn_test1"), tmp_path / "thesis")
    assert contents(tmp_path / "thesis") == {"chapter1.tex": b"In the beginning"}
    assert names(tmp_path) == {"thesis"}


def test_a_file_in_the_way_is_left_as_it_is(small, tmp_path):
    (tmp_path / "file").write_text("content")
    for directory in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ArtifactError, match="file"):
            save_pretrained(small("cnn_test1"), directory)
    assert contents(tmp_path) == {"file": b"content"}


@pytest.mark.parametrize(
    ("value", "dtype"), [(np.nan, "float32"), (np.inf, "float32"), (1e6, "float16")]
)
def test_a_save_that_fails_leaves_the_earlier_model_and_nothing_else(small, tmp_path, value, dtype):
    save_pretrained(small("cnn_test1"), tmp_path / "model")
    before = contents(tmp_path / "model")
    model = small("cnn_test1")
    kernel = model.get_layer("conv1").kernel
    kernel.assign(keras.ops.full(kernel.shape, value))
    with pytest.raises(TensorError, match="'conv1/kernel' is not finite"):
        save_pretrained(model, tmp_path / "model", dtype=dtype)
    with pytest.raises(TensorError):
        save_pretrained(model, tmp_path / "new", dtype=dtype)
    assert names(tmp_path) == {"model"}
    assert contents(tmp_path / "model") == before


def test_an_unknown_storage_type_is_refused(small, tmp_path):
    with pytest.raises(ArtifactError, match="dtype must be one of float32, float16, got 'int8'"):
        save_pretrained(small("cnn_test1"), tmp_path / "model", dtype="int8")
    assert names(tmp_path) == set()


def test_a_stranger_is_refused(tmp_path):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)], name="stranger")
    with pytest.raises(ArtifactError, match="'stranger' has no 'cxrzoo' config"):
        save_pretrained(model, tmp_path / "model")
    assert names(tmp_path) == set()


def test_a_model_whose_output_was_changed_is_refused(small, tmp_path):
    model = small("cnn_test1")
    other = keras.Model(model.input, keras.layers.Dense(9)(model.output))
    other.cxrzoo = model.cxrzoo
    with pytest.raises(ArtifactError, match=r"its config has 3 labels.*replace_head"):
        save_pretrained(other, tmp_path / "model")


def test_neither_file_holds_code_and_the_description_is_readable(small, tmp_path):
    folder = save_pretrained(small("mobilenet_cxr"), tmp_path / "model")
    description = json.loads((folder / "cxrzoo.json").read_text(encoding="utf-8"))
    assert description["builder"] == "mobilenet_cxr"
    assert description["labels"] == ["Mass", "Edema", "No Finding"]
    assert description["arguments"]["input_shape"] == [32, 32, 1]
    assert hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
