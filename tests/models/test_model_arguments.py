import numpy as np
import pytest

import cxrzoo
from cxrzoo.errors import ModelError, UnknownModelError
from cxrzoo.models import entry


def short(value):
    """A test's name does not spell a number of 400 digits."""
    return "huge" if isinstance(value, int) and value > 1 << 60 else None


WRONG = [
    ("input_shape", (31, 32, 1)),
    ("input_shape", (32, 4096, 1)),
    ("input_shape", (32, 32, 2)),
    ("input_shape", (32, 32)),
    ("input_shape", (32.0, 32, 1)),
    ("input_shape", 32),
    ("input_shape", None),
    ("dropout", 1.0),
    ("dropout", -0.1),
    ("dropout", "0.5"),
    ("dropout", float("nan")),
    ("hidden_units", 0),
    ("hidden_units", False),
    ("hidden_units", 1 << 40),
    ("hidden_units", True),
    ("hidden_units", 10**400),
    ("include_top", 1),
    ("pooling", "mean"),
    ("pooling", True),
    ("classifier_activation", "tanh"),
    ("classifier_activation", len),
    ("name", "a/b"),
    ("name", ""),
    ("name", None),
    ("labels", "Mass"),
    ("labels", []),
    ("labels", None),
    ("labels", ["Mass", "Mass"]),
    ("labels", ["Mass", 3]),
    ("labels", [" "]),
    ("labels", ["Mass\x1b[2J"]),
    ("labels", [f"label {i}" for i in range(1025)]),
    ("alpha", 0),
    ("alpha", float("inf")),
    ("alpha", "1.0"),
    ("alpha", 10**400),
    ("hidden_activation", "gelu"),
    ("filters", (32,)),
    ("filters", (0, 64)),
    ("filters", 32),
    ("conv_activation", "tanh"),
    ("pool_between", None),
]


def one_line(caught):
    """The message, which must be one clear line."""
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 700
    return message


@pytest.mark.parametrize(("argument", "value"), WRONG, ids=short)
def test_a_wrong_argument_is_one_line_with_its_name_what_was_expected_and_what_came(
    small, argument, value
):
    builders = [name for name in cxrzoo.list_models() if argument in entry(name).defaults]
    assert builders
    for name in builders:
        with pytest.raises(ModelError) as caught:
            small(name, **{argument: value})
        message = one_line(caught)
        assert message.startswith(f"{name}: ")
        assert ("label" if argument == "labels" else f"{argument} must be ") in message
        assert argument == "labels" or f"received {value!r}"[:20] in message


@pytest.mark.deep
def test_an_unknown_argument_is_refused_with_the_nearest(small, model_name):
    with pytest.raises(ModelError, match="'drop_out' \\(nearest: 'dropout'\\)"):
        small(model_name, drop_out=0.5)


@pytest.mark.deep
def test_arguments_are_keywords_only(model_name):
    with pytest.raises(ModelError, match=f"{model_name} takes keyword arguments only"):
        getattr(cxrzoo, model_name)((32, 32, 1))


def test_numpy_numbers_and_lists_are_taken(small):
    model = small(
        "mobilenet_cxr",
        input_shape=[np.int64(32), np.int32(32), 1],
        hidden_units=np.int64(8),
        dropout=0,
        alpha=np.float32(0.25),
    )
    assert model.cxrzoo == small("mobilenet_cxr", dropout=0.0).cxrzoo


BOMBS = [
    ("cnn_test1", {"input_shape": (2048, 2048, 1)}),
    ("cnn_test2", {"input_shape": (2048, 2048, 3), "filters": (1024, 1024), "hidden_units": 8192}),
]


@pytest.mark.parametrize(("name", "arguments"), BOMBS)
def test_a_model_too_large_for_memory_is_refused_before_it_is_built(name, arguments):
    with pytest.raises(
        ModelError, match=r"would have [\d,]{11,} parameters; the most is"
    ) as caught:
        cxrzoo.create_model(name, **arguments)
    assert "input_shape, filters or hidden_units" in one_line(caught)


def test_an_unknown_model_is_refused_with_the_nearest():
    with pytest.raises(UnknownModelError, match="nearest: 'mobilenet_cxr'") as caught:
        cxrzoo.create_model("mobilnet_cxr")
    assert all(name in one_line(caught) for name in cxrzoo.list_models())


def test_models_are_listed_by_pattern():
    assert {"cnn_test1", "cnn_test2", "mobilenet_cxr"} <= set(cxrzoo.list_models())
    assert cxrzoo.list_models("cnn_*") == ["cnn_test1", "cnn_test2"]
    assert cxrzoo.list_models("alexnet*") == []


def test_imagenet_weights_are_refused_where_there_are_none(small):
    for name in ("cnn_test1", "cnn_test2"):
        with pytest.raises(ModelError, match=f"{name} has no ImageNet weights; pass weights=None"):
            small(name, weights="imagenet")
