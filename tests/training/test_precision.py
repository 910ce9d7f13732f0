"""Training in 16 bits leaves a model in 32, and goes on after a stop like any other."""

from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

import cxrzoo
from cxrzoo.training import Recipe
from cxrzoo.training.progress import Progressing

QUIET = Console(file=StringIO())
RECIPE = Recipe(
    "sixteen",
    "cnn_test1",
    0.001,
    2,
    {"filters": (4, 4), "hidden_units": 8},
    image_size=32,
    batch_size=32,
    callbacks="modern",
)


class Stopped(Exception):  # noqa: N818 - not an error of anything
    pass


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_a_run_in_sixteen_bits_leaves_a_model_in_float32_and_survives_a_stop(
    precision, tmp_path, monkeypatch
):
    recipe = replace(RECIPE, precision=precision)
    parts = cxrzoo.load_sample().split("official")

    def train(name):
        return cxrzoo.train(recipe, parts.train, parts.validation, tmp_path / name, console=QUIET)

    whole = train("whole")
    assert {layer.dtype_policy.name for layer in whole.model.layers} == {"float32"}
    in_32 = cxrzoo.train(RECIPE, parts.train, parts.validation, tmp_path / "32", console=QUIET)
    if precision == "mixed_bfloat16":  # PyTorch has no float16 on a CPU, and Keras takes float32
        assert whole.history[-1]["loss"] != in_32.history[-1]["loss"]
    assert whole.history[-1]["loss"] == pytest.approx(in_32.history[-1]["loss"], rel=0.1)

    def stop(self, epoch, logs=None):
        if epoch == 1:
            raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(Progressing, "on_epoch_end", stop)
        with pytest.raises(Stopped):
            train("stopped")
    resumed = train("stopped")
    assert resumed.history == whole.history
    for own, other in zip(resumed.model.weights, whole.model.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(own), np.asarray(other))
