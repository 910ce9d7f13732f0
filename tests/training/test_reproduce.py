"""The paper's table: its figures are those of its runs, and what went wrong is a row of it."""

import csv
import io
import json
import urllib.request
from dataclasses import replace
from math import ceil

import numpy as np
import pytest
from rich.console import Console
from safetensors.numpy import load_file, save_file
from sklearn.metrics import roc_auc_score

import cxrzoo
from cxrzoo.errors import (
    FreshLayersWarning,
    ReluOutputWarning,
    TrainingError,
    WeightsUnavailableError,
)
from cxrzoo.models import model_tensors
from cxrzoo.training.paper import reproduce
from cxrzoo.training.paper.reproduce import reproduce_paper
from cxrzoo.training.paper.rows import PAPER_ACCURACY, PAPER_ROWS, PAPER_STEPS
from cxrzoo.training.paper.table import (
    Outcome,
    reproduction_from_json,
)
from cxrzoo.training.run import _started_from

ROW = "cnn-test2"
QUIET = Console(quiet=True)
SMALL = {"image_size": 32, "console": QUIET}


@pytest.fixture(scope="module")
def parts():
    return cxrzoo.load_sample().split("official")


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    return tmp_path_factory.mktemp("reproduced") / "runs"


@pytest.fixture(scope="module")
def result(parts, output):
    cache = output.parent / "pack"
    with pytest.warns(ReluOutputWarning):
        return reproduce_paper(parts, output, rows=[ROW], seeds=[0], cache=cache, **SMALL)


@pytest.fixture(scope="module")
def backbone_file(tmp_path_factory):
    """MobileNet's weights but for the last pointwise convolution."""
    tensors = model_tensors(cxrzoo.mobilenet_cxr(input_shape=(32, 32, 1), include_top=False))
    path = tmp_path_factory.mktemp("backbone") / "backbone.safetensors"
    save_file({name: v for name, v in tensors.items() if not name.startswith("conv_pw_13")}, path)
    return path


def cells(result, row, seed):
    """The cells of the table's line of a row and a seed."""
    for line in result.to_markdown().splitlines():
        found = [cell.strip(" *`") for cell in line.split("|")[1:-1]]
        if found[:2] == [row, str(seed)]:
            return found
    raise AssertionError(f"no line of {row}, {seed}")


def test_the_tables_figures_are_those_of_the_rows_saved_model_on_the_test_part(
    result, output, parts
):
    (outcome,) = result.outcomes
    directory = output / ROW / "seed-0"
    with pytest.warns(ReluOutputWarning):
        model = cxrzoo.from_pretrained(directory / "model")
    batches = parts.test.dataset(image_size=32)
    y_true = parts.test.targets
    y_score = np.concatenate([model.predict_on_batch(batches[i][0]) for i in range(len(batches))])
    both = [j for j in range(15) if 0 < y_true[:, j].sum() < len(y_true)]
    accuracy = np.mean((y_score > 0.5) == (y_true == 1))
    macro = np.mean([roc_auc_score(y_true[:, j], y_score[:, j]) for j in both])
    assert outcome.accuracy == pytest.approx(accuracy)
    assert outcome.all_negative_accuracy == pytest.approx(np.mean(y_true == 0))
    assert outcome.above_half == pytest.approx(np.mean(y_score > 0.5))
    assert outcome.macro_auc == pytest.approx(macro)
    assert outcome.macro_auc_low < macro < outcome.macro_auc_high
    assert outcome.labels_measured == len(both)
    assert set(outcome.constant) == {
        parts.test.labels[j] for j in range(15) if len(np.unique(y_score[:, j])) == 1
    }
    with (directory / "history.csv").open(newline="") as file:
        history = list(csv.DictReader(file))
    assert outcome.loss == tuple(float(epoch["loss"]) for epoch in history)
    assert max(outcome.val_auc) == float(history[outcome.best_epoch - 1]["val_auc"])
    said = ["no figure", f"{accuracy:.3f}", f"{np.mean(y_true == 0):.3f}"]
    line = cells(result, ROW, 0)
    assert line[2:5] == said
    assert line[6] == f"{macro:.3f}"
    assert line[8:] == [
        str(len(outcome.constant)),
        f"{outcome.best_epoch} of {cxrzoo.recipes[ROW].epochs} ({max(outcome.val_auc):.3f})",
    ]


def test_a_run_is_the_papers_recipe_but_for_the_image_size(result, output):
    found = json.loads((output / ROW / "seed-0" / "run.json").read_text())["recipe"]
    paper = cxrzoo.recipes[ROW]
    for name in ("learning_rate", "epochs", "batch_size", "builder", "augment", "callbacks"):
        assert found[name] == getattr(paper, name)
    assert found["arguments"] == dict(paper.arguments)
    assert found["image_size"] == 32


def test_the_caption_says_on_what_and_how_far_the_steps_are_from_the_papers(result, parts):
    text = result.to_markdown()
    for part in ("train", "validation", "test"):
        records = getattr(parts, part)
        patients = len(set(records.patients))
        assert f"{part} {len(records)} images of {patients} patients" in text
    assert "nih-chestxray14, split 'official' (seed 0)" in text
    assert "32 x 32 pixels" in text
    assert "Seeds: 0." in text
    assert f"{ceil(len(parts.train) / 64)} steps of 64 here; the paper's 1,227" in text
    assert "MobileNet rows start" not in text
    assert "still to come" not in text
    assert "1 of 2 runs are still to come" in replace(result, seeds=(0, 1)).to_markdown()


def test_the_papers_steps_are_those_of_70_percent_of_all_images():
    assert ceil((112_120 * 7 // 10) / 64) == PAPER_STEPS
    assert set(PAPER_ACCURACY) == set(PAPER_ROWS)


def test_finished_rows_are_taken_as_they_are_and_seeds_are_averaged(result, output, parts):
    console = Console(record=True, file=io.StringIO())
    model = output / ROW / "seed-0" / "model" / "model.safetensors"
    written = model.stat().st_mtime_ns
    with pytest.warns(ReluOutputWarning):
        more = reproduce_paper(
            parts, output, rows=[ROW], seeds=[0, 1], image_size=32, console=console
        )
    assert "seed-0 holds this run, finished" in " ".join(console.export_text().split())
    assert model.stat().st_mtime_ns == written
    first, second = more.of(ROW)
    assert first == result.outcomes[0]
    assert second.loss != first.loss
    line = cells(more, ROW, "mean")
    assert line[3] == f"{(first.accuracy + second.accuracy) / 2:.3f}"
    assert line[6] == f"{(first.macro_auc + second.macro_auc) / 2:.3f}"
    areas = sorted([first.macro_auc, second.macro_auc])
    assert line[7] == f"seeds {areas[0]:.3f}-{areas[1]:.3f}"
    assert (output / "reproduce.md").read_text() == more.to_markdown()
    assert reproduction_from_json((output / "reproduce.json").read_text()) == more


@pytest.mark.filterwarnings("ignore::cxrzoo.errors.FreshLayersWarning")
def test_a_row_that_stopped_being_numbers_is_a_row_that_says_so(parts, backbone_file, tmp_path):
    tensors = load_file(backbone_file)
    tensors["conv1/kernel"] = np.full_like(tensors["conv1/kernel"], 3e38)  # overflows at once
    path = tmp_path / "broken.safetensors"
    save_file(tensors, path)
    found = reproduce_paper(
        parts, tmp_path / "out", rows=["mobilenet-a"], seeds=[0], backbone=str(path), **SMALL
    )
    (outcome,) = found.outcomes
    assert "in epoch 1" in outcome.failure
    assert np.isnan(outcome.macro_auc)
    assert cells(found, "mobilenet-a", 0)[3].startswith("none: ")
    assert "start from: broken.safetensors (SHA-256" in found.to_markdown()
    assert reproduction_from_json(found.to_json()).to_markdown() == found.to_markdown()


def test_a_run_names_the_backbone_file_that_it_started_from_but_not_its_folder(backbone_file):
    with pytest.warns(FreshLayersWarning):
        model = cxrzoo.mobilenet_cxr(input_shape=(32, 32, 1), weights=str(backbone_file))
    name = _started_from(str(backbone_file), model)
    assert name.startswith("backbone.safetensors (SHA-256 ")
    assert name.endswith("conv_pw_13, conv_pw_13_bn fresh")


def test_a_mean_is_over_the_runs_that_have_figures(result):
    (good,) = result.outcomes
    bad = Outcome(ROW, 1, failure="the loss became nan in epoch 1, batch 2")
    mixed = replace(result, outcomes=(good, bad), seeds=(0, 1))
    line = cells(mixed, ROW, "mean of 1")
    assert line[6] == f"{good.macro_auc:.3f}"
    none = replace(result, outcomes=(replace(bad, seed=0), bad), seeds=(0, 1))
    assert cells(none, ROW, "mean of 0")[6] == "undefined"


def test_an_epoch_on_the_full_set_split_as_in_the_paper_has_its_steps(result):
    assert "as in the paper" in replace(result, steps=PAPER_STEPS).to_markdown()


def test_a_split_that_leaks_says_how_much(parts):
    records = cxrzoo.load_sample()
    couples = np.array([f"couple {i // 2}" for i in range(len(records))], dtype=object)
    with pytest.warns(cxrzoo.errors.LeakageWarning):
        leaking = replace(records, patients=couples).split("paper")
    described = reproduce._describe(
        leaking, [cxrzoo.recipes["cnn-test2"]], seeds=(0,), started_from=None
    )
    shared = set(leaking.train.patients) & set(leaking.test.patients)
    images = sum(patient in shared for patient in leaking.test.patients)
    assert images
    assert f"{images} test images" in described.to_markdown()


@pytest.mark.parametrize(("there", "taken"), [("trunk", "trunk"), ("other", "backbone")])
def test_a_reproduction_begun_when_backbones_were_called_trunks_goes_on(
    parts, tmp_path, monkeypatch, there, taken
):
    started = []

    def stop(recipe, *_, **__):
        started.append(recipe.weights)
        raise KeyboardInterrupt

    monkeypatch.setattr(reproduce, "_outcome", stop)  # what it starts from is all that is asked
    headless = cxrzoo.mobilenet_cxr(input_shape=(32, 32, 1), weights="nih-mini", include_top=False)
    cxrzoo.save_pretrained(headless, tmp_path / there)
    (tmp_path / "reproduce.json").write_text("{}")
    with pytest.raises(KeyboardInterrupt):
        reproduce_paper(
            parts, tmp_path, rows=["mobilenet-a"], seeds=[0], backbone="nih-mini", **SMALL
        )
    assert started == [str(tmp_path / taken)]
    assert (tmp_path / taken / "cxrzoo.json").is_file()


def test_a_published_models_backbone_is_taken_and_its_head_is_not():
    recipe = replace(cxrzoo.recipes["mobilenet-a"], image_size=32)
    start = reproduce._start([recipe], "nih-mini")
    assert start.name == "the backbone of nih-mini"
    assert start.headless.cxrzoo.labels == ()
    published = model_tensors(cxrzoo.from_pretrained("nih-mini"))
    for path, value in model_tensors(start.headless).items():
        np.testing.assert_array_equal(value, published[path])


def test_imagenet_out_of_reach_is_said_before_any_row_runs_and_names_backbone(
    parts, tmp_path, monkeypatch
):
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    urllib.request.install_opener(None)  # one that knows the proxies is made at the next request
    with pytest.raises(WeightsUnavailableError, match=r"--backbone, a FILE\.safetensors"):
        reproduce_paper(parts, tmp_path / "out", seeds=[0], **SMALL)
    urllib.request.install_opener(None)
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_run_is_refused_and_a_strangers_directory_left_alone(parts, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(TrainingError, match="left as it is"):
        reproduce_paper(parts, tmp_path, rows=["cnn-test2"], **SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(TrainingError, match="no row 'modern' in the paper; there are cnn-test1-a"):
        reproduce_paper(parts, tmp_path / "a", rows=["modern"], **SMALL)
    with pytest.raises(TrainingError, match="rows and seeds must name one each"):
        reproduce_paper(parts, tmp_path / "a", seeds=[], **SMALL)
    with pytest.raises(TrainingError, match="test part is empty"):
        reproduce_paper(replace(parts, test=parts.test[:0]), tmp_path / "a", **SMALL)
    with pytest.raises(TrainingError, match="no result of 'cxrzoo reproduce'"):
        reproduction_from_json('{"parts": 3}')
