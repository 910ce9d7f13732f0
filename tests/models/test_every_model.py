"""What holds for every model of the zoo, whoever adds one."""

import dataclasses
import json

import keras
import numpy as np
import pytest

import cxrzoo
from cxrzoo.models import entry, feature_maps, model_tensors, variables_by_name
from cxrzoo.models.builder import planned
from cxrzoo.models.tensors import tensor_shapes

SHAPES = [(32, 32, 1), (33, 47, 3), (64, 40, 1)]


@pytest.mark.deep
def test_a_network_in_short(small, score, pixels, model_name, tmp_path):
    """Built, computing, saved and loaded: what the quick suite holds of a deep network."""
    model = small(model_name, classifier_activation=None)
    config = model.cxrzoo
    assert (config.builder, config.labels) == (model_name, ("Mass", "Edema", "No Finding"))
    assert model.output_shape == (None, 3)
    before = model_tensors(model)
    shapes = {name: value.shape for name, value in before.items()}
    assert list(planned(entry(model_name), config).items()) == list(shapes.items())
    for stride, maps in feature_maps(model).items():
        for edge, whole in zip(maps.shape[1:3], model.input_shape[1:3], strict=True):
            # Where nothing is padded, they are up to 3 smaller.
            assert -3 <= edge - whole / stride <= 1, (stride, maps.shape)
    images = pixels(model.input_shape[1:], n=16)  # as many as ``small`` takes: JAX compiles less
    expected = score(model, images)
    assert np.isfinite(expected).all()
    assert np.ptp(expected, axis=0).max() > 1e-3 * np.abs(expected).max()
    loaded = cxrzoo.from_pretrained(cxrzoo.save_pretrained(model, tmp_path / "model"))
    assert loaded.cxrzoo == config
    for name, value in model_tensors(loaded).items():
        np.testing.assert_array_equal(value, before[name], strict=True)
    np.testing.assert_allclose(score(loaded, images), expected, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("shape", SHAPES)
def test_the_planned_tensors_are_those_of_the_built_model(untrained, model_name, shape):
    for include_top in (True, False):
        model = untrained(model_name, input_shape=shape, include_top=include_top)
        shapes = planned(entry(model_name), model.cxrzoo)
        assert list(shapes.items()) == list(tensor_shapes(model).items())


def test_a_head_may_have_a_hidden_layer_or_none(untrained, model_name):
    linear = untrained(model_name, hidden_units=None)
    names = [layer.name for layer in linear.layers]
    assert "head_dense" not in names
    assert names[-1] == "predictions"
    assert any(name.startswith("head_dropout") for name in names)
    hidden = untrained(model_name, hidden_units=11, hidden_activation="leaky_relu")
    assert hidden.get_layer("head_dense").units == 11
    assert isinstance(hidden.get_layer("head_activation"), keras.layers.LeakyReLU)


def test_the_feature_layers_have_their_strides_and_the_last_is_the_networks_output(
    small, untrained, score, pixels, model_name
):
    for arguments in ({}, {"include_top": False}, {"include_top": False, "pooling": "avg"}):
        model = untrained(model_name, input_shape=(128, 160, 1), **arguments)
        features = feature_maps(model)
        assert list(features) == sorted(features)
        for stride, maps in features.items():
            strides = [
                side / of for side, of in zip(model.input_shape[1:3], maps.shape[1:3], strict=True)
            ]
            assert [round(one) for one in strides] == [stride, stride]
        if arguments == {"include_top": False}:
            assert features[max(features)] is model.output
    model = small(model_name)
    features = feature_maps(model)
    assert score(keras.Model(model.input, features[max(features)]), pixels()).ndim == 4


def test_it_learns_and_the_same_process_and_another_read_what_was_saved(
    small, score, pixels, run_keras, model_name, tmp_path
):
    images, targets = pixels(n=4), np.eye(3, dtype="float32")[[0, 1, 2, 0]]
    model = small(model_name, dropout=0.0)
    before = model_tensors(model)
    # TensorFlow takes half a minute to make a graph of a deep network's training step.
    eagerly = keras.backend.backend() == "tensorflow"
    model.compile("adam", "binary_crossentropy", run_eagerly=eagerly)
    model.fit(images, targets, batch_size=4, epochs=1, verbose=0)
    after = model_tensors(model)
    assert any(not np.array_equal(before[name], after[name]) for name in before)
    assert all(np.isfinite(value).all() for value in after.values())
    expected = score(model, images)
    for name in ("first", "second"):  # what Keras counts by instances moves on in between
        small(model_name)
        folder = cxrzoo.save_pretrained(model, tmp_path / name)
        model = cxrzoo.from_pretrained(folder)
        np.testing.assert_allclose(score(model, images), expected, atol=1e-6)
    np.save(tmp_path / "images.npy", images)
    run_keras(
        "import cxrzoo, keras, numpy\n"
        f"model = cxrzoo.from_pretrained({str(tmp_path / 'second')!r}, verify=True)\n"
        f"images = numpy.load({str(tmp_path / 'images.npy')!r})\n"
        f"scores = keras.ops.convert_to_numpy(model(images, training=False))\n"
        f"numpy.save({str(tmp_path / 'scores.npy')!r}, scores)"
    )
    np.testing.assert_allclose(np.load(tmp_path / "scores.npy"), expected, atol=1e-6)


def test_there_is_one_output_a_label_in_float32(untrained, model_name):
    model = untrained(model_name, labels=[f"label {i}" for i in range(7)])
    assert model.input_shape == (None, *entry(model_name).nearest_shapes((32, 32, 1))[-1])
    assert model.output_shape == (None, 7)
    assert model.output.dtype == "float32"


def test_scores_are_probabilities_of_the_sigmoid_and_logits_without_activation(
    small, score, pixels, model_name
):
    model = small(model_name)
    logits = small(model_name, classifier_activation=None)
    logits.set_weights(model.get_weights())
    probabilities = score(model, pixels())
    assert ((probabilities >= 0) & (probabilities <= 1)).all()  # 0 and 1 are rounded
    expected = np.exp(-np.logaddexp(0, -score(logits, pixels()).astype(np.float64)))
    np.testing.assert_allclose(probabilities, expected, atol=1e-6)


def test_any_numeric_type_gives_the_scores_of_float32(small, score, pixels, model_name):
    model = small(model_name)
    expected = score(model, pixels())
    for dtype in ("uint8", "int16", "uint16", "int32", "int64", "float16", "float64"):
        np.testing.assert_array_equal(
            score(model, pixels().astype(dtype)), expected, strict=True, err_msg=dtype
        )


def test_predict_takes_bytes_of_pixels(small, pixels, model_name):
    model = small(model_name)
    from_bytes, from_floats = (
        model.predict(pixels().astype(kind), verbose=0) for kind in ("uint8", "float32")
    )
    np.testing.assert_allclose(from_bytes, from_floats, atol=1e-6)


def test_pixels_are_scaled_inside_the_model(small, score, model_name, same_scores):
    model = small(model_name, input_shape=(32, 32, 3))
    unscaled = keras.Model(model.get_layer("scale").output, model.output)
    scaling = entry(model_name).scaling
    for grey in (255, 0, 51):
        image = np.full((1, *model.input_shape[1:]), grey, "uint8")
        scaled = image * np.array(scaling.scale) + np.array(scaling.offset)
        same_scores(score(model, image), score(unscaled, scaled.astype("float32")))


def test_without_top_a_model_gives_features(small, score, pixels, model_name):
    maps = small(model_name, include_top=False)
    features = score(maps, pixels())
    assert features.ndim == 4
    assert maps.cxrzoo.labels == ()
    for pooling, pooled in (("avg", features.mean((1, 2))), ("max", features.max((1, 2)))):
        model = small(model_name, include_top=False, pooling=pooling)
        model.set_weights(maps.get_weights())
        np.testing.assert_allclose(score(model, pixels()), pooled, atol=1e-5)
        assert model.cxrzoo.labels == ()


def test_what_a_head_takes_is_had_without_it(untrained, score, pixels, model_name):
    whole = untrained(model_name)
    first = {layer.name: layer for layer in whole.layers if layer.name.startswith("head_")}
    taken = (
        first["head_flatten"].output if "head_flatten" in first else first["head_dropout_in"].input
    )
    model = untrained(model_name, include_top=False, pooling="head")
    assert len(model.output_shape) == 2
    for name, variable in variables_by_name(model.weights).items():
        variable.assign(variables_by_name(whole.weights)[name])
    expected = score(keras.Model(whole.input, taken), pixels())
    np.testing.assert_allclose(score(model, pixels()), expected, atol=1e-5)


def test_head_and_backbone_are_told_apart_by_their_names(untrained, model_name):
    whole = set(tensor_shapes(untrained(model_name)))
    backbone = set(tensor_shapes(untrained(model_name, include_top=False)))
    assert backbone < whole
    assert all(path.startswith(("head_", "predictions/")) for path in whole - backbone)
    assert not any(path.startswith(("head_", "predictions/")) for path in backbone)


def test_only_stock_layers_so_that_keras_alone_opens_a_saved_model(
    small, score, pixels, run_keras, tmp_path, model_name
):
    images = pixels()
    expected = {}
    for name in (model_name,):
        model = small(name)
        assert {type(layer).__module__.split(".")[0] for layer in model.layers} == {"keras"}
        model.save(tmp_path / f"{name}.keras")
        expected[name] = score(model, images)
    np.save(tmp_path / "images.npy", images)
    printed = run_keras(
        "import sys, json, numpy, pathlib\n"
        "sys.modules['cxrzoo'] = None  # importing it fails\n"
        "import keras\n"
        f"folder = pathlib.Path({str(tmp_path)!r})\n"
        "images = numpy.load(folder / 'images.npy')\n"
        "found = {}\n"
        "for path in sorted(folder.glob('*.keras')):\n"
        "    model = keras.saving.load_model(path)\n"
        "    found[path.stem] = keras.ops.convert_to_numpy(model(images)).tolist()\n"
        "print(json.dumps(found))",
        importable=False,
    )
    found = json.loads(printed)
    assert set(found) == set(expected)
    for name, scores in expected.items():
        np.testing.assert_allclose(found[name], scores, atol=1e-6)


def test_the_model_carries_a_frozen_description_of_itself(untrained, model_name):
    config = untrained(model_name, labels=["Mass", "Edema"]).cxrzoo
    assert isinstance(config, cxrzoo.ModelConfig)
    assert config.builder == model_name
    assert config.labels == ("Mass", "Edema")
    assert set(config.arguments) == set(entry(model_name).defaults) - {"labels", "weights"}
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.labels = ("Hernia",)
    with pytest.raises(TypeError):
        config.arguments["dropout"] = 0.0
    with pytest.raises(TypeError):
        config.lineage.versions["keras"] = "0"


def test_create_model_builds_what_the_builder_builds(untrained, model_name):
    built = untrained(model_name, name="mine")
    arguments = {**built.cxrzoo.arguments, "labels": built.cxrzoo.labels}
    again = cxrzoo.create_model(model_name, **arguments)
    assert again.cxrzoo == built.cxrzoo
    assert again.name == "mine"
    assert [w.shape for w in again.weights] == [w.shape for w in built.weights]


@pytest.mark.deep
def test_a_builder_is_listed_and_documented(model_name):
    assert model_name in cxrzoo.list_models(f"{model_name[:3]}*")
    assert getattr(cxrzoo, model_name) is entry(model_name).builder
    for argument in entry(model_name).defaults:
        assert f"    {argument}: " in entry(model_name).builder.__doc__
    assert entry(model_name).defaults["labels"] == cxrzoo.NIH_LABELS
    height, width, channels = entry(model_name).defaults["input_shape"]
    assert (height, channels) == (width, 1)
    assert 224 <= height <= 260


@pytest.mark.deep
def test_channels_first_is_refused_and_said(untrained, model_name):
    keras.config.set_image_data_format("channels_first")
    try:
        with pytest.raises(cxrzoo.errors.ModelError, match="set_image_data_format"):
            untrained(model_name)
    finally:
        keras.config.set_image_data_format("channels_last")
