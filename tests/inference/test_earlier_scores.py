"""A model that commit 977409a saved gives the scores and decisions that its command wrote.

``tests/earlier/write_earlier.py`` says how the files were made.
"""

import csv
from pathlib import Path

import numpy as np

import cxrzoo
from cxrzoo.evaluation import read_predictions

FILES = Path(__file__).parents[1] / "earlier" / "files"
LABELS = ("Atelectasis", "Effusion", "No Finding")


def test_the_command_of_before_and_the_scorer_of_today_agree():
    before = read_predictions(FILES / "scores.csv", labels=LABELS)
    parts = cxrzoo.load_sample().split("official")
    paths = [
        path for name in before.images for path in parts.test.images if Path(path).name == name
    ]
    scorer = cxrzoo.Scorer(FILES / "model")
    assert scorer.labels == before.labels
    now = scorer.predict(paths, calibrate=True, decide=True)
    np.testing.assert_allclose(now.scores, before.scores, atol=1e-5)
    with (FILES / "scores.csv").open(encoding="utf-8", newline="") as file:
        said = [[float(row[f"yes_{label}"]) for label in LABELS] for row in csv.DictReader(file)]
    np.testing.assert_array_equal(now.decisions, said)
