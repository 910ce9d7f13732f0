"""What the first releases wrote is read as it was: models, a finished run and one that was stopped.

The files in ``format1`` were written by the code before backbones had a file each (commit cc6c2f6); the
golden vectors in them are what that code computed.
"""

import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

import cxrzoo
from cxrzoo.artifacts import selfcheck

HERE = Path(__file__).parent / "format1"
MODELS = {
    "cnn_test1": {"pool_between": False, "filters": (3, 4), "hidden_activation": "relu"},
    "cnn_test2": {"conv_activation": "leaky_relu", "hidden_activation": "leaky_relu"},
    "mobilenet": {"alpha": 0.1, "hidden_activation": "leaky_relu", "name": "mine"},
    "headless": {"include_top": False, "pooling": "avg"},
    "run/model": {"hidden_units": 8},
}


@pytest.mark.filterwarnings("ignore::cxrzoo.errors.ReluOutputWarning")
@pytest.mark.parametrize("name", MODELS)
def test_a_model_computes_what_it_did(name):
    model = cxrzoo.from_pretrained(HERE / name)
    for argument, value in MODELS[name].items():
        assert model.cxrzoo.arguments[argument] == value
    found = selfcheck(HERE / name)
    # On the backend that wrote them; another one rounds differently, and random layers amplify it.
    assert found.difference <= (
        1e-6 if keras.backend.backend() == "tensorflow" else found.tolerance
    )


@pytest.mark.filterwarnings("ignore::cxrzoo.errors.ReluOutputWarning")
def test_what_is_saved_again_differs_only_in_arguments_that_are_new(tmp_path):
    for name in MODELS:
        model = cxrzoo.from_pretrained(HERE / name)
        cxrzoo.save_pretrained(model, tmp_path / "again")
        before, after = (
            json.loads((folder / "cxrzoo.json").read_text())
            for folder in (HERE / name, tmp_path / "again")
        )
        was, now = before.pop("arguments"), after.pop("arguments")
        assert {key: now[key] for key in was} == was
        assert set(now) - set(was) <= {"hidden_activation", "scaling"}
        assert before == after


def test_nih_mini_computes_what_it_did():
    assert selfcheck("nih-mini").difference <= 2e-6


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="its run.json says TensorFlow")
def test_a_finished_run_is_known_and_a_stopped_one_goes_on_to_the_same_end(run_keras, tmp_path):
    for name in ("run", "interrupted"):
        shutil.copytree(HERE / name, tmp_path / name)
    run_keras(
        "import pathlib, sys, cxrzoo\n"
        "from cxrzoo.training import Recipe, train\n"
        "parts = cxrzoo.load_sample().split('patient')\n"
        "recipe = Recipe(name='small', builder='cnn_test1', learning_rate=1e-3, epochs=3,\n"
        "                arguments={'filters': (3, 4), 'hidden_units': 8}, image_size=32)\n"
        f"folder = pathlib.Path({str(tmp_path)!r})\n"
        "for name in ('run', 'interrupted'):\n"
        "    train(recipe, parts.train, parts.validation, folder / name, seed=3)",
    )
    whole, resumed = (
        np.loadtxt(tmp_path / name / "history.csv", delimiter=",", skiprows=1)
        for name in ("run", "interrupted")
    )
    np.testing.assert_allclose(resumed, whole, atol=1e-6)
    for name in ("run", "interrupted"):
        assert (tmp_path / name / "model" / "cxrzoo.json").is_file()
        assert json.loads((tmp_path / name / "run.json").read_text())["finished"]
