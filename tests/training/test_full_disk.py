"""A run on a full disk: one error that names the file, nothing half-written; with room it goes on.

Every file is written by ``write_whole``; here it has room for half of one file after the other.
"""

import errno
import re
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from test_runs import QUIET, TINY

import cxrzoo
from cxrzoo import files
from cxrzoo.errors import TrainingError
from cxrzoo.training.callbacks import BEST_WEIGHTS, callback_preset

ONE = replace(TINY, epochs=1, batch_size=128)


@pytest.fixture(scope="module")
def parts():
    return cxrzoo.load_sample().split("official")


@pytest.fixture
def full_for(monkeypatch):
    """Makes the disk full for the files whose name contains a text: half of each can be written."""
    beside = files._beside_and_renamed

    class Full:
        def __init__(self, file):
            self.file = file

        def write(self, raw):
            self.file.write(raw[: len(raw) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")

    def use(text):
        @contextmanager
        def full(target, *arguments, **options):
            with beside(target, *arguments, **options) as file:
                yield Full(file) if text in str(target) else file

        monkeypatch.setattr(files, "_beside_and_renamed", full)

    return use


def left_half_written(directory):
    return [path for path in directory.rglob("*") if "partial" in path.name or path.name == ".lock"]


def test_each_file_of_a_run_that_has_no_room_is_one_error_and_then_the_run_goes_on(
    parts, tmp_path, full_for
):
    def train(output):
        return cxrzoo.train(ONE, parts.train[:32], parts.validation, output, seed=3, console=QUIET)

    whole, run = train(tmp_path / "whole"), tmp_path / "run"
    for name, error_names in {
        "/run.json": "run.json",
        BEST_WEIGHTS: f"unfinished/{BEST_WEIGHTS}",
        "history.csv": "history.csv",
        "state.safetensors": "unfinished/state.safetensors",
        "model.safetensors": "model",
        "cxrzoo.json": "model",
        "golden.safetensors": "model",
        "report.md": "report.md",
        "run/report.json": "report.json",
        "roc.png": "roc.png",
    }.items():
        full_for(name)
        with pytest.raises(TrainingError) as refused:
            train(run)
        said = str(refused.value)
        assert re.match(re.escape(f"{run / error_names} cannot be written"), said), said
        assert "No space left on device" in said
        assert "goes on" in said
        assert "\n" not in said
        assert not left_half_written(run)
    full_for("nothing")
    assert train(run).history == whole.history
    for name in ("history.csv", "model/model.safetensors"):
        assert (run / name).read_bytes() == (whole.directory / name).read_bytes()
    assert not (run / "unfinished").exists()


def test_the_best_weights_of_a_preset_are_the_old_file_or_the_whole_new_one(
    tmp_path, parts, full_for, small
):
    model = small("cnn_test1", labels=cxrzoo.NIH_LABELS)
    batches = parts.train[:40].dataset(image_size=32)
    model.compile("adam", loss=cxrzoo.training.masked_binary_crossentropy)
    checkpoint = callback_preset("paper", tmp_path, batches)[1]
    checkpoint.set_model(model)
    checkpoint.on_epoch_end(0, {"val_auc": 0.5})
    before = (tmp_path / BEST_WEIGHTS).read_bytes()
    best = model.get_weights()
    model.set_weights([weights + 1 for weights in best])
    checkpoint.on_epoch_end(1, {"val_auc": 0.4})  # no better
    assert (tmp_path / BEST_WEIGHTS).read_bytes() == before
    full_for(BEST_WEIGHTS)
    with pytest.raises(OSError, match=BEST_WEIGHTS):
        checkpoint.on_epoch_end(2, {"val_auc": 0.9})
    assert (tmp_path / BEST_WEIGHTS).read_bytes() == before
    assert not left_half_written(tmp_path)
    model.load_weights(tmp_path / BEST_WEIGHTS)
    for found, expected in zip(model.get_weights(), best, strict=True):
        np.testing.assert_array_equal(found, expected)
    with pytest.raises(TrainingError, match="found no 'val_auc'"):
        checkpoint.on_epoch_end(3, {"loss": 1.0})
