"""Beside PyTorch itself, where it is installed: names and numbers are those of `torch.load`."""

import io
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import write_weights  # noqa: E402 - what follows needs PyTorch

from cxrzoo.convert import read_weights  # noqa: E402 - as above
from cxrzoo.convert.opened import OpenedFile  # noqa: E402 - as above
from cxrzoo.convert.torch_zip import read_directory  # noqa: E402 - as above

pytestmark = pytest.mark.filterwarnings("ignore")  # PyTorch's, of its own legacy layout


@pytest.fixture(scope="module")
def fresh():
    return write_weights.contents()


def numbers(state):
    halves = (torch.bfloat16, torch.float16)
    return {
        key: (value.float() if value.dtype in halves else value).detach().numpy()
        for key, value in state.items()
    }


def test_every_layout_written_now_is_read_as_its_own_library_reads_it(
    fresh, tmp_path, same_numbers
):
    for name, raw in fresh.items():
        (tmp_path / name).write_bytes(raw)
        weights = read_weights(tmp_path / name)
        same_numbers(weights, write_weights.expected(name, raw), ordered=name.endswith(".pt"))


def test_the_entries_of_a_zip_are_those_of_zipfile(fresh, tmp_path):
    raw = fresh["checkpoint_zip.pt"]
    (tmp_path / "zip.pt").write_bytes(raw)
    entries = read_directory(OpenedFile(tmp_path / "zip.pt"))
    with zipfile.ZipFile(io.BytesIO(raw)) as file:
        assert set(entries) == set(file.namelist())
        for name, entry in entries.items():
            assert raw[entry.at : entry.at + entry.size] == file.read(name)


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_protocol_of_pickle(tmp_path, same_numbers, protocol, legacy):
    net = write_weights.network()
    path = tmp_path / "net.pt"
    torch.save(
        {"model": net, "epoch": 1},
        path,
        pickle_protocol=protocol,
        _use_new_zipfile_serialization=not legacy,
    )
    weights = read_weights(path)
    same_numbers(weights, numbers(net.state_dict()))
    assert weights.other == ("class: torch.nn.modules.container.Sequential", "epoch: 1")


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "complex64", "float8_e4m3fn"])
def test_types_that_no_weights_have_are_refused(tmp_path, dtype):
    torch.save({"w": torch.zeros(4).to(getattr(torch, dtype))}, tmp_path / "w.pt")
    with pytest.raises(ValueError, match="those that are read are"):
        read_weights(tmp_path / "w.pt")


def test_a_module_in_data_parallel_keeps_its_prefix(tmp_path, same_numbers):
    net = torch.nn.DataParallel(write_weights.network())
    torch.save(net, tmp_path / "net.pt")
    weights = read_weights(tmp_path / "net.pt")
    same_numbers(weights, numbers(net.state_dict()))
    assert all(name.startswith("module.") for name in weights.tensors)


def test_a_module_that_shares_its_parts_has_each_name(tmp_path, same_numbers):
    inner = torch.nn.Linear(2, 2)
    net = torch.nn.Sequential(inner, torch.nn.ReLU(), inner, torch.nn.Dropout())
    net.register_parameter("none", None)
    torch.save(net, tmp_path / "net.pt")
    same_numbers(read_weights(tmp_path / "net.pt"), numbers(net.state_dict()))


def test_a_module_saved_before_1_6_has_no_set_of_passing_buffers(tmp_path, same_numbers):
    net = write_weights.network()
    del net._buffers["passing"]
    for module in net.modules():
        del module.__dict__["_non_persistent_buffers_set"]
    torch.save(net, tmp_path / "net.pt", _use_new_zipfile_serialization=False)
    same_numbers(read_weights(tmp_path / "net.pt"), numbers(write_weights.network().state_dict()))


@pytest.fixture(scope="module")
def densenet():
    """torchxrayvision's own DenseNet121 with random weights and random BatchNorm statistics."""
    if find_spec("torchxrayvision") is None:
        pytest.skip("torchxrayvision is not installed")
    benchmarks = str(Path(__file__).parents[2] / "benchmarks" / "speed")
    sys.path.append(benchmarks)
    from peer_torchxrayvision import xrv  # noqa: PLC0415 - where it is installed

    sys.path.remove(benchmarks)
    torch.manual_seed(0)
    net = xrv.models.DenseNet(num_classes=18, in_channels=1).eval()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            torch.nn.init.normal_(module.weight)
    return net


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("whole", [False, True])
def test_torchxrayvision_as_it_publishes(tmp_path, densenet, same_numbers, whole, legacy):
    path = tmp_path / "densenet.pt"
    saved = densenet if whole else densenet.state_dict()
    torch.save(saved, path, _use_new_zipfile_serialization=not legacy)
    weights = read_weights(path)
    loaded = torch.load(path, weights_only=False)
    same_numbers(weights, numbers(loaded.state_dict() if whole else loaded))
    assert len(weights.tensors) == 727
    assert sum(np.size(weights[name]) for name in weights.tensors) > 6_900_000
    if whole:
        assert weights.other == ("class: torchxrayvision.models.DenseNet",)
