"""Scores of named images: one class, whatever made them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation import Predictions, auc_report, evaluate_predictions, read_predictions

LABELS = ("Mass", "Pleural effusion")
TRUTH = "image,study,Mass,Pleural effusion\na.png,p1,1,0\nb.png,p1,0,1\nc.png,p2,0,1\n"


@pytest.fixture
def predictions():
    scores = np.array([[0.9, 0.2], [0.4, 0.7], [0.3, 0.123456789]], np.float32)
    decisions = np.array([[1, np.nan], [0, np.nan], [0, np.nan]])
    failures = (("x/d.png", "x/d.png: truncated"),)
    return Predictions(("x/a.png", "y/b.png", "c.png"), LABELS, scores, failures, decisions)


@pytest.fixture
def truth(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_text(TRUTH)
    return path


def test_the_table_that_is_written_is_read_again(predictions, tmp_path):
    path = tmp_path / "new" / "scores.csv"
    assert (
        predictions.to_csv(path)
        == path.read_text()
        == (
            "image,prob_Mass,prob_Pleural effusion,yes_Mass,yes_Pleural effusion\n"
            "x/a.png,0.9,0.2,1,\n"
            "y/b.png,0.4,0.7,0,\n"
            "c.png,0.3,0.1234568,0,\n"
        )
    )
    found = read_predictions(path, labels=("Edema", *LABELS))
    assert (found.images, found.labels) == (("a.png", "b.png", "c.png"), LABELS)
    np.testing.assert_allclose(found.scores, predictions.scores, rtol=1e-6)
    undecided = replace(predictions, decisions=None).to_csv().splitlines()
    assert undecided[0] == "image,prob_Mass,prob_Pleural effusion"
    assert undecided[1] == "x/a.png,0.9,0.2"


def test_as_json_everything_is_there(predictions):
    content = json.loads(json.dumps(predictions.as_dict()))
    assert content["labels"] == list(LABELS)
    assert content["predictions"][0] == {"image": "x/a.png", "scores": [0.9, 0.2], "yes": [1, None]}
    assert content["failures"] == [{"image": "x/d.png", "reason": "x/d.png: truncated"}]
    assert "yes" not in replace(predictions, decisions=None).as_dict()["predictions"][0]


def test_the_names_of_two_former_classes_answer_with_the_new_ones(predictions):
    with pytest.warns(DeprecationWarning, match=r"Predictions\.files is now Predictions\.images"):
        assert predictions.files == predictions.images
    with pytest.warns(DeprecationWarning, match=r"Predictions\.y_score is now Predictions\.scores"):
        assert predictions.y_score is predictions.scores
    with pytest.warns(DeprecationWarning, match=r"is now"):
        made = Predictions(files=("a",), labels=LABELS, y_score=np.ones((1, 2)))
    assert made.images == ("a",)
    with (
        pytest.raises(TypeError, match=r"scores=\.\.\. alone"),
        pytest.warns(DeprecationWarning, match=r"is now scores"),
    ):
        replace(predictions, y_score=predictions.scores)


def test_a_report_takes_predictions_in_place_of_scores(predictions):
    y_true = [[0, 1], [1, 0], [1, 0]]
    report = auc_report(y_true, predictions, labels=LABELS[::-1], n_bootstrap=0)
    np.testing.assert_array_equal(report.scored.y_score, predictions.scores[:, ::-1])
    assert report.scored.images == ("a.png", "b.png", "c.png")
    named = auc_report(y_true, predictions, labels=LABELS, images=["p", "q", "r"], n_bootstrap=0)
    assert named.scored.images == ("p", "q", "r")
    with pytest.raises(EvaluationError, match="no scores for Edema; they have Mass"):
        auc_report(y_true, predictions, labels=("Mass", "Edema"), n_bootstrap=0)


def test_predictions_at_hand_are_measured_as_their_file_is(predictions, truth, tmp_path):
    options = {"patient_column": "study", "n_bootstrap": 5, "metadata_baseline": False}
    found = evaluate_predictions(predictions, truth, name="ours", **options)
    predictions.to_csv(tmp_path / "scores.csv")
    read = evaluate_predictions(tmp_path / "scores.csv", truth, name="ours", **options)
    assert found.to_markdown() == read.to_markdown()
    assert found.scored.images == ("a.png", "b.png", "c.png")


def test_two_images_of_one_name_are_refused(predictions, truth):
    twice = replace(predictions, images=("x/a.png", "y/a.png", "c.png"))
    with pytest.raises(
        EvaluationError, match=r"predictions have several rows for 1 of .* e\.g\. a\.png"
    ):
        evaluate_predictions(twice, truth, groups="image")
    nobody = Predictions((), LABELS, np.empty((0, 2)))
    with pytest.raises(EvaluationError, match="no image to measure"):
        evaluate_predictions(nobody, truth, groups="image", metadata_baseline=False)
