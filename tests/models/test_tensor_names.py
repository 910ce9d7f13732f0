"""A tensor's name does not say how many other models the process has built."""

import threading

import keras
import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxrzoo
from cxrzoo.errors import ModelError
from cxrzoo.models.tensors import model_tensors, planned_shapes, stable_names, tensor_shapes

parts = st.sampled_from(["dense", "dense_1", "dense_7", "conv1", "variable_3", "block_2", "kernel"])
paths = st.lists(st.lists(parts, min_size=1, max_size=3).map("/".join), unique=True, max_size=12)


def unnamed():
    """A network in which nobody named anything, with layers inside layers."""
    inputs = keras.Input((8, 8, 2))
    inner = keras.Sequential([keras.layers.Conv2D(3, 2), keras.layers.BatchNormalization()])
    x = keras.layers.Flatten()(inner(inputs))
    x = keras.layers.Dense(4)(x)
    x = keras.layers.Dense(4, name="chosen_5")(x)
    return keras.Model(inputs, keras.layers.Dense(4)(x))


def test_unnamed_layers_are_numbered_within_the_model():
    names = [list(tensor_shapes(unnamed())) for _ in range(3)]
    assert names[0] == names[1] == names[2]
    assert names[0] == [
        "sequential/conv2d/kernel",
        "sequential/conv2d/bias",
        "sequential/batch_normalization/gamma",
        "sequential/batch_normalization/beta",
        "sequential/batch_normalization/moving_mean",
        "sequential/batch_normalization/moving_variance",
        "dense/kernel",
        "dense/bias",
        "chosen_5/kernel",
        "chosen_5/bias",
        "dense_1/kernel",
        "dense_1/bias",
    ]


def test_names_that_somebody_chose_stay():
    chosen = ["conv_pw_13/kernel", "block1_conv2/bias", "stage_3/variable", "head_dense/kernel"]
    assert stable_names(chosen) == {name: name for name in chosen}


@given(paths, st.randoms())
def test_names_neither_depend_on_the_order_nor_change_when_they_are_named_again(paths, random):
    names = stable_names(paths)
    shuffled = random.sample(paths, len(paths))
    assert stable_names(shuffled) == names
    assert stable_names(names.values()) == {name: name for name in names.values()}
    assert len(set(names.values())) == len(paths)


def test_two_tensors_of_one_path_are_refused():
    with pytest.raises(ModelError, match="two of the model's variables have the same path"):
        stable_names(["a/kernel", "a/kernel"])


def test_planning_takes_no_memory_leaves_nothing_behind_and_uses_up_no_random_numbers():
    def large():
        inputs = keras.Input((30_000,))
        return keras.Model(inputs, keras.layers.Dense(30_000)(inputs))  # 3.6 GB

    process = psutil.Process()
    before, threads = process.memory_info().rss, threading.active_count()
    keras.utils.set_random_seed(3)
    assert planned_shapes(large) == {"dense/kernel": (30_000, 30_000), "dense/bias": (30_000,)}
    planned = model_tensors(unnamed())
    with keras.StatelessScope():  # when it ends, Keras fills the variables that it has yet to fill
        pass
    assert process.memory_info().rss - before < 300e6
    assert threading.active_count() == threads
    keras.utils.set_random_seed(3)
    for name, value in model_tensors(unnamed()).items():
        np.testing.assert_array_equal(planned[name], value, strict=True)


def test_what_planning_raises_is_raised():
    def wrong():
        raise ModelError("not so")

    with pytest.raises(ModelError, match="not so"):
        planned_shapes(wrong)


def test_a_backbone_may_not_use_a_name_of_the_head():
    from cxrzoo.models.builder import build, describe  # noqa: PLC0415
    from cxrzoo.models.registry import entry  # noqa: PLC0415

    backbone = entry("cnn_test1")

    def network(pixels, **_):
        return keras.layers.Conv2D(2, 3, name="head_conv")(pixels)

    other = cxrzoo.models.Backbone(
        **{name: getattr(backbone, name) for name in backbone.__slots__} | {"network": network}
    )
    with pytest.raises(ModelError, match="the backbone cnn_test1 has a layer 'head_conv'"):
        build(other, describe(other, other.defaults))
