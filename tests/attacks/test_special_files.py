"""Pipes, sockets, devices and names that are none, wherever a path is taken: one clear error at once."""

import errno
import os
import signal
import socket
from pathlib import Path

import numpy as np
import pytest

import cxrzoo
from cxrzoo import artifacts, data, evaluation, export, images, opened
from cxrzoo.artifacts import push
from cxrzoo.convert.read import read_weights
from cxrzoo.errors import CxrZooError, DataError, DataNotFoundError, ImageError

pytestmark = pytest.mark.skipif(
    not hasattr(os, "mkfifo") or not hasattr(signal, "setitimer"), reason="POSIX has these files"
)

HERE = {
    "pipe": "pipe",
    "socket": "socket",
    "link to itself": "loop",
    "below a link to itself": "loop/x",
    "broken link": "broken",
    "link to a pipe": "to_pipe",
    "below a file": "file/x",
    "name of 300 bytes": "x" * 300,
    "path of 6,000 bytes": "/".join(["y" * 199] * 30),
    "nobody's home": "~nosuchuser/x",
    "null character": "a\0b",
    "byte that is no text": "\udcff",
}
FILES = {
    **HERE,
    "nothing": "",
    "folder": "folder",
    # To be read alone: what writes replaces what it is given, and root may replace a device.
    "endless device": "/dev/zero",
    "empty device": "/dev/null",
    "memory": "/proc/self/mem",
}


@pytest.fixture(scope="module")
def model(small):
    return small("cnn_test1")


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a socket's name must be short
    os.mkfifo("pipe")
    Path("folder").mkdir()
    Path("file").write_text("x")
    Path("loop").symlink_to("loop")
    Path("broken").symlink_to("gone")
    Path("to_pipe").symlink_to("pipe")
    Path("table.csv").write_text("image,a\nx.png,1\n")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        yield tmp_path


def checked(path):
    """Do as check_images, which says what it cannot read."""
    (problem,) = images.check_images([path])
    assert problem.reason == "unreadable"
    raise ImageError(problem.detail)


def one_row(path):
    targets = np.zeros((1, 1), np.float32)
    return data.Records(images=np.array([path], object), targets=targets, labels=("a",))


READERS = {
    "read_image": images.read_image,
    "ImageSpec.read": images.ImageSpec(8, 8).read,
    "check_images": checked,
    "from_pretrained": cxrzoo.from_pretrained,
    "selfcheck": artifacts.selfcheck,
    "pull": lambda path: artifacts.pull(path, "pulled"),
    "Scorer": cxrzoo.Scorer,
    "push_to_hub": lambda path: push.push_to_hub(path, "a/b", licence="CC0-1.0"),
    "export_pretrained": lambda path: export.export_pretrained(path, "x.onnx", format="onnx"),
    "records_from_csv": lambda path: cxrzoo.records_from_csv(path, labels=["a"]),
    "records_from_csv, images": lambda path: cxrzoo.records_from_csv(
        "table.csv", images=path, labels=["a"]
    ),
    "read_nih_entries": data.read_nih_entries,
    "read_predictions": lambda path: evaluation.read_predictions(path, labels=["a"]),
    "evaluate_predictions": lambda path: evaluation.evaluate_predictions(path, "table.csv"),
    "evaluate_predictions, truth": lambda path: evaluation.evaluate_predictions("table.csv", path),
    "Report.from_json": cxrzoo.Report.from_json,
    "open_pack": data.open_pack,
    "convert_file": lambda path: cxrzoo.convert_file(path, "densenet121_cxr", labels=["a"]),
    "read_weights": read_weights,
    "dataset": lambda path: one_row(path).dataset(image_size=8)[0],
    **{f"{name} of SETS": one.reader for name, one in data.SETS.items()},
}


def ended_well(call, path):
    """Return what is wrong with the way in which a call ended, or None."""
    old = signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, 5)
    try:
        call(path)
    except CxrZooError as error:
        text = str(error)
        return None if len(text) < 2000 and "\0" not in text else f"says {text[:200]!r}"
    except BaseException as error:  # noqa: BLE001 - told
        return f"{type(error).__name__}: {error!s:.100}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    return "took it"


def _too_long(*_):
    raise TimeoutError("hangs")


@pytest.mark.parametrize("name", READERS)
def test_what_is_no_file_is_said_wherever_one_is_read(place, name):
    wrong = {kind: ended_well(READERS[name], path) for kind, path in FILES.items()}
    assert not {kind: found for kind, found in wrong.items() if found}


@pytest.mark.parametrize("name", ["cxrzoo.json", "model.safetensors", "golden.safetensors"])
def test_a_pipe_among_the_files_of_a_model_is_said(place, honest, name):
    for path in honest.iterdir():
        Path("folder", path.name).write_bytes(path.read_bytes())
    for spoil in (os.mkfifo, lambda path: path.symlink_to("/dev/zero"), lambda p: p.mkdir()):
        path = Path("folder", name)
        path.rmdir() if path.is_dir() else path.unlink()
        spoil(path)
        assert not ended_well(lambda p: cxrzoo.from_pretrained(p, verify=True), "folder")


@pytest.mark.parametrize("name", ["index.json", "*.npy"])
def test_a_pipe_among_the_files_of_a_pack_is_said(place, name):
    records = data.load_sample()[:4]
    data.pack(records, "pack", 8)
    (path,) = Path("pack").glob(name)
    path.unlink()
    os.mkfifo(path)
    assert not ended_well(lambda p: data.open_pack(p)._shards, "pack")


WRITERS = {
    "save_pretrained": cxrzoo.save_pretrained,
    "pack": lambda _, path: data.pack(data.load_sample()[:1], path, 8),
    "cached_pack": lambda _, path: data.cached_pack(data.load_sample()[:1], path, 8),
    "export_model": lambda model, path: export.export_model(model, path, format="onnx"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_where_nothing_can_be_written_is_said(place, model, name):
    never = set(HERE) - {"broken link", "byte that is no text"}  # where a folder may be made
    wrong = {
        kind: ended_well(lambda path: WRITERS[name](model, path), HERE[kind]) for kind in never
    }
    assert not {kind: found for kind, found in wrong.items() if found}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("pipe", "pipe: not a file but a pipe"),
        ("to_pipe", "to_pipe: not a file but a pipe"),
        ("socket", "socket: not a file but a socket"),
        ("folder", "folder: not a file but a folder"),
        ("/dev/zero", "/dev/zero: not a file but a device"),
        ("loop", "links that lead round in a circle"),
        ("x" * 300, "…: not a file: the system takes no name of this length"),
        ("a\0b", r"a\{U\+0000\}b: no such file: no name holds a null character"),
        ("gone", "gone: no such file"),
        ("file/x", "no such file"),
    ],
)
def test_the_error_says_what_is_there(place, path, words):
    with pytest.raises(DataError, match=words):
        opened.open_file(path, DataError)


def test_what_is_absent_has_its_own_error_and_what_is_there_is_read(place):
    with pytest.raises(DataNotFoundError):
        opened.open_file("gone", ImageError, DataNotFoundError)
    with pytest.raises(ImageError):
        opened.open_file("folder", ImageError, DataNotFoundError)
    assert opened.read_file("file", 1, DataError) == b"x"
    with pytest.raises(DataError, match="larger than the 0 bytes"):
        opened.read_file("file", 0, DataError)
    with pytest.raises(DataError, match="larger than the 9 bytes"):  # its size is told as 0
        opened.read_file("/proc/self/status", 9, DataError)
    assert b"VmHWM" in opened.read_file("/proc/self/status", 2**20, DataError)
    with pytest.raises(TypeError):
        opened.open_file(0, DataError)  # not what is open under this number


def test_a_pipe_that_takes_the_files_place_is_not_waited_for(place, monkeypatch):
    regular = Path("file").stat()
    monkeypatch.setattr(os, "stat", lambda _: regular)
    assert not ended_well(lambda path: opened.open_file(path, DataError), "pipe")
    assert not ended_well(lambda path: opened.open_file(path, DataError), "socket")


def test_a_path_keeps_its_home_and_may_be_absent(place, monkeypatch):
    monkeypatch.setenv("HOME", str(place))
    assert opened.given_path("~/gone", DataError) == place / "gone"
    with pytest.raises(DataError, match="no such user"):
        opened.given_path("~nosuchuser", DataError)
    assert set(opened._REASONS) >= {errno.ELOOP, errno.ENAMETOOLONG, errno.ENOENT}
