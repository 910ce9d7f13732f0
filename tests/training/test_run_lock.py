"""Two runs in one directory: the second is refused with a sentence, and a killed one locks nothing."""

import errno
import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from forked import Process
from test_runs import QUIET, TINY

import cxrzoo
from cxrzoo.errors import CxrZooWarning, TrainingError
from cxrzoo.training import lock, start
from cxrzoo.training import run as run_module
from cxrzoo.training.folder import run_folder_for_training
from cxrzoo.training.paper import reproduce

ONE = replace(TINY, epochs=1)
HOLD = """
import sys, time
from pathlib import Path
from cxrzoo.training.paper import reproduce
from cxrzoo.training.folder import run_folder_for_training
with run_folder_for_training(Path(sys.argv[1]), {"seed": 3}, resume=True):
    print("held", flush=True)
    time.sleep(60)
"""
DESCRIPTION = {"seed": 3}


@pytest.fixture(scope="module")
def parts():
    return cxrzoo.load_sample().split("official")


def open_once(directory):
    with run_folder_for_training(directory, DESCRIPTION, resume=True) as opened:
        return opened


def names(directory):
    return {path.name for path in directory.iterdir()}


def test_a_second_run_is_refused_by_name_and_goes_on_when_the_first_was_killed(tmp_path):
    directory = tmp_path / "run"
    holder = Process(HOLD, directory, folder=tmp_path, quiet=True)
    try:
        while holder.said != "held\n":
            assert holder.poll() is None, holder.wrong
            time.sleep(0.01)
        with pytest.raises(TrainingError) as refused:
            open_once(directory)
        said = str(refused.value)
        assert said.startswith(f"{directory} is in use: process {holder.pid} on ")
        assert "another output directory" in said
        assert lock.LOCK_FILE in names(directory)  # the refused one took nothing away
    finally:
        holder.kill()
    assert lock.LOCK_FILE in names(directory)
    open_once(directory)
    assert names(directory) == {"run.json"}


def test_train_holds_its_directory_while_it_trains_and_no_longer(parts, tmp_path, monkeypatch):
    directory, fit, held = tmp_path / "run", run_module._fit, []

    def train():
        return cxrzoo.train(ONE, parts.train[:32], parts.validation, directory, console=QUIET)

    def watched(*arguments, **named):
        with pytest.raises(TrainingError, match=f"is in use: process {os.getpid()} on "):
            train()
        held.append(True)
        return fit(*arguments, **named)

    monkeypatch.setattr(run_module, "_fit", watched)
    train()
    assert held
    assert lock.LOCK_FILE not in names(directory)


def test_there_is_one_holder_at_a_time_whoever_comes_and_goes(tmp_path):
    holders, counts, refused = [], [], []

    def come_and_go(number):
        for _ in range(100):
            try:
                with lock.only_trainer(tmp_path / "run"):
                    holders.append(number)
                    counts.append(len(holders))
                    time.sleep(1e-4)
                    holders.remove(number)
            except TrainingError as error:
                refused.append(str(error))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(come_and_go, range(8)))
    assert set(counts) == {1}
    assert len(counts) + len(refused) == 800
    assert refused
    assert names(tmp_path / "run") == set()


def test_a_file_system_without_locks_is_a_warning_and_the_run_goes_on(tmp_path, monkeypatch):
    def no_locks(_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "_lock", no_locks)
    with pytest.warns(CxrZooWarning, match=r"has no locks \(No locks available\): see to it"):
        open_once(tmp_path / "run")
    assert names(tmp_path / "run") == {"run.json"}


def test_what_killed_processes_leave_of_a_run_is_deleted_by_the_next(tmp_path):
    new, begun, finished, other = (
        tmp_path / name for name in ("new", "begun", "finished", "other")
    )
    for directory in (begun, finished):
        open_once(directory).write_description(finished=directory is finished)
    for directory in (new, begun, finished, other):
        directory.mkdir(exist_ok=True)
        (directory / ".run.json.4711.partial").write_text('{"seed"')
        (directory / lock.LOCK_FILE).write_text(json.dumps({"process": 4711, "host": "gone"}))
        if directory is not new:
            (directory / ".model.0a1b2c3d.partial").mkdir()
            (directory / ".model.0a1b2c3d.partial" / "cxrzoo.json").write_text("{")
    (begun / "unfinished").mkdir()
    (finished / "unfinished").mkdir()
    for directory in (new, begun, finished):
        open_once(directory)
    assert names(new) == {"run.json"}
    assert names(begun) == {"run.json", "unfinished"}  # whose state the run goes on from
    assert names(finished) == {"run.json"}
    before = names(other)
    with pytest.raises(TrainingError, match="left as it is"):
        open_once(other)
    assert names(other) == before
    (other / ".reproduce.json.4711.partial").write_text("{")
    with pytest.raises(TrainingError, match="left as it is"):
        reproduce._refuse_other(other)
    for path in before:
        shutil.rmtree(other / path) if (other / path).is_dir() else (other / path).unlink()
    reproduce._refuse_other(other)  # a reproduction that was killed as it began


def test_a_finished_run_is_read_where_nothing_can_be_written(tmp_path, monkeypatch):
    open_once(tmp_path / "run").write_description(finished=True)

    opened = os.open

    def read_only(path, flags, *more, **options):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(errno.EROFS, "Read-only file system")
        return opened(path, flags, *more, **options)

    (tmp_path / "run" / "unfinished").mkdir()
    monkeypatch.setattr(lock.os, "open", read_only)
    assert open_once(tmp_path / "run").finished


def test_best_weights_that_cannot_be_read_say_how_to_train_anew(parts, tmp_path):
    broken = tmp_path / "unfinished" / "best.weights.h5"
    broken.parent.mkdir()
    model = start.start_model(ONE, parts.train)
    for content in (None, b"", b"\x89HDF\r\n\x1a\n half"):
        if content is not None:
            broken.write_bytes(content)
        with pytest.raises(
            TrainingError, match=r"best\.weights\.h5 cannot be read .*Delete .*anew"
        ):
            start.best_model(model, broken)
