import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save

from cxrzoo.errors import ArtifactNotFoundError, TensorError
from cxrzoo.pretrained import load_tensors, parse_tensors, save_tensors

TENSORS = {
    "conv1/kernel": np.arange(12, dtype="float32").reshape(2, 3, 2),
    "conv1_bn/gamma": np.array([1.5, -2.0], "float32"),
    "step": np.array(3.0, "float32"),
}
SHAPES = {name: value.shape for name, value in TENSORS.items()}
WHOLE = save(TENSORS)


def other(**changed):
    return save({**TENSORS, **{name.replace("__", "/"): value for name, value in changed.items()}})


def hand_made(header, data):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


HOSTILE = {
    "empty": (b"", "not a whole safetensors file|announces a header"),
    "a pickle": (
        b"\x80\x04\x95\x10\x00\x00\x00",
        "not a whole safetensors file|announces a header",
    ),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(500), "not a whole safetensors file|announces a header"),
    "cut short": (WHOLE[:-1], "not a whole safetensors file|announces a header"),
    "padded": (WHOLE + b"\0", "not a whole safetensors file|announces a header"),
    "a header of exabytes": (
        b"\xff" * 8 + WHOLE[8:],
        "not a whole safetensors file|announces a header",
    ),
    "a tensor missing": (
        save({k: v for k, v in TENSORS.items() if k != "step"}),
        r"lacks 1 tensor\(s\) \('step'\)",
    ),
    "a tensor extra": (
        other(backdoor=np.zeros(1, "float32")),
        r"holds 1 tensor\(s\) \('backdoor'\)",
    ),
    "a tensor misshapen": (
        other(conv1_bn__gamma=np.zeros((2, 1), "float32")),
        r"'conv1_bn/gamma' has shape \(2, 1\); the model's is \(2,\)",
    ),
    "a tensor of float64": (other(step=np.array(3.0)), "'step' has type float64"),
    "a tensor of int8": (other(step=np.array(3, "int8")), "'step' has type int8"),
    "NaN": (other(step=np.array(np.nan, "float32")), "'step' holds values that are not finite"),
    "infinity": (
        other(step=np.array(np.inf, "float16")),
        "'step' holds values that are not finite",
    ),
    "bfloat16": (
        hand_made({"step": {"dtype": "BF16", "shape": [], "data_offsets": [0, 2]}}, bytes(2)),
        "safetensors",
    ),
    "tensors that overlap": (
        hand_made(
            {
                name: {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
                for name in ("step", "conv1_bn/gamma")
            },
            bytes(8),
        ),
        "not a whole safetensors file|announces a header",
    ),
    "a shape that overflows": (
        hand_made(
            {"step": {"dtype": "F32", "shape": [2**62, 2**62], "data_offsets": [0, 4]}}, bytes(4)
        ),
        "not a whole safetensors file|announces a header",
    ),
}


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_tensors_are_read_as_they_were_written(tmp_path, dtype):
    path = tmp_path / "model.safetensors"
    save_tensors(TENSORS, path, dtype=dtype)
    found = load_tensors(path, SHAPES)
    assert set(found) == set(TENSORS)
    for name, value in TENSORS.items():
        np.testing.assert_array_equal(found[name], value, strict=True)
    assert {value.dtype.name for value in load_file(path).values()} == {dtype}
    assert [p.name for p in tmp_path.iterdir()] == ["model.safetensors"]


def test_tensors_that_do_not_lie_in_order_are_written_in_order(tmp_path):
    crooked = np.asfortranarray(np.arange(6, dtype="float32").reshape(2, 3))[:, ::-1]
    save_tensors({"a": crooked}, tmp_path / "a.safetensors")
    found = load_tensors(tmp_path / "a.safetensors", {"a": (2, 3)})
    np.testing.assert_array_equal(found["a"], crooked)


@pytest.mark.parametrize(("raw", "message"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_whole_in_one_line_that_names_it(tmp_path, raw, message):
    path = tmp_path / "model.safetensors"
    path.write_bytes(raw)
    with pytest.raises(TensorError, match=message) as caught:
        load_tensors(path, SHAPES)
    text = str(caught.value)
    assert text.startswith(str(path))
    assert "\n" not in text
    assert len(text) < 700


def test_a_file_larger_than_described_is_not_read(tmp_path):
    path = tmp_path / "model.safetensors"
    with path.open("wb") as file:
        file.write(WHOLE)
        file.truncate(1 << 36)  # 64 GiB, on paper
    with pytest.raises(TensorError, match="larger than the 60 bytes of tensors"):
        load_tensors(path, SHAPES)


def test_a_file_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(ArtifactNotFoundError, match="is not there"):
        load_tensors(tmp_path / "model.safetensors", SHAPES)
    with pytest.raises(ArtifactNotFoundError, match="not a file but a folder"):
        load_tensors(tmp_path, SHAPES)


@pytest.mark.parametrize(
    ("value", "dtype"), [(np.nan, "float32"), (-np.inf, "float32"), (70_000.0, "float16")]
)
def test_what_is_not_finite_as_stored_is_not_written(tmp_path, value, dtype):
    path = tmp_path / "model.safetensors"
    with pytest.raises(TensorError, match=f"'step' is not finite as {dtype}"):
        save_tensors({**TENSORS, "step": np.array(value, "float32")}, path, dtype=dtype)
    assert not list(tmp_path.iterdir())


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=9))
def test_damage_anywhere_is_refused_or_gives_finite_tensors_of_the_described_shapes(place, damage):
    raw = (WHOLE[:place] + damage + WHOLE[place + len(damage) :])[: len(WHOLE)]
    try:
        found = parse_tensors(raw, SHAPES, source="here")
    except TensorError:
        return
    assert {name: value.shape for name, value in found.items()} == SHAPES
    assert all(np.isfinite(value).all() for value in found.values())
