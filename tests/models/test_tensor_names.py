"""A tensor's name does not say how many other models the process has built."""

import sys
import threading

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save_file

import cxrzoo
from cxrzoo.errors import ModelError, TensorError
from cxrzoo.models import register_backbone, registry
from cxrzoo.models.arguments import integer
from cxrzoo.models.backbone import LAST, UNIT
from cxrzoo.models.tensors import (
    assign_tensors,
    in_counted_order,
    model_tensors,
    planned_shapes,
    stable_names,
    tensor_shapes,
)

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


def test_a_chosen_name_that_looks_like_keras_own_is_numbered_by_its_place():
    def mixed():
        inputs = keras.Input((4,))
        x = keras.layers.Dense(4)(inputs)
        x = keras.layers.Activation("tanh")(x)
        return keras.Model(inputs, keras.layers.Dense(4, name="dense_20")(x))

    first = mixed()
    names = list(tensor_shapes(first))
    assert names == ["dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"]
    for _ in range(25):  # what Keras counts goes past the chosen number
        keras.layers.Dense(1)
    second = mixed()
    assert list(tensor_shapes(second)) == names
    assign_tensors(second, model_tensors(first))
    rows = np.ones((1, 4), "float32")
    outputs = [keras.ops.convert_to_numpy(model(rows)) for model in (first, second)]
    np.testing.assert_array_equal(*outputs)


@given(paths)
def test_a_model_read_again_has_the_names_that_it_had(paths):
    names = stable_names(paths)
    assert len(set(names.values())) == len(paths)
    again = stable_names(names.values())
    assert again == {name: name for name in names.values()}


@given(paths, st.randoms())
def test_names_without_a_model_are_numbered_as_keras_counted_them(paths, random):
    shuffled = random.sample(paths, len(paths))
    assert stable_names(in_counted_order(shuffled)) == stable_names(in_counted_order(paths))
    counted = in_counted_order(["dense_10/kernel", "dense_9/kernel", "dense/kernel"])
    assert counted == ["dense/kernel", "dense_9/kernel", "dense_10/kernel"]


def test_two_tensors_of_one_path_are_refused():
    with pytest.raises(ModelError, match="two of the model's variables have the same path"):
        stable_names(["a/kernel", "a/kernel"])


def peak():
    """The most bytes of memory that the process has taken."""
    resource = pytest.importorskip("resource", reason="the count of memory is Unix's")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def test_planning_takes_no_memory_and_leaves_nothing_behind():
    def large():
        inputs = keras.Input((30_000,))
        return keras.Model(inputs, keras.layers.Dense(30_000)(inputs))  # 3.6 GB

    before, threads = peak(), threading.active_count()
    assert planned_shapes(large) == {"dense/kernel": (30_000, 30_000), "dense/bias": (30_000,)}
    with keras.StatelessScope():  # when it ends, Keras fills the variables that it has yet to fill
        pass
    assert peak() - before < 300e6
    assert threading.active_count() == threads


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


def test_weights_of_unnamed_layers_with_one_missing_are_refused(tmp_path):
    from cxrzoo.models.backbone_file import read_backbone_file  # noqa: PLC0415

    shapes = {f"conv2d{(place and f'_{place}') or ''}/kernel": (3, 3, 1, 1) for place in range(4)}
    tensors = {name: np.zeros(shape, "float32") for name, shape in shapes.items()}
    del tensors["conv2d_2/kernel"]
    save_file(tensors, tmp_path / "gap.safetensors")
    with pytest.raises(TensorError, match="which ones are missing cannot be told"):
        read_backbone_file(tmp_path / "gap.safetensors", shapes, grey="conv2d/kernel")


def network(pixels, *, weights=None, width: int = 3):
    """A convolution.

    Args:
        width: its channels.
    """
    return keras.layers.Conv2D(width, 3, 4, name="conv")(pixels)


def undocumented(pixels, *, weights=None, width: int = 3):
    """A convolution."""


SOUND = {
    "scaling": UNIT,
    "first_kernel": "conv/kernel",
    "features": {4: LAST},
    "arguments": {"width": integer(1, 9)},
}


@pytest.mark.parametrize(
    ("function", "changed", "message"),
    [
        (network, {"hiden_units": 4}, "'hiden_units' is no argument that every builder has"),
        (
            network,
            {"dropout": 7},
            "the default of dropout must be a number from 0 to 0.95; it is 7",
        ),
        (network, {"arguments": {}}, "'width' must be both a keyword-only argument"),
        (network, {"arguments": {"width": integer(4, 9)}}, "the default of width must be"),
        (network, {"arguments": {"dropout": integer(1, 9)}}, "'dropout' is an argument that every"),
        (undocumented, {}, "the docstring's 'Args:' lack 'width'"),
    ],
)
def test_a_backbone_that_would_fail_later_is_refused_when_it_is_registered(
    function, changed, message
):
    with pytest.raises(ModelError, match=f"{function.__name__} cannot be registered: .*{message}"):
        register_backbone(**{**SOUND, **changed})(function)
    assert function.__name__ not in cxrzoo.list_models()


def test_what_a_network_refuses_is_one_clear_error():
    def narrow(pixels, *, weights=None):
        """A network that takes large images only."""
        raise ValueError(f"Input size must be at least 75x75;\nreceived {pixels.shape[1:3]}")

    builder = register_backbone(**{**SOUND, "arguments": {}})(narrow)
    try:
        with pytest.raises(ModelError, match=r"narrow cannot be built .* at least 75x75; received"):
            builder(input_shape=(32, 32, 1))
        with pytest.raises(ModelError, match="weights must be None, 'imagenet', a name or a path"):
            builder(weights=3)
    finally:
        registry._BACKBONES.pop("narrow")
