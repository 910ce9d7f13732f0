"""A recipe's schedule and loss reach the optimizer, the history and a run that was stopped."""

import math
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

import cxrzoo
from cxrzoo.errors import TrainingError
from cxrzoo.training import MaskedAsymmetricLoss, run
from cxrzoo.training.start import start_model

RECIPE = cxrzoo.Recipe(
    "tiny",
    "cnn_test1",
    0.01,
    4,
    {"filters": (4, 4), "hidden_units": 8},
    image_size=32,
    batch_size=16,
    weight_decay=1e-4,
    schedule="cosine",
    loss="balanced",
)
QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def parts():
    return cxrzoo.load_sample().split("official")


@pytest.fixture(scope="module")
def whole(parts, tmp_path_factory):
    output = tmp_path_factory.mktemp("runs") / "whole"
    return cxrzoo.train(RECIPE, parts.train, parts.validation, output, console=QUIET)


def test_a_cosine_rises_for_an_epoch_and_falls_to_zero_over_the_others(whole):
    found = [row["learning_rate"] for row in whole.history]
    wanted = [0.01 * (1 + math.cos(math.pi * epoch / 3)) / 2 for epoch in range(4)]
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-8)


def test_the_rate_of_a_first_step_is_a_hundredth(parts):
    model = start_model(RECIPE, parts.train)
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-4, rel=1e-4)
    constant = start_model(replace(RECIPE, schedule="plateau"), parts.train)
    assert float(constant.optimizer.learning_rate) == pytest.approx(1e-2, rel=1e-4)


def test_a_stopped_run_goes_on_along_its_cosine(whole, parts, tmp_path, monkeypatch):
    shown = run.Progressing.on_epoch_end

    def interrupted(progress, epoch, logs=None):
        if epoch == 2:
            raise KeyboardInterrupt
        shown(progress, epoch, logs)

    arguments = (RECIPE, parts.train, parts.validation, tmp_path / "stopped")
    with monkeypatch.context() as patched:
        patched.setattr(run.Progressing, "on_epoch_end", interrupted)
        with pytest.raises(KeyboardInterrupt):
            cxrzoo.train(*arguments, console=QUIET)
    again = cxrzoo.train(*arguments, console=QUIET)
    assert again.history == whole.history
    tensors = [one.directory / "model/model.safetensors" for one in (again, whole)]
    assert tensors[0].read_bytes() == tensors[1].read_bytes()


def test_a_balanced_loss_has_the_odds_of_the_training_part(parts):
    positives = parts.train.targets.sum(axis=0)
    odds = (len(parts.train) - positives) / np.maximum(positives, 1)
    found = start_model(RECIPE, parts.train).loss.positive_weights
    some = (positives > 0) & (odds >= 1 / 20) & (odds <= 20)
    assert some.any()
    np.testing.assert_allclose(found[some], odds[some], rtol=1e-5)


def test_the_other_losses_are_the_masked_ones(parts):
    asymmetric = start_model(replace(RECIPE, loss="asymmetric"), parts.train)
    assert isinstance(asymmetric.loss, MaskedAsymmetricLoss)
    plain = start_model(replace(RECIPE, loss="crossentropy"), parts.train)
    assert plain.loss is cxrzoo.training.masked_binary_crossentropy


@pytest.mark.parametrize(("field", "value"), [("schedule", "linear"), ("loss", "mse")])
def test_another_schedule_or_loss_is_refused(field, value):
    with pytest.raises(TrainingError, match=f"{field} must be one of .*, got {value!r}"):
        replace(RECIPE, **{field: value})
