import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrzoo.errors import ConfigError, NewerFormatError
from cxrzoo.pretrained import FORMAT, Lineage, ModelConfig, config_from_json, config_to_json
from cxrzoo.strict_json import dump, parse_object

CONFIG = ModelConfig(
    "mobilenet_cxr",
    {"input_shape": (64, 64, 1), "alpha": 0.25, "include_top": True, "pooling": None},
    ("Mass", "Edema"),
    thresholds={"Mass": 0.25},
    licence="CC0-1.0",
    lineage=Lineage(recipe="modern", images=240, versions={"keras": "3.15.0"}),
)

words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40)
label_names = words.filter(str.strip)
counts = st.none() | st.integers(-(2**53) + 1, 2**53 - 1)
texts = st.none() | words
lineages = st.builds(
    Lineage,
    recipe=texts,
    started_from=texts,
    data=texts,
    split=texts,
    images=counts,
    patients=counts,
    seed=counts,
    epochs=counts,
    best_epoch=counts,
    backend=texts,
    versions=st.dictionaries(words, words, max_size=4),
)
arguments = st.fixed_dictionaries(
    {},
    optional={
        "input_shape": st.tuples(
            st.integers(32, 2048), st.integers(32, 2048), st.sampled_from([1, 3])
        ),
        "filters": st.tuples(st.integers(1, 1024), st.integers(1, 1024)),
        "hidden_units": st.integers(1, 8192),
        "dropout": st.floats(0, 0.95),
        "alpha": st.floats(0.05, 4),
        "pool_between": st.booleans(),
        "pooling": st.sampled_from([None, "avg", "max"]),
        "classifier_activation": st.sampled_from([None, "sigmoid", "relu", "softmax", "linear"]),
    },
)


@st.composite
def configs(draw):
    labels = tuple(draw(st.lists(label_names, min_size=1, max_size=5, unique=True)))
    numbers = st.floats(allow_nan=False, allow_infinity=False)
    chosen = st.dictionaries(st.sampled_from(labels), numbers)
    lines = st.dictionaries(st.sampled_from(labels), st.tuples(numbers, numbers))
    return ModelConfig(
        draw(st.from_regex(r"[a-z_][a-z0-9_]{0,20}", fullmatch=True)),
        draw(arguments),
        labels,
        thresholds=draw(st.none() | chosen),
        calibration=draw(st.none() | lines),
        licence=draw(texts),
        lineage=draw(lineages),
        aspect=draw(st.sampled_from(["stretch", "pad", "crop"])),
    )


def parse(value):
    return config_from_json(
        parse_object(json.dumps(value).encode(), source="here", error=ConfigError), source="here"
    )


def changed(*path, to):
    value = config_to_json(CONFIG)
    inner = value
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return value


@given(configs())
def test_a_description_survives_json(config):
    text = dump(config_to_json(config))
    assert (
        config_from_json(
            parse_object(text.encode(), source="here", error=ConfigError), source="here"
        )
        == config
    )


def test_the_description_is_frozen_and_keeps_no_hold_on_what_it_was_given():
    arguments, thresholds = {"dropout": 0.5}, {"Mass": 0.5}
    config = ModelConfig("cnn_test1", arguments, ["Mass"], thresholds=thresholds)
    arguments["dropout"] = thresholds["Mass"] = 0.1
    assert config.arguments["dropout"] == config.thresholds["Mass"] == 0.5
    assert config.labels == ("Mass",)
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.builder = "other"
    with pytest.raises(TypeError):
        config.thresholds["Mass"] = 0.9


def test_a_description_without_an_aspect_means_stretch_and_is_written_without():
    assert "aspect" not in config_to_json(CONFIG)
    assert parse(config_to_json(CONFIG)).aspect == "stretch"
    assert parse(changed("aspect", to="stretch")) == CONFIG
    padded = dataclasses.replace(CONFIG, aspect="pad")
    assert config_to_json(padded) == changed("aspect", to="pad")


def test_a_newer_format_says_to_upgrade():
    with pytest.raises(NewerFormatError, match=f"format {FORMAT + 1}.*Upgrade cxrzoo"):
        parse({"format": FORMAT + 1, "anything": "else"})


@pytest.mark.parametrize("version", [None, 0, -1, True, "1", 1.0, [1]])
def test_a_format_that_is_no_number_is_refused(version):
    with pytest.raises(ConfigError, match="'format' must be a whole number"):
        parse(changed("format", to=version))


@pytest.mark.parametrize("key", [key for key in config_to_json(CONFIG) if key != "format"])
def test_a_missing_key_is_named(key):
    value = config_to_json(CONFIG)
    del value[key]
    with pytest.raises(ConfigError, match=f"here lacks the key '{key}'"):
        parse(value)


@pytest.mark.parametrize("key", [field.name for field in dataclasses.fields(Lineage)])
def test_a_missing_key_of_the_lineage_is_named(key):
    value = config_to_json(CONFIG)
    del value["lineage"][key]
    with pytest.raises(ConfigError, match=f"here lacks the key '{key}'"):
        parse(value)


@pytest.mark.parametrize("inside", [(), ("lineage",)])
def test_an_unknown_key_is_named(inside):
    with pytest.raises(ConfigError, match=r"unknown .*'__reduce__'"):
        parse(changed(*inside, "__reduce__", to="os.system"))


def short(value):
    """A test's name does not spell a number of 400 digits."""
    return "huge" if isinstance(value, int) and value > 1 << 60 else None


WRONG = [
    (("builder",), "os.system"),
    (("builder",), ""),
    (("builder",), None),
    (("builder",), ["cnn_test1"]),
    (("arguments",), None),
    (("arguments",), []),
    (("arguments", "alpha"), 10**400),
    (("arguments", "alpha"), "x" * 121),
    (("arguments", "alpha"), "\x1b[2J"),
    (("arguments", "input_shape"), {"64": 1, "65": 1, "1": 1}),
    (("arguments", "input_shape"), [1] * 65),
    (("arguments", "input_shape"), [[[[1]]]]),
    (("arguments", "in/put"), 1),
    (("arguments", "x" * 65), 1),
    (("arguments",), {f"a{i}": 1 for i in range(65)}),
    (("arguments", "weights"), "imagenet"),
    (("arguments", "labels"), ["Mass"]),
    (("labels",), "Mass"),
    (("labels",), []),
    (("labels",), None),
    (("labels",), {"Mass": 1}),
    (("labels",), ["Mass", "Mass"]),
    (("labels",), ["Mass", ["Edema"]]),
    (("labels",), ["Mass", "\x1b]0;title\x07"]),
    (("labels",), ["Mass", "\ud800"]),
    (("labels",), [str(i) for i in range(2000)]),
    (("thresholds",), [0.5]),
    (("thresholds", "Hernia"), 0.5),
    (("thresholds", "Mass"), "0.5"),
    (("thresholds", "Mass"), True),
    (("thresholds", "Mass"), None),
    (("thresholds", "Mass"), 10**400),
    (("calibration",), [[1.0, 0.0]]),
    (("calibration",), {"Hernia": [1.0, 0.0]}),
    (("calibration",), {"Mass": 1.0}),
    (("calibration",), {"Mass": [1.0]}),
    (("calibration",), {"Mass": [1.0, "0"]}),
    (("aspect",), "zoom"),
    (("aspect",), None),
    (("aspect",), ["pad"]),
    (("licence",), 5),
    (("licence",), ""),
    (("licence",), "x" * 5000),
    (("lineage",), None),
    (("lineage",), "nih"),
    (("lineage", "images"), 2.5),
    (("lineage", "images"), 2**60),
    (("lineage", "images"), True),
    (("lineage", "recipe"), 7),
    (("lineage", "recipe"), {"name": "modern"}),
    (("lineage", "versions"), None),
    (("lineage", "versions"), {"keras": 3}),
    (("lineage", "versions"), {str(i): "1" for i in range(200)}),
]


@pytest.mark.parametrize(("path", "value"), WRONG, ids=short)
def test_a_wrong_type_or_bound_is_one_line_that_names_the_source(path, value):
    with pytest.raises(ConfigError) as caught:
        parse(changed(*path, to=value))
    message = str(caught.value)
    assert message.startswith("here")
    assert "\n" not in message
    assert len(message) < 700


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 10**400], ids=short)
def test_a_threshold_that_is_no_finite_number_makes_no_description(number):
    with pytest.raises(ValueError, match="Mass"):
        ModelConfig("cnn_test1", {}, ("Mass",), thresholds={"Mass": number})


def test_a_model_without_its_top_has_no_labels():
    with pytest.raises(ValueError, match="no labels"):
        ModelConfig("cnn_test1", {"include_top": False}, ("Mass",))
    assert ModelConfig("cnn_test1", {"include_top": False}, ()).labels == ()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    st.sampled_from(
        [
            *("builder", "arguments", "aspect", "labels", "thresholds", "calibration", "licence"),
            "lineage",
        ]
    ),
)
def test_whatever_stands_in_a_field_is_a_description_or_a_config_error(value, key):
    try:
        found = parse(changed(key, to=value))
    except ConfigError:
        return
    assert parse(config_to_json(found)) == found


def test_a_description_holds_no_control_characters():
    content = config_to_json(ModelConfig("cnn_test1", {}, ("Mass",)))
    content["lineage"]["recipe"] = "\x1b[31mred"
    with pytest.raises(ConfigError, match="lineage"):
        config_from_json(content, source="cxrzoo.json")
