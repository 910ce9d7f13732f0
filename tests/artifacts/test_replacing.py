"""A directory that is written again: whole at every moment, and what is not of the format stays."""

import copy
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest

from cxrzoo import directories
from cxrzoo.artifacts import pull
from cxrzoo.artifacts.directory import new_directory
from cxrzoo.errors import ArtifactError, ArtifactNotFoundError
from cxrzoo.files import write_whole
from cxrzoo.pretrained import open_artifact
from cxrzoo.pretrained.source import CONFIG_FILE

ROOT = Path(__file__).parents[2]
EMBEDDED = Path(directories.__file__).parent / "pretrained" / "embedded" / "nih-mini"
posix = pytest.mark.skipif(
    os.name != "posix", reason="Windows cannot exchange and hold directories"
)


@pytest.fixture(params=["exchanged", "renamed"])
def way(request, monkeypatch):
    if request.param == "renamed":  # as where the system cannot exchange two directories
        monkeypatch.setattr(directories, "_EXCHANGERS", {})
    return request.param


def write_model(directory, which="new", **options):
    with new_directory(directory, **options) as beside:
        shutil.copy(EMBEDDED / CONFIG_FILE, beside)
        for name in ("model.safetensors", "golden.safetensors"):
            (beside / name).write_text(which)
    return Path(directory)


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != CONFIG_FILE
    }


NEW = {"model.safetensors": "new", "golden.safetensors": "new"}


@posix
@pytest.mark.parametrize("renames", [False, True])
def test_a_reader_among_two_writers_never_misses_a_model_and_never_mixes_two(tmp_path, renames):
    spec = importlib.util.spec_from_file_location(
        "race", ROOT / "benchmarks" / "interruption" / "race.py"
    )
    race = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(race)
    options = SimpleNamespace(renames=renames)
    writers = [race.start(tmp_path / "model", options) for _ in range(2)]
    try:
        found, opens, until = set(), 0, time.monotonic() + 60
        # Until both were met: a busy machine may give a writer no turn during 300 opens.
        while opens < 300 or (found < {"0", "1"} and time.monotonic() < until):
            found.add(race.opened(tmp_path / "model"))
            opens += 1
    finally:
        for writer in writers:
            race.stop(writer)
    assert found == {"0", "1"}


@posix
def test_a_writer_killed_at_any_step_leaves_the_old_or_the_new_and_the_next_one_goes_on(tmp_path):
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(directories.__file__).parents[1]),
        # It computes nothing here, and a small process is quickly forked; Keras's NumPy needs JAX.
        **({"KERAS_BACKEND": "numpy"} if find_spec("jax") else {}),
    }
    ended = subprocess.run(
        [sys.executable, Path(__file__).parent / "killed_steps.py", tmp_path / "scratch"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    results = {one["name"]: one for one in map(json.loads, ended.stdout.splitlines())}
    assert {name: one["wrong"] for name, one in results.items() if one["wrong"]} == {}
    assert len(results) == 9
    assert sum(one["kills"] for one in results.values()) > 150
    for name in (
        "save",
        "pull",
        "export ",
        "save by renames",
    ):  # at some steps before, at some after
        assert set(results[name]["seen"]) == {"0", "1"}, results[name]


def test_what_is_not_of_the_format_stays(tmp_path, way):
    directory = write_model(tmp_path / "model", "old")
    foreign = {
        "notes.txt": "mine",
        ".git/objects/ab/cdef": "blob",
        "figures/roc.svg": "<svg/>",
        "README.md": "# A card, edited",
        "config.json": '{"not": "of Keras"}',
        ".hidden": "x",
    }
    for name, text in foreign.items():
        write_whole(directory / name, text)
    write_whole(directory / "report.json", "{}")  # of the old model
    (directory / "link").symlink_to("/nowhere")
    (directory / "empty").mkdir()
    write_model(directory)
    assert contents(directory) == {**foreign, **NEW}
    assert (directory / "link").is_symlink()
    assert (directory / "empty").is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_what_keras_would_read_of_the_old_model_goes_and_a_new_card_takes_the_old_ones_place(
    tmp_path, way
):
    directory = write_model(tmp_path / "model", "old")
    (directory / "config.json").write_text('{"module": "keras", "class_name": "Functional"}')
    (directory / "metadata.json").write_text('{"keras_version": "3.10.0"}')
    (directory / "model.weights.h5").write_bytes(b"\x89HDF\r\n")
    (directory / "README.md").write_text("of the old model")
    with new_directory(directory, card=True) as beside:
        for name, text in {**NEW, "README.md": "of the new one", CONFIG_FILE: "{}"}.items():
            (beside / name).write_text(text)
    assert contents(directory) == {**NEW, "README.md": "of the new one"}


def test_pull_into_a_checkout_keeps_it(tmp_path):
    directory = write_model(tmp_path / "checkout", "old")
    write_whole(directory / ".git" / "HEAD", "ref: refs/heads/main")
    write_whole(directory / "train.py", "print()")
    pull("nih-mini", directory)
    assert (directory / ".git" / "HEAD").read_text() == "ref: refs/heads/main"
    assert (directory / "train.py").read_text() == "print()"
    name = "model.safetensors"
    assert (directory / name).read_bytes() == (EMBEDDED / name).read_bytes()


def test_the_directorys_mode_stays(tmp_path, way):
    directory = write_model(tmp_path / "model")
    directory.chmod(0o750)
    write_model(directory)
    assert directory.stat().st_mode & 0o777 == 0o750


def test_what_came_under_a_name_that_is_taken_is_left_where_the_message_says(tmp_path, way):
    directory = write_model(tmp_path / "model", "old")
    (directory / "notes.txt").write_text("old notes")
    words = r"is written, but cxrzoo could not move over notes\.txt"
    with pytest.raises(ArtifactError, match=words), new_directory(directory) as beside:
        (beside / CONFIG_FILE).write_text("{}")
        (beside / "notes.txt").write_text("new notes")
    (left,) = (path for path in tmp_path.iterdir() if path != directory)
    assert contents(left) == {"notes.txt": "old notes"}
    write_model(directory)  # cleaning up deletes no notes either
    assert contents(left) == {"notes.txt": "old notes"}


@posix
def test_a_model_that_a_killed_writer_had_moved_away_is_put_back_by_the_next_open_or_save(tmp_path):
    directory = tmp_path / "model"
    for act in (open_artifact, lambda path: write_model(path, "newer")):
        write_model(directory, "old")
        directory.rename(tmp_path / ".model.0a1b2c3d.partial.old")
        shutil.copytree(EMBEDDED, tmp_path / ".model.0a1b2c3d.partial")
        act(directory)
        assert (directory / "model.safetensors").read_text() in ("old", "newer")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    with pytest.raises(ArtifactNotFoundError, match="there is no model"):
        open_artifact(tmp_path / "mode")


@posix
def test_cleaning_up_spares_what_others_write_and_models_with_longer_names(tmp_path):
    spared = [
        ".model.v2.0a1b2c3d.partial",
        ".models.0a1b2c3d.partial",
        ".model.partial",
        "model.partial",
    ]
    for name in spared:
        (tmp_path / name).mkdir()
    (tmp_path / ".model.deadbeef.partial").mkdir()
    with new_directory(tmp_path / "model") as first:
        write_model(tmp_path / "model", "second")
        assert first.is_dir()
        (first / CONFIG_FILE).write_text("{}")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*spared, "model"])
    assert not (tmp_path / "model" / "model.safetensors").exists()  # the last one wins, whole


@posix
def test_an_open_model_is_read_to_its_end_though_another_one_takes_its_place(tmp_path, way):
    directory = write_model(tmp_path / "model", "old")
    artifact = open_artifact(directory)
    with pytest.raises(TypeError, match="open files cannot be copied"):
        copy.copy(artifact.held)
    write_model(directory)
    (directory / "report.json").write_text("{}")
    assert artifact.read("model.safetensors") == artifact.read("golden.safetensors") == b"old"
    assert artifact.files == ("cxrzoo.json", "golden.safetensors", "model.safetensors")
    assert open_artifact(directory).read("model.safetensors") == b"new"


@pytest.mark.parametrize("limit", ["no holding", "no more files"])
def test_where_files_cannot_be_held_a_mixture_is_refused(tmp_path, monkeypatch, limit):
    from cxrzoo.pretrained import held  # noqa: PLC0415

    directory = write_model(tmp_path / "model", "old")
    with monkeypatch.context() as patched:
        if limit == "no holding":
            patched.setattr(held, "_CAN_HOLD", False)
        else:
            real = os.open

            def full(path, flags, *arguments, dir_fd=None, **given):
                if dir_fd is not None:
                    raise OSError(24, "Too many open files")
                return real(path, flags, *arguments, dir_fd=dir_fd, **given)

            patched.setattr(os, "open", full)
        artifact = open_artifact(directory)
    assert artifact.read("model.safetensors") == b"old"
    write_model(directory)
    for name in ("model.safetensors", "golden.safetensors"):
        with pytest.raises(ArtifactError, match="was replaced by another model while it was read"):
            artifact.read(name)


@posix
def test_files_are_closed_when_the_model_is_forgotten(tmp_path):
    directory = write_model(tmp_path / "model")
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(20):
        open_artifact(directory)
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_places_that_no_model_can_take_are_refused_in_a_sentence(tmp_path, monkeypatch):
    def refused(directory, words):
        with pytest.raises(ArtifactError, match=words) as raised, new_directory(directory):
            pytest.fail("nothing was refused")
        assert "\n" not in str(raised.value)
        assert ".partial" not in str(raised.value)

    refused("/proc" if Path("/proc").is_mount() else "/", "is a mount point, which cannot be")
    refused(tmp_path / ("a" * 300), "takes no name of this length")
    refused(tmp_path / "a\0b", "null character")
    (tmp_path / "round").symlink_to(tmp_path / "round")
    refused(tmp_path / "round", "links that lead round")
    (tmp_path / "file").write_text("")
    refused(tmp_path / "file", "holds something else")
    directory = write_model(tmp_path / "model")
    monkeypatch.setattr(os, "access", lambda *_: False)
    refused(directory, r"is read-only, and is left as it is. Make it writable \(chmod u\+w\)")
    monkeypatch.undo()

    def denied(*_, **__):
        raise PermissionError(13, "Permission denied", ".model.0a1b2c3d.partial")

    monkeypatch.setattr(Path, "mkdir", denied)
    refused(directory, r"Permission denied; cxrzoo writes beside it .* must be writable too")
    monkeypatch.undo()
    monkeypatch.chdir(directory)
    refused(".", "is the folder you stand in")
    assert contents(directory) == NEW


def test_a_mount_that_is_not_seen_as_one_is_refused_and_nothing_is_lost(tmp_path, monkeypatch):
    directory = write_model(tmp_path / "model")
    real = Path.rename

    def busy(path, target):
        if path == directory:
            raise OSError(16, "Device or resource busy", str(path))
        return real(path, target)

    monkeypatch.setattr(Path, "rename", busy)
    monkeypatch.setattr(directories, "_exchange", lambda *_: False)  # the system says EBUSY too
    with pytest.raises(ArtifactError, match=r"it may be a mount point, .* name a folder in it"):
        write_model(directory, "newer")
    assert contents(directory) == NEW
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_the_longest_name_can_be_written_again(tmp_path, way):
    directory = write_model(tmp_path / ("m" * 255), "old")
    write_model(directory)
    assert contents(directory) == NEW
    assert len(list(tmp_path.iterdir())) == 1
