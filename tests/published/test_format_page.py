"""docs/format.md is enough: a model read by that page alone, without cxrzoo, Keras or safetensors."""

import base64
import hashlib
import json
import struct

import keras
import numpy as np
import pytest

TYPES = {"F32": "<f4", "F16": "<f2", "U8": "u1"}


def read_tensors(path):
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    header.pop("__metadata__", None)
    body = raw[8 + length :]
    tensors, used = {}, 0
    for name, entry in header.items():
        first, end = entry["data_offsets"]
        values = np.frombuffer(body[first:end], TYPES[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"])
        used = max(used, end)
    assert used == len(body)
    return tensors


def convolution(x, kernel, bias):
    """Valid, stride 1: ``(h, w, in)`` to ``(h', w', out)``."""
    height, width = kernel.shape[:2]
    windows = np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(0, 1))
    return np.einsum("xyihw,hwio->xyo", windows, kernel) + bias


def halved(x):
    """Max-pooling 2 x 2."""
    height, width = x.shape[0] // 2, x.shape[1] // 2
    return x[: 2 * height, : 2 * width].reshape(height, 2, width, 2, -1).max(axis=(1, 3))


def relu(x):
    return np.maximum(x, 0)


@pytest.fixture(scope="module")
def description(saved_once):
    return json.loads((saved_once / "cxrzoo.json").read_text("utf-8"))


def test_a_model_computes_its_golden_outputs_from_the_page_alone(saved_once, description):
    """cnn_test1 in NumPy: what the page and the builder's docstring say, and nothing else."""
    assert description["format"] == 1
    assert description["builder"] == "cnn_test1"
    assert description["arguments"]["pool_between"] is True
    w = read_tensors(saved_once / "model.safetensors")
    golden = read_tensors(saved_once / "golden.safetensors")
    assert golden["inputs"].shape[1:] == tuple(description["arguments"]["input_shape"])
    for pixels, expected in zip(golden["inputs"], golden["outputs"], strict=True):
        x = pixels / 255
        x = halved(relu(convolution(x, w["conv1/kernel"], w["conv1/bias"])))
        x = halved(relu(convolution(x, w["conv2/kernel"], w["conv2/bias"])))
        x = relu(x.ravel() @ w["head_dense/kernel"] + w["head_dense/bias"])
        x = 1 / (1 + np.exp(-(x @ w["predictions/kernel"] + w["predictions/bias"])))
        assert len(x) == len(description["labels"])
        assert np.abs(x - expected).max() < golden["tolerance"][0] / 100


def test_patient_sets_are_what_the_page_says(description, sample_parts):
    identifiers = sorted(set(sample_parts.train.patients))
    whole = b"".join(name.encode() + b"\0" for name in identifiers)
    (found,) = description["lineage"]["trained_on"]
    salt = hashlib.sha256(whole).digest()[:16]
    assert found["salt"] == salt.hex()
    members = sorted(hashlib.sha256(salt + name.encode()).digest()[:5] for name in identifiers)
    assert base64.b64decode(found["members"]) == b"".join(members)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_tensors_are_named_by_variable_path(small, model_name, tmp_path, dtype):
    from cxrzoo import save_pretrained  # noqa: PLC0415 - the writer; the reader is this file

    model = small(model_name)
    tensors = read_tensors(
        save_pretrained(model, tmp_path / "m", dtype=dtype) / "model.safetensors"
    )
    assert {name: value.shape for name, value in tensors.items()} == {
        variable.path: tuple(variable.shape) for variable in model.weights
    }
    for variable in model.weights:
        expected = keras.ops.convert_to_numpy(variable.value).astype(dtype)
        np.testing.assert_array_equal(tensors[variable.path], expected)


def test_every_key_that_is_written_is_on_the_page(description):
    from pathlib import Path  # noqa: PLC0415

    page = Path(__file__).parent.parent.parent / "docs" / "format.md"
    if not page.is_file():
        pytest.skip("the docs are not beside these tests")
    text = page.read_text("utf-8")
    for keys in (description, description["arguments"], description["lineage"]):
        for key in keys:
            assert f"`{key}`" in text, key
