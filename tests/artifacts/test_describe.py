"""A model that Keras loaded or copied gets its description again, or says why not."""

import copy
from dataclasses import replace

import keras
import numpy as np
import pytest

import cxrzoo
from cxrzoo import describe, from_pretrained, save_pretrained
from cxrzoo.errors import ArtifactError, ArtifactNotFoundError, CxrZooError, ModelError


@pytest.fixture(scope="module")
def model(small):
    model = small("mobilenet_cxr")
    model.cxrzoo = replace(model.cxrzoo, thresholds={"Mass": 0.3}, licence="CC0-1.0", aspect="pad")
    return model


@pytest.fixture(scope="module")
def loaded(model, tmp_path_factory):
    def load():
        return keras.saving.load_model(path)

    path = tmp_path_factory.mktemp("keras") / "model.keras"
    model.save(path)
    return load


def cloned(model):
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    return clone


def test_a_loaded_model_is_one_of_the_zoo_again(model, loaded, small, score, pixels, tmp_path):
    found = loaded()
    assert not hasattr(found, "cxrzoo")
    like = small("mobilenet_cxr")  # as in another process: the same arguments, other weights
    like.layers[-1].bias.assign([1, 2, 3])
    assert describe(found, like) is found
    assert found.cxrzoo == like.cxrzoo
    again = from_pretrained(save_pretrained(found, tmp_path / "model"), verify=True)
    np.testing.assert_allclose(score(again, pixels()), score(model, pixels()), atol=1e-6)


def test_every_way_in_which_keras_copies_is_described_whole_by_the_original(
    model, loaded, tmp_path
):
    saved = save_pretrained(model, tmp_path / "model")
    likes = (model, model.cxrzoo, saved, str(saved))
    plain = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(model))
    plain.set_weights(model.get_weights())
    copies = (loaded(), cloned(model), plain, copy.deepcopy(model))
    for found, like in zip(copies, likes, strict=True):
        assert getattr(found, "cxrzoo", None) is None
        assert describe(found, like=like).cxrzoo == model.cxrzoo


def test_what_belongs_to_other_weights_is_not_taken(model, tmp_path):
    fresh = keras.models.clone_model(model)
    for like in (model, save_pretrained(model, tmp_path / "model")):
        config = describe(fresh, like).cxrzoo
        assert (config.thresholds, config.calibration, config.licence) == (None, None, None)
        assert (config.labels, config.aspect) == (model.cxrzoo.labels, "pad")
        assert config.lineage == model.cxrzoo.lineage


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"classifier_activation": None}, "has activation='sigmoid', described is 'linear'"),
        ({"labels": ("Mass", "Edema")}, "units=3, described is 2"),
        ({"input_shape": (64, 64, 3)}, "'conv1/kernel' is .3, 3, 1, 8., described is .3, 3, 3, 8."),
        ({"alpha": 0.5}, "has filters=8, described is 16"),
        ({"scaling": "unit"}, "'scale' has scale="),
        ({"hidden_units": None}, "'head_dense' .Dense. that is not described"),
        ({"include_top": False}, "'predictions' .Dense. that is not described|'head_pool'"),
    ],
)
def test_another_description_is_refused_and_the_model_left(loaded, untrained, arguments, message):
    found = loaded()
    with pytest.raises(ModelError, match=f"{message}.*Pass like= a model built with"):
        describe(found, like=untrained("mobilenet_cxr", **arguments))
    assert not hasattr(found, "cxrzoo")


def test_what_is_no_model_and_like_nothing_is_refused(model, tmp_path):
    stranger = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)], name="stranger")
    for given, like, error, message in (
        ("model.keras", model, ModelError, "model must be a Model, got 'model.keras'"),
        (stranger, model, ModelError, "'stranger' is not the model that its description makes"),
        (stranger, stranger, ModelError, "like=...*'stranger' has no 'cxrzoo' config"),
        (model, tmp_path / "absent", ArtifactNotFoundError, "there is no model"),
        (model, None, ModelError, "like must be a Model, a ModelConfig, text or a path, got None"),
    ):
        with pytest.raises(error, match=message):
            describe(given, like)


def test_every_error_for_a_lack_of_description_names_the_way_back(loaded, tmp_path):
    found = loaded()
    way_back = r"load_model, clone_model.*cxrzoo\.describe\(model, like=\.\.\.\)"
    for use, error in (
        (lambda: save_pretrained(found, tmp_path / "x"), ArtifactError),
        (lambda: cxrzoo.push_to_hub(found, "a/b"), ArtifactError),
        (
            lambda: cxrzoo.export_model(found, tmp_path / "x", format="tf_saved_model"),
            ArtifactError,
        ),
        (lambda: cxrzoo.replace_head(found, ["Mass"]), ModelError),
        (lambda: cxrzoo.models.feature_maps(found), ModelError),
        (lambda: cxrzoo.Scorer(found), ModelError),
    ):
        with pytest.raises(error, match=way_back):
            use()
    with pytest.raises(CxrZooError) as raised:
        cxrzoo.Scorer(np.zeros(3))
    assert "describe" not in str(raised.value)
