"""A builder's ``weights=DIR`` takes a published model's weights, and its arguments with them."""

from dataclasses import replace

import numpy as np
import pytest

import cxrzoo
from cxrzoo import save_pretrained
from cxrzoo.errors import ModelError
from cxrzoo.models import model_tensors
from cxrzoo.pretrained import Lineage


@pytest.fixture(scope="module")
def saved(small, tmp_path_factory):
    model = small("mobilenet_cxr", dropout=0.3)
    return model, str(save_pretrained(model, tmp_path_factory.mktemp("saved") / "model"))


def same_tensors(model, other, *, only_backbone=False):
    expected, found = model_tensors(other), model_tensors(model)
    if not only_backbone:
        assert set(found) == set(expected)
    return all(np.array_equal(value, expected[path]) for path, value in found.items())


def test_stored_arguments_are_adopted(saved):
    original, directory = saved
    model = cxrzoo.mobilenet_cxr(weights=directory)
    assert model.cxrzoo == original.cxrzoo
    assert same_tensors(model, original)


def test_what_needs_no_other_tensors_may_differ(saved):
    original, directory = saved
    model = cxrzoo.mobilenet_cxr(weights=directory, dropout=0.1, name="mine")
    assert (model.name, model.cxrzoo.arguments["dropout"]) == ("mine", 0.1)
    assert same_tensors(model, original)


def test_what_agrees_may_be_said(saved):
    original, directory = saved
    labels = list(original.cxrzoo.labels)
    model = cxrzoo.mobilenet_cxr(weights=directory, input_shape=[32, 32, 1], labels=labels)
    assert model.cxrzoo == original.cxrzoo


def test_without_top_the_backbone_is_taken(saved):
    original, directory = saved
    backbone = cxrzoo.mobilenet_cxr(weights=directory, include_top=False, pooling="avg")
    assert backbone.cxrzoo.labels == ()
    assert backbone.output_shape == (None, 256)
    assert same_tensors(backbone, original, only_backbone=True)


def test_the_lineage_comes_along(small, tmp_path):
    lineage = Lineage(recipe="modern", images=240)
    model = small("cnn_test1")
    model.cxrzoo = model.cxrzoo.with_lineage(lineage)
    save_pretrained(model, tmp_path / "model")
    for given in ({}, {"include_top": False}):
        assert cxrzoo.cnn_test1(weights=str(tmp_path / "model"), **given).cxrzoo.lineage == lineage


def test_another_size_is_taken_where_it_changes_no_tensor(saved):
    original, directory = saved
    model = cxrzoo.mobilenet_cxr(weights=directory, input_shape=(64, 48, 1))
    assert model.input_shape == (None, 64, 48, 1)
    assert same_tensors(model, original)


def test_logits_are_taken_from_the_same_tensors(saved, score, pixels):
    original, directory = saved
    model = cxrzoo.mobilenet_cxr(weights=directory, classifier_activation=None)
    probabilities = 1 / (1 + np.exp(-score(model, pixels()).astype("float64")))
    np.testing.assert_allclose(probabilities, score(original, pixels()), atol=1e-6)


def test_thresholds_stay_only_on_their_own_scale_of_scores(small, tmp_path):
    model = small("mobilenet_cxr")
    model.cxrzoo = replace(model.cxrzoo, thresholds={"Mass": 0.3})
    directory = str(save_pretrained(model, tmp_path / "model"))
    for given, kept in (
        ({}, {"Mass": 0.3}),
        ({"dropout": 0.1}, {"Mass": 0.3}),
        ({"classifier_activation": None}, None),
        ({"input_shape": (64, 64, 1)}, None),
        ({"include_top": False}, None),
    ):
        assert cxrzoo.mobilenet_cxr(weights=directory, **given).cxrzoo.thresholds == kept


@pytest.mark.parametrize(
    ("argument", "value", "hint"),
    [
        ("alpha", 0.5, "leave it out"),
        ("hidden_units", 9, "leave it out"),
        ("hidden_activation", "linear", "leave it out"),
        ("input_shape", (32, 32, 3), "'conv1/kernel' does not fit. Leave it out"),
        ("labels", ("Mass", "Edema"), r"cxrzoo\.replace_head\(model, labels\)"),
    ],
)
def test_what_does_not_agree_is_refused_with_a_hint(saved, argument, value, hint):
    with pytest.raises(ModelError, match=f"was built with {argument}=.*{hint}"):
        cxrzoo.mobilenet_cxr(weights=saved[1], **{argument: value})


def test_another_size_is_refused_where_it_changes_a_tensor(small, tmp_path):
    directory = str(save_pretrained(small("cnn_test1"), tmp_path / "model"))
    with pytest.raises(ModelError, match=r"was built with input_shape=.*'head_dense/kernel'"):
        cxrzoo.cnn_test1(weights=directory, input_shape=(64, 64, 1))


def test_another_builder_is_refused_and_the_right_one_named(saved):
    with pytest.raises(ModelError, match=r"holds weights of mobilenet_cxr, not of cnn_test1; .*"):
        cxrzoo.cnn_test1(weights=saved[1])


def test_a_backbone_gives_no_classifier(small, tmp_path):
    backbone = small("cnn_test1", include_top=False)
    directory = str(save_pretrained(backbone, tmp_path / "backbone"))
    assert cxrzoo.cnn_test1(weights=directory).cxrzoo == backbone.cxrzoo
    with pytest.raises(ModelError, match="has no classifier; pass include_top=False"):
        cxrzoo.cnn_test1(weights=directory, include_top=True)
