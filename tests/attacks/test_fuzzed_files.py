"""Whatever the bytes are: the model loads whole, or one typed error comes."""

import contextlib
import json

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from cxrzoo.errors import ConfigError, CxrZooError, TensorError
from cxrzoo.pretrained import ModelConfig, config_from_json, config_to_json, parse_tensors
from cxrzoo.pretrained.golden import parse_golden
from cxrzoo.strict_json import parse_object

QUICK = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["cnn_test1", "sigmoid", "../..", "Mass", 10**30, -1]),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4)
    ),
    max_leaves=12,
)


def read(raw):
    return config_from_json(parse_object(raw, source="here", error=ConfigError), source="here")


@pytest.fixture(scope="module")
def description(honest):
    return json.loads((honest / "cxrzoo.json").read_text())


@pytest.fixture(scope="module")
def tensors(honest):
    raw = (honest / "model.safetensors").read_bytes()
    return raw, {name: value.shape for name, value in load(raw).items()}


@QUICK
@given(st.binary(max_size=400))
def test_any_bytes_as_a_description(raw):
    with pytest.raises(ConfigError):
        read(raw)


@QUICK
@given(data=st.data())
def test_any_value_in_any_place_of_a_description(description, data):
    value = json.loads(json.dumps(description))
    inner = value
    while True:
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(inner[key], dict | list) and inner[key] and data.draw(st.booleans()):
            inner = inner[key]
            continue
        inner[key] = data.draw(json_values)
        break
    raw = json.dumps(value).encode()
    try:
        config = read(raw)
    except ConfigError:
        return
    assert isinstance(config, ModelConfig)
    assert read(json.dumps(config_to_json(config)).encode()) == config


@QUICK
@given(data=st.data())
def test_any_edit_of_a_descriptions_bytes(description, data):
    raw = bytearray(json.dumps(description).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ConfigError):
        assert isinstance(read(bytes(raw)), ModelConfig)


@QUICK
@given(st.binary(max_size=400))
def test_any_bytes_as_tensors(raw):
    with pytest.raises(TensorError):
        parse_tensors(raw, {"x": (2,)}, source="here")
    with pytest.raises(TensorError):
        parse_golden(raw, input_shape=(2, 2, 1), output_shape=(1,), source="here")


@QUICK
@given(data=st.data())
def test_any_edit_of_a_tensors_files_bytes(tensors, data):
    given_raw, shapes = tensors
    raw = bytearray(given_raw)
    header = 8 + int.from_bytes(raw[:8], "little")
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, header - 1))] = data.draw(st.integers(0, 255))
    assume(bytes(raw) != given_raw)
    try:
        found = parse_tensors(bytes(raw), shapes, source="here")
    except TensorError:
        return
    assert {name: value.shape for name, value in found.items()} == shapes


@QUICK
@given(cut=st.integers(0, 3000), extra=st.binary(max_size=20))
def test_any_cut_or_padding_of_a_tensors_file(tensors, cut, extra):
    raw, shapes = tensors
    spoiled = raw[: max(0, len(raw) - cut)] + extra
    assume(spoiled != raw)
    if len(spoiled) == len(raw):
        return
    with pytest.raises(TensorError):
        parse_tensors(spoiled, shapes, source="here")


@QUICK
@given(
    header=st.dictionaries(
        st.text(max_size=8),
        st.fixed_dictionaries(
            {},
            optional={
                "dtype": st.sampled_from(["F32", "F16", "BF16", "F64", "I64", "BOOL", "X"]),
                "shape": st.lists(st.integers(-1, 2**64), max_size=4),
                "data_offsets": st.lists(st.integers(-1, 2**64), max_size=3),
            },
        )
        | json_values,
        max_size=4,
    ),
    body=st.binary(max_size=64),
)
def test_any_header(header, body):
    text = json.dumps(header).encode()
    raw = len(text).to_bytes(8, "little") + text + body
    try:
        parse_tensors(raw, {"x": (2,)}, source="here")
    except CxrZooError as error:
        assert isinstance(error, TensorError)
    else:
        assert list(load(raw)) == ["x"]


def test_a_whole_file_is_still_read(tensors):
    raw, shapes = tensors
    assert set(parse_tensors(save(load(raw)), shapes, source="here")) == set(shapes)
