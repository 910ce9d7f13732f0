"""Runs and a reproduction that commit 977409a wrote are read, and the stopped run goes on.

``tests/earlier/write_earlier.py`` says how the files were made.
"""

import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

import cxrzoo
from cxrzoo.artifacts import selfcheck
from cxrzoo.training.paper import reproduce
from cxrzoo.training.paper.table import reproduction_from_json

FILES = Path(__file__).parents[1] / "earlier" / "files"
EXPECTED = json.loads((FILES / "expected.json").read_text("utf-8"))
ON_TENSORFLOW = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="the files' run.json say TensorFlow"
)


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(FILES, tmp_path / "files")
    return tmp_path / "files"


def test_the_model_of_a_run_computes_what_it_did():
    found = selfcheck(FILES / "run" / "model")
    assert found.difference <= found.tolerance
    report = cxrzoo.Report.from_json(FILES / "run" / "report.json")
    assert report.macro.roc_auc == EXPECTED["run"]["macro"]


@ON_TENSORFLOW
def test_a_finished_run_is_known_and_a_stopped_one_goes_on_to_the_same_end(folder, run_keras):
    run_keras(
        "import sys\n"
        f"sys.path.insert(0, {str(FILES.parent)!r})\n"
        "import pathlib, cxrzoo, write_earlier\n"
        "parts = cxrzoo.load_sample().split('patient')\n"
        f"folder = pathlib.Path({str(folder)!r})\n"
        "for name in ('run', 'run_stopped'):\n"
        "    run = cxrzoo.train(\n"
        "        write_earlier.RECIPE, parts.train, parts.validation, folder / name, seed=3\n"
        "    )\n"
        "    assert len(run.history) == 3\n"
    )
    assert (folder / "run" / "history.csv").read_text() == EXPECTED["run"]["history"]
    whole, resumed = (
        np.loadtxt(folder / name / "history.csv", delimiter=",", skiprows=1)
        for name in ("run", "run_stopped")
    )
    np.testing.assert_allclose(resumed, whole, atol=1e-6)


def test_a_reproduction_is_read_and_written_with_todays_names():
    text = (FILES / "reproduction" / "reproduce.json").read_text("utf-8")
    result = reproduction_from_json(text)
    (outcome,) = result.outcomes
    was = json.loads(text)["outcomes"][0]
    assert outcome.above_half == was["said_yes"]
    assert outcome.macro_auc == was["macro_auc"]
    assert reproduction_from_json(result.to_json()) == result
    assert json.loads(result.to_json())["outcomes"][0]["above_half"] == was["said_yes"]


def test_what_a_reproduction_measured_is_not_measured_again():
    path = FILES / "reproduction" / "cnn-test2" / "seed-0" / "test.json"
    parts = cxrzoo.load_sample().split("official")
    found = reproduce._measured(None, parts, path, None)  # there is no run to measure
    report = cxrzoo.Report.from_json(json.dumps(found["report"]))
    assert report.n == len(parts.test)
    assert f"{report.macro.roc_auc:.3f}" in EXPECTED["reproduction"]["markdown"]
