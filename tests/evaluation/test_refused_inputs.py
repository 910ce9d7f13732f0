import numpy as np
import pytest

from cxrzoo.errors import CxrZooError, EvaluationError
from cxrzoo.evaluation import auc_report

TRUTH = np.array([[0, 1], [1, 0], [1, 1]])
SCORE = np.array([[0.1, 0.9], [0.8, 0.3], [0.7, 0.2]])


def changed(array, value):
    array = array.astype(float)
    array[1, 1] = value
    return array


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"y_score": SCORE[:2]}, r"same shape, got \(3, 2\) and \(2, 2\)"),
        ({"labels": ["a"]}, r"y_true must have shape \(n, 1\).*got \(3, 2\)"),
        ({"labels": ["a", "b", "c"]}, r"for each of the 3 labels, got \(3, 2\)"),
        ({"labels": "ab"}, "list of names, got 'ab'"),
        ({"labels": ["a", "a"]}, "named once; repeated: a"),
        ({"labels": ["a", " "]}, "none blank"),
        (
            {"y_score": changed(SCORE, np.inf)},
            "finite; 1 cells are not, the first is inf in row 1 for b",
        ),
        (
            {"y_score": changed(SCORE, np.nan)},
            "finite; 1 cells are not, the first is nan in row 1 for b",
        ),
        (
            {"y_true": changed(TRUTH, 2)},
            r"0, 1 or NaN \(not known\); 1 cells are not, the first is 2",
        ),
        ({"y_true": changed(TRUTH, -1)}, "the first is -1 in row 1 for b"),
        ({"y_score": [["high", "low"]] * 3}, "y_score must be numbers"),
        (
            {"groups": [1, 2]},
            r"groups must have shape \(3,\), one patient for each image, got \(2,\)",
        ),
        ({"images": ["a.png", "b.png"]}, "3 names, one for each row, got 2"),
        ({"images": ["a.png", "b.png", "a.png"]}, "1 names came again"),
        ({"y_true": TRUTH[:0], "y_score": SCORE[:0]}, "no image to measure"),
        ({"n_bootstrap": -1}, "n_bootstrap must be a whole number, 0 at the least"),
        ({"interval": "wald"}, "interval must be one of bootstrap, delong, got 'wald'"),
        ({"confidence": 95}, r"confidence must lie in \(0, 1\), got 95"),
        (
            {"metadata_score": SCORE[:2]},
            "metadata_score: y_true and y_score must have the same shape",
        ),
        ({"metadata": {"age": [1, 2]}}, r"metadata\['age'\] must have shape \(3,\)"),
        (
            {"metadata": {"age": ["old", "young", "old"]}},
            r"metadata\['age'\]: expected a number; received the text 'old'",
        ),
    ],
)
def test_bad_input_is_one_clear_error(arguments, message):
    good = {"y_true": TRUTH, "y_score": SCORE, "labels": ["a", "b"], "n_bootstrap": 5}
    with pytest.raises(EvaluationError, match=message) as caught:
        auc_report(**{**good, **arguments})
    assert isinstance(caught.value, CxrZooError | ValueError)
    assert "\n" not in str(caught.value)


def test_integers_booleans_and_float32_are_welcome():
    reference = auc_report(TRUTH, SCORE, labels=["a", "b"], n_bootstrap=5)
    for truth in (TRUTH.astype(bool), TRUTH.astype(np.float32), TRUTH.tolist()):
        assert auc_report(truth, SCORE, labels=("a", "b"), n_bootstrap=5) == reference
