"""Small files of every layout, written by the publishers' own code: no PyTorch is needed to read them.

`write_weights.py` wrote them and their numbers.
"""

import hashlib

import pytest
from written_weights import FILES

from cxrzoo.convert import read_weights


@pytest.mark.parametrize("name", FILES)
def test_names_and_numbers_are_those_of_its_own_library(written, expected, same_numbers, name):
    weights = read_weights(written / name)
    torch = name.endswith(".pt")
    same_numbers(weights, expected[name], ordered=torch)
    assert weights.format == (
        "Keras HDF5"
        if name.endswith(".h5")
        else "safetensors"
        if not torch
        else "PyTorch legacy stream"
        if "legacy" in name
        else "PyTorch zip"
    )


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_told_by_name_hash_and_size(written, name):
    weights = read_weights(str(written / name))
    raw = (written / name).read_bytes()
    assert weights.name == name
    assert weights.size == len(raw)
    assert weights.sha256 == hashlib.sha256(raw).hexdigest()


@pytest.mark.parametrize("layout", ["zip", "legacy"])
def test_a_whole_module_has_the_names_of_its_state_dict(written, expected, layout):
    weights = read_weights(written / f"module_{layout}.pt")
    assert list(weights.tensors) == list(expected[f"state_dict_{layout}.pt"])
    assert "passing" not in weights.tensors  # a buffer that is not to be saved
    assert weights.other == ("class: torch.nn.modules.container.Sequential",)


@pytest.mark.parametrize("layout", ["zip", "legacy"])
def test_a_checkpoint_tells_what_else_is_in_it(written, layout):
    weights = read_weights(written / f"checkpoint_{layout}.pt")
    assert weights.model == "model"
    assert all(name.startswith("module.") for name in weights.tensors)
    told = dict(line.split(": ", 1) for line in weights.other)
    assert told["epoch"] == "3"
    assert told["args"] == "argparse.Namespace(lr=0.1, classes=['Mass', 'Edema'])"
    assert told["loss"] == "a tensor"
    assert told["optimizer"].startswith("{state: {0: ")
    assert set(told) == {"epoch", "optimizer", "args", "best", "loss"}


def test_tensors_that_share_a_storage_share_no_memory_once_read(written):
    weights = read_weights(written / "views_zip.pt")
    weights["whole"][:] = -1
    assert weights["shared"].min() == 0
    weights["transposed"][0, 0] = 5


def test_half_precisions_become_single(written):
    weights = read_weights(written / "types_zip.pt")
    assert weights.tensors["bfloat16"].dtype == "bfloat16"
    assert {weights[name].dtype.name for name in ("float16", "bfloat16")} == {"float32"}


@pytest.mark.parametrize("name", ["types_big_endian.pt", "types_legacy.pt"])
def test_the_order_of_bytes_does_not_show(written, name):
    for tensor in read_weights(written / name).tensors.values():
        assert tensor.read().dtype.isnative


def test_keras_names_are_paths_below_the_layers(written):
    weights = read_weights(written / "keras_gzip.h5")
    assert list(weights.tensors) == [
        "conv1/conv1/bias:0",
        "conv1/conv1/kernel:0",
        "predictions/predictions/bias:0",
        "predictions/predictions/kernel:0",
    ]
    assert weights.model == "model_weights"
    assert weights.other == ("model_config: present, not read",)


def test_notes_of_safetensors_are_told(written):
    assert read_weights(written / "types.safetensors").other == ("format: 'pt'",)
