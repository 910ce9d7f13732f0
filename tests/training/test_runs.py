"""A run as a whole: what it leaves, what it refuses, and that it goes on after a kill."""

import csv
import io
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from forked import Process
from rich.console import Console
from safetensors.numpy import load_file, save_file

import cxrzoo
from cxrzoo.errors import (
    ImageError,
    LabelError,
    LeakageError,
    ModelError,
    ReluOutputWarning,
    TrainingError,
)

TINY = cxrzoo.Recipe(
    "tiny",
    "cnn_test1",
    0.01,
    2,
    {"filters": (4, 4), "hidden_units": 8},
    image_size=32,
    batch_size=32,
    augment="light",
)
LONG = replace(TINY, epochs=4, batch_size=4, learning_rate=1e-3)
QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def parts():
    return cxrzoo.load_sample().split("official")


@pytest.fixture(scope="module")
def run(parts, tmp_path_factory):
    output = tmp_path_factory.mktemp("runs") / "run"
    return cxrzoo.train(
        TINY, parts.train, parts.validation, output, seed=3, split="official", console=QUIET
    )


def test_a_run_leaves_its_model_history_report_and_description(run):
    names = {path.name for path in run.directory.iterdir()}
    assert names == {"run.json", "history.csv", "report.json", "report.md", "roc.png", "model"}
    description = json.loads((run.directory / "run.json").read_text())
    assert description["finished"]
    assert description["seed"] == 3
    assert description["recipe"]["learning_rate"] == 0.01
    assert description["versions"]["keras"]


def test_history_has_a_row_an_epoch(run):
    assert [row["epoch"] for row in run.history] == [1, 2]
    assert all(0 <= row["val_auc"] <= 1 for row in run.history)


def test_the_saved_model_is_the_best_epochs_and_knows_where_it_comes_from(run, parts):
    best = max(run.history, key=lambda row: row["val_auc"])
    validation = parts.validation.dataset(image_size=32)
    report = cxrzoo.evaluate(cxrzoo.from_pretrained(run.directory / "model"), validation)
    assert report.macro.roc_auc == pytest.approx(best["val_auc"], abs=1e-6)
    assert run.report.macro.roc_auc == pytest.approx(best["val_auc"], abs=1e-6)
    lineage = run.model.cxrzoo.lineage
    assert (lineage.recipe, lineage.split, lineage.seed) == ("tiny", "official", 3)
    assert lineage.images == len(parts.train)
    assert lineage.best_epoch == best["epoch"]


def test_the_report_says_that_it_is_of_the_validation_part(run):
    assert (run.report.split, run.report.part) == ("official", "validation")


def test_a_finished_run_is_given_back_and_nothing_is_trained(run, parts):
    console = Console(record=True, file=io.StringIO())
    again = cxrzoo.train(
        TINY,
        parts.train,
        parts.validation,
        run.directory,
        seed=3,
        split="official",
        console=console,
    )
    assert "finished" in console.export_text()
    assert again.history == run.history


def test_the_same_seed_gives_the_same_run_and_another_another(run, parts, tmp_path):
    same, other = (
        cxrzoo.train(TINY, parts.train, parts.validation, tmp_path / str(s), seed=s, console=QUIET)
        for s in (3, 4)
    )
    assert same.history == run.history
    assert other.history != run.history


SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
from test_runs import LONG, QUIET
import cxrzoo
parts = cxrzoo.load_sample().split("official")
print("start", flush=True)
cxrzoo.train(LONG, parts.train, parts.validation, sys.argv[1], console=QUIET)
"""


def test_a_killed_run_goes_on_and_ends_with_the_same_history_and_weights(tmp_path):
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"

    def start(output):
        code = SCRIPT.format(tests=str(Path(__file__).parent))
        return Process(code, output, folder=tmp_path, quiet=True)

    start(undisturbed).finish()
    # Once right after an epoch, once a moment later: inside an epoch, or inside a write.
    for epochs, moment in ((1, 0.0), (3, 0.05)):
        process = start(killed)
        _wait_for_epochs(process, killed / "history.csv", epochs)
        time.sleep(moment)
        process.kill()
        assert not (killed / "model").exists()
    start(killed).finish()
    assert (killed / "history.csv").read_bytes() == (undisturbed / "history.csv").read_bytes()
    tensors = [path / "model" / "model.safetensors" for path in (killed, undisturbed)]
    assert tensors[0].read_bytes() == tensors[1].read_bytes()
    left = [{path.name for path in run.rglob("*")} for run in (killed, undisturbed)]
    assert left[0] == left[1]  # no lock, nothing half-written


def _wait_for_epochs(process, history, epochs):
    for _ in range(6000):
        if history.exists():
            with history.open(newline="") as file:
                if len(list(csv.DictReader(file))) >= epochs:
                    return
        assert process.poll() is None, "the run ended before it could be killed"
        time.sleep(0.01)
    raise AssertionError(f"{history} never had {epochs} epochs")


def test_leaking_parts_are_refused_unless_told_otherwise(parts, tmp_path):
    with pytest.raises(LeakageError, match="shared patients"):
        cxrzoo.train(TINY, parts.train, parts.train[:20], tmp_path / "a", console=QUIET)
    assert not (tmp_path / "a").exists()
    cxrzoo.train(
        replace(TINY, epochs=1),
        parts.train[:64],
        parts.train[:40],
        tmp_path / "a",
        allow_leakage=True,
        console=QUIET,
    )


def test_parts_with_other_labels_are_refused(parts, tmp_path):
    with pytest.raises(LabelError, match="relabel"):
        cxrzoo.train(TINY, parts.train, parts.validation.relabel(["Mass"]), tmp_path / "a")


def test_an_empty_part_is_refused(parts, tmp_path):
    with pytest.raises(TrainingError, match="validation part is empty"):
        cxrzoo.train(TINY, parts.train, parts.validation[:0], tmp_path / "a")


def test_a_directory_of_another_run_is_refused_and_left_alone(run, parts):
    before = (run.directory / "run.json").read_bytes()
    with pytest.raises(TrainingError, match=r"another run .*seed"):
        cxrzoo.train(TINY, parts.train, parts.validation, run.directory, seed=9, console=QUIET)
    with pytest.raises(TrainingError, match="this run already"):
        cxrzoo.train(TINY, parts.train, parts.validation, run.directory, False, seed=3)
    assert (run.directory / "run.json").read_bytes() == before


def test_a_directory_that_holds_something_else_is_refused_and_left_alone(parts, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(TrainingError, match="left as it is"):
        cxrzoo.train(TINY, parts.train, parts.validation, tmp_path, console=QUIET)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_arguments_that_make_no_model_leave_nothing_behind(parts, tmp_path):
    recipe = replace(TINY, arguments={"filters": (0, 4)})
    with pytest.raises(ModelError, match="filters must be"):
        cxrzoo.train(recipe, parts.train, parts.validation, tmp_path / "run", console=QUIET)
    assert not (tmp_path / "run").exists()


def test_thresholds_and_aspect_of_the_weights_it_starts_from_are_not_the_new_models(
    parts, tmp_path
):
    small = {"input_shape": (32, 32, 1), "filters": (4, 4), "hidden_units": 8}
    start = cxrzoo.cnn_test1(**small)
    start.cxrzoo = replace(
        start.cxrzoo,
        thresholds={"Mass": 0.3},
        calibration={"Mass": (2.0, 0.5)},
        aspect="crop",
    )
    cxrzoo.save_pretrained(start, tmp_path / "start")
    recipe = replace(
        TINY, weights=str(tmp_path / "start"), arguments={}, epochs=1, aspect="pad", augment="none"
    )
    run = cxrzoo.train(recipe, parts.train[:32], parts.validation, tmp_path / "run", console=QUIET)
    found = cxrzoo.from_pretrained(run.directory / "model").cxrzoo
    assert (found.aspect, found.thresholds, found.calibration) == ("pad", None, None)
    backbone = cxrzoo.create_model(
        "cnn_test1", weights=str(run.directory / "model"), include_top=False
    )
    assert backbone.cxrzoo.aspect == "pad"


def test_a_loss_that_is_not_a_number_stops_the_run_and_says_where(parts, tmp_path):
    start = cxrzoo.cnn_test1(input_shape=(32, 32, 1), filters=(4, 4), hidden_units=8)
    path = cxrzoo.save_pretrained(start, tmp_path / "start") / "model.safetensors"
    tensors = load_file(path)
    tensors["conv1/kernel"][:] = 3e38  # overflows in the first batch
    save_file(tensors, path)
    with pytest.raises(TrainingError, match=r"not finite in epoch 1|nan in epoch 1, batch 1"):
        cxrzoo.train(
            replace(TINY, weights=str(tmp_path / "start"), arguments={}),
            parts.train,
            parts.validation,
            tmp_path / "run",
            console=QUIET,
        )


def test_an_unreadable_image_ends_the_run_with_its_name(parts, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(Path(parts.train.images[0]).read_bytes()[:200])
    images = parts.train.images.copy()
    images[5] = str(broken)
    with pytest.raises(ImageError, match=r"broken\.png"):
        cxrzoo.train(
            TINY,
            replace(parts.train, images=images),
            parts.validation,
            tmp_path / "run",
            console=QUIET,
        )


def test_unknown_targets_are_trained_around(parts, tmp_path):
    targets = parts.train.targets.copy()
    targets[np.random.default_rng(0).uniform(size=targets.shape) < 0.5] = np.nan
    holey = replace(parts.train, targets=targets)
    run = cxrzoo.train(TINY, holey, parts.validation, tmp_path / "run", console=QUIET)
    assert all(np.isfinite(row["loss"]) for row in run.history)


def test_the_papers_relu_output_trains_under_its_warning(parts, tmp_path):
    recipe = replace(
        cxrzoo.recipes["cnn-test2"],
        epochs=1,
        image_size=32,
        arguments={"dropout": 0.5, "filters": (4, 4), "hidden_units": 8},
    )
    with pytest.warns(ReluOutputWarning):
        run = cxrzoo.train(recipe, parts.train, parts.validation, tmp_path / "run", console=QUIET)
    assert run.model.cxrzoo.arguments["classifier_activation"] == "relu"
