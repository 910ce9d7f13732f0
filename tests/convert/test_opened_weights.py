"""What is given as a file: regular, whole, unchanged; never waited for."""

import os
import socket

import pytest

from cxrzoo.convert import read_weights
from cxrzoo.errors import ArtifactNotFoundError, TensorError


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(ArtifactNotFoundError, match="no such file"):
        read_weights(tmp_path / "none.pt")


def test_a_name_with_a_zero_byte_is_said():
    with pytest.raises(ArtifactNotFoundError):
        read_weights("a\0b")


def test_a_folder_is_said(tmp_path):
    with pytest.raises(ArtifactNotFoundError, match=r"a folder|cannot be opened"):
        read_weights(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes by name here")
def test_a_pipe_is_said_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.pt")
    with pytest.raises(ArtifactNotFoundError, match="not a file but a pipe"):
        read_weights(tmp_path / "pipe.pt")


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no sockets by name here")
def test_a_socket_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("weights.pt")
        with pytest.raises(ArtifactNotFoundError):
            read_weights("weights.pt")


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="there is no such device here")  # noqa: PTH110
def test_an_endless_device_is_said():
    with pytest.raises(ArtifactNotFoundError, match="not a file but a device"):
        read_weights("/dev/zero")


def test_a_file_of_eight_terabytes_is_not_read(tmp_path, written):
    path = tmp_path / "large.pt"
    path.write_bytes((written / "state_dict_legacy.pt").read_bytes())
    os.truncate(path, 1 << 43)
    with pytest.raises(TensorError, match="the most that is read"):
        read_weights(path)


@pytest.mark.parametrize("name", ["state_dict_zip.pt", "state_dict_legacy.pt"])
def test_a_file_that_changes_later_is_not_mixed_with_the_old(tmp_path, written, name):
    path = tmp_path / name
    raw = bytearray((written / name).read_bytes())
    path.write_bytes(raw)
    weights = read_weights(path)
    before = weights["conv.weight"]
    path.write_bytes(raw + b"x")
    with pytest.raises(TensorError, match="changed while it was read"):
        weights["conv.weight"]
    path.unlink()  # and another put in its place: what was opened is still read
    assert before.shape == (3, 1, 3, 3)


def test_a_file_that_was_replaced_is_read_as_it_was(tmp_path, written):
    path = tmp_path / "weights.pt"
    path.write_bytes((written / "state_dict_zip.pt").read_bytes())
    weights = read_weights(path)
    before = weights["conv.weight"]
    (tmp_path / "other").write_bytes(b"other")
    (tmp_path / "other").replace(path)
    assert weights["conv.weight"].tolist() == before.tolist()


def test_numbers_are_read_only_when_they_are_asked_for(tmp_path, written):
    path = tmp_path / "weights.safetensors"
    path.write_bytes((written / "types.safetensors").read_bytes())
    weights = read_weights(path)
    os.truncate(path, path.stat().st_size - 1)
    assert weights.tensors["float32"].shape == (4,)
    with pytest.raises(TensorError):
        weights["float32"]
