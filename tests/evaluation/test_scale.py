"""Memory grows with the images, and by no more than a few times what they are."""

import json
import tracemalloc

import numpy as np
import pytest

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation import Report, auc_report

LABELS = [f"label {i}" for i in range(15)]


def arrays(n):
    generator = np.random.default_rng(1)
    truth = (generator.random((n, 15)) < np.geomspace(0.01, 0.5, 15)).astype(float)
    return truth, generator.random((n, 15)) + truth / 4


def peak_of(call):
    tracemalloc.start()
    try:
        result = call()
        return result, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("unknown", [0.0, 0.3])
def test_a_report_takes_at_most_four_times_its_input_and_grows_with_it(unknown):
    peaks = []
    for n in (20_000, 80_000):
        truth, scores = arrays(n)
        truth[np.random.default_rng(2).random(truth.shape) < unknown] = np.nan
        call = lambda t=truth, s=scores: auc_report(t, s, labels=LABELS, n_bootstrap=0)  # noqa: E731
        peaks.append(peak_of(call)[1] / (truth.nbytes + scores.nbytes))
    assert max(peaks) < 4
    assert peaks[1] < peaks[0] * 1.05


def test_a_report_with_predictions_has_no_object_for_each_cell():
    truth, scores = arrays(20_000)
    truth[0, :3] = np.nan
    report = auc_report(truth, scores, labels=LABELS, n_bootstrap=0)
    text, written = peak_of(lambda: report.to_json(predictions=True))
    # A Python float takes 24 bytes and 8 in its list; the text alone is 11 bytes a cell here.
    assert written < 40 * scores.size
    again, read = peak_of(lambda: Report.from_json(text))
    assert read < 60 * scores.size
    assert again == report
    np.testing.assert_array_equal(again.scored.y_score, scores)
    np.testing.assert_array_equal(again.scored.y_true, truth)


@pytest.mark.parametrize(
    "change",
    [
        {"dtype": "|O"}, {"dtype": "<f4"}, {"shape": [3, 4]}, {"shape": [-1, 2]}, {"shape": "many"},
        {"base64": "AAAA"}, {"base64": "no base64"}, {"base64": 7}, {"more": 1}, {"shape": [10**30, 2]},
    ],
)  # fmt: skip
@pytest.mark.parametrize("array", ["y_true", "y_score"])
def test_arrays_that_are_broken_are_no_report(change, array):
    report = auc_report(
        [[0, 1], [1, 0]], [[0.1, 0.2], [0.3, 0.4]], labels=["a", "b"], n_bootstrap=0
    )
    content = json.loads(report.to_json(predictions=True))
    content["predictions"][array].update(change)
    with pytest.raises(EvaluationError, match=r"not a report|must be|must have") as caught:
        Report.from_json(json.dumps(content))
    assert len(str(caught.value)) < 500
