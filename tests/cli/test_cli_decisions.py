"""``cxrzoo predict`` with the thresholds and the calibration that a model carries."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from cxrzoo import save_pretrained
from cxrzoo.inference import calibrated, decisions, predict_files


@pytest.fixture(scope="module")
def carrying(small, sample_files, tmp_path_factory):
    """A saved model, what it scores, and its description; no score lies close to a threshold."""
    model = small("mobilenet_cxr")
    scored = predict_files(model, sample_files)
    ordered = np.sort(scored.scores.astype(float), axis=0)
    between = {"Mass": ordered[-2:, 0].mean(), "Edema": ordered[2:4, 1].mean()}
    calibration = {"Mass": (0.5, 1.0), "Edema": (2.0, 0.0)}
    model.cxrzoo = replace(model.cxrzoo, thresholds=between, calibration=calibration)
    directory = tmp_path_factory.mktemp("carrying") / "model"
    save_pretrained(model, directory)
    return directory, scored, model.cxrzoo


def test_predict_writes_decisions_and_calibrated_scores(
    cxrzoo_command, carrying, sample_files, tmp_path
):
    directory, scored, config = carrying
    table = tmp_path / "scores.csv"
    asked = ("predict", *sample_files, "--model", directory, "--decide")
    assert "+" in cxrzoo_command(*asked, "--calibrate", "-o", table).out
    with table.open() as stream:
        rows = list(csv.DictReader(stream))
    wanted, probabilities = decisions(scored, config), calibrated(scored, config).scores
    assert wanted[:, :2].sum(axis=0).tolist() == [1, 3]
    for row, yes, scores in zip(rows, wanted, probabilities, strict=True):
        cells = [row[f"yes_{name}"] for name in ("Mass", "Edema", "No Finding")]
        assert cells == [str(int(yes[0])), str(int(yes[1])), ""]
        assert float(row["prob_Mass"]) == pytest.approx(scores[0], abs=1e-4)
    printed = json.loads(cxrzoo_command(*asked, "--json").out)["predictions"]
    assert [one["yes"] for one in printed] == [[int(a), int(b), None] for a, b, _ in wanted]


@pytest.mark.parametrize("option", ["--decide", "--calibrate"])
def test_a_model_that_carries_none_stops_in_one_line(
    cxrzoo_command, sample_files, small, tmp_path, option
):
    save_pretrained(small("cnn_test1"), tmp_path / "model")
    output = tmp_path / "out.csv"
    asked = ("predict", sample_files[0], "--model", tmp_path / "model", option, "-o", output)
    ended = cxrzoo_command(*asked)
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert "carries no" in ended.err
    assert not output.exists()
