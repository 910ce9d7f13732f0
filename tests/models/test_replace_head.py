from dataclasses import replace

import keras
import numpy as np
import pytest

from cxrzoo import replace_head
from cxrzoo.errors import ModelError
from cxrzoo.models import model_tensors


def heads_and_backbones(tensors):
    head = {path for path in tensors if path.startswith(("head_", "predictions/"))}
    return head, set(tensors) - head


def test_the_backbone_is_kept_bit_for_bit_and_the_head_is_fresh(small, model_name):
    model = small(model_name)
    before = model_tensors(model)
    other = replace_head(model, ["Fracture", "Scoliosis"])
    found = model_tensors(other)
    head, backbone = heads_and_backbones(before)
    assert set(found) == set(before)
    for path in backbone:
        np.testing.assert_array_equal(found[path], before[path], strict=True)
    assert found["predictions/kernel"].shape == (8, 2)
    assert not np.array_equal(found["head_dense/kernel"], before["head_dense/kernel"])
    assert other.cxrzoo.labels == ("Fracture", "Scoliosis")
    assert other.output_shape == (None, 2)
    assert head


def test_the_original_is_left_alone(small, model_name):
    model = small(model_name)
    before, config = model_tensors(model), model.cxrzoo
    other = replace_head(model, ["Fracture"])
    for variable in other.weights:
        variable.assign(np.zeros(variable.shape))
    assert model.cxrzoo is config
    for path, value in model_tensors(model).items():
        np.testing.assert_array_equal(value, before[path], strict=True)


def test_a_backbone_gets_a_head(small, score, pixels, model_name):
    backbone = small(model_name, include_top=False, pooling="avg")
    model = replace_head(backbone, ["Fracture", "Scoliosis"])
    assert score(model, pixels()).shape == (2, 2)
    whole = model_tensors(model)
    for path, value in model_tensors(backbone).items():
        np.testing.assert_array_equal(whole[path], value, strict=True)


def test_arguments_lineage_and_aspect_are_kept(small):
    model = small("mobilenet_cxr", dropout=0.1, name="mine")
    model.cxrzoo = replace(model.cxrzoo, aspect="pad")
    other = replace_head(model, ["Fracture"])
    assert other.cxrzoo.arguments == model.cxrzoo.arguments
    assert other.cxrzoo.lineage == model.cxrzoo.lineage
    assert other.cxrzoo.aspect == "pad"
    assert other.cxrzoo.thresholds is None


def test_a_stranger_has_no_head_to_replace():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)], name="stranger")
    with pytest.raises(ModelError, match="'stranger' has no 'cxrzoo' config"):
        replace_head(model, ["Mass"])


def test_the_new_labels_are_checked(small):
    with pytest.raises(ModelError, match="'Mass' stands there twice"):
        replace_head(small("cnn_test1"), ["Mass", "Mass"])
