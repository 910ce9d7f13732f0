import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.linear_model import LogisticRegression

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation import Calibration, adjust_prevalence, fit_calibration, reliability, roc_auc
from cxrzoo.evaluation.statistics.calibration import cross_entropy, expected_calibration_error
from cxrzoo.pretrained import ModelConfig, config_from_json, config_to_json

PROBABILITIES = arrays(float, st.tuples(st.integers(1, 8), st.just(2)), elements=st.floats(0, 1))


def logit(p):
    return np.log(p) - np.log1p(-p)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def drawn(n, seed=0):
    generator = np.random.default_rng(seed)
    p = sigmoid(generator.normal(-1, 1.5, size=n))
    return (generator.random(n) < p).astype(float), p


def test_platt_agrees_with_scikit_learns_logistic_regression():
    truth, p = drawn(20_000)
    score = sigmoid(0.5 * logit(p) + 1)
    fitted = fit_calibration(truth, score[:, None], labels=["x"], part="v", method="platt")
    reference = LogisticRegression(C=np.inf, tol=1e-10).fit(logit(score)[:, None], truth)
    # Platt's smoothed targets differ from 0 and 1 by about 1 / 10,000 here.
    assert fitted.slopes[0] == pytest.approx(reference.coef_[0, 0], rel=2e-3)
    assert fitted.intercepts[0] == pytest.approx(reference.intercept_[0], abs=5e-3)


@pytest.mark.parametrize("temperature", [0.4, 1.0, 3.0])
def test_a_temperature_is_found_again(temperature):
    truth, p = drawn(40_000)
    score = sigmoid(logit(p) * temperature)
    fitted = fit_calibration(truth, score[:, None], labels=["x"], part="v")
    assert 1 / fitted.slopes[0] == pytest.approx(temperature, rel=0.05)
    np.testing.assert_allclose(fitted.apply(score[:, None])[:, 0], p, atol=0.02)


def test_calibration_lowers_the_loss_on_real_images_that_had_no_say(real):
    half = len(real.y_true) // 2
    distorted = sigmoid(2 * logit(real.y_score) + 1)
    calibration = fit_calibration(
        real.y_true[:half], distorted[:half], labels=real.labels, part="validation", method="platt"
    )
    calibrated = calibration.apply(distorted[half:])
    for i in range(len(real.labels)):
        truth = real.y_true[half:, i]
        assert cross_entropy(truth, calibrated[:, i]) < cross_entropy(truth, distorted[half:, i])
    np.testing.assert_allclose(
        roc_auc(real.y_true[half:], calibrated), roc_auc(real.y_true[half:], real.y_score[half:])
    )


def test_perfectly_separated_scores_get_finite_parameters():
    truth = np.array([0.0] * 50 + [1.0] * 3)
    score = np.where(truth == 1, 1.0, 0.0)[:, None]
    for method in ("temperature", "platt"):
        fitted = fit_calibration(truth, score, labels=["x"], part="v", method=method)
        assert np.isfinite([*fitted.slopes, *fitted.intercepts]).all()
        assert 0 < fitted.slopes[0] < 10


def test_two_images_get_platts_smoothed_targets():
    score = [[0.2], [0.8]]
    fitted = fit_calibration([0, 1], score, labels=["x"], part="v", method="platt")
    # Two parameters fit two points exactly: 1 / (n + 2) and (m + 1) / (m + 2) for n = m = 1.
    np.testing.assert_allclose(fitted.apply(score)[:, 0], [1 / 3, 2 / 3], atol=1e-6)


def test_a_label_of_one_class_keeps_its_scores():
    score = np.array([[0.2, 0.3], [0.4, 0.9]])
    fitted = fit_calibration([[0, 0], [0, 1]], score, labels=["a", "b"], part="v")
    assert fitted.undefined == ("a",)
    np.testing.assert_array_equal(fitted.apply(score)[:, 0], score[:, 0])


def test_a_model_config_carries_a_calibration_through_json_and_back():
    truth, p = drawn(500)
    targets = np.column_stack([truth, np.zeros(500)])
    scores = np.column_stack([p, p])
    labels = ("Mass", "Edema")
    fitted = fit_calibration(targets, scores, labels=labels, part="v", method="platt")
    config = ModelConfig("cnn_test1", {}, labels, calibration=fitted.as_dict())
    text = json.dumps(config_to_json(config))
    read = config_from_json(json.loads(text), source="cxrzoo.json")
    carried = Calibration.from_dict(read.calibration, labels=read.labels)
    assert carried.undefined == ("Edema",)
    np.testing.assert_array_equal(carried.apply(scores), fitted.apply(scores))


def test_scores_that_are_no_probabilities_are_refused():
    with pytest.raises(EvaluationError, match="sigmoid"):
        fit_calibration([0, 1], [-1, 3], labels=["x"], part="v")
    with pytest.raises(EvaluationError, match="temperature, platt"):
        fit_calibration([0, 1], [0, 1], labels=["x"], part="v", method="isotonic")
    with pytest.raises(EvaluationError, match=r"shape \(n, 1\), got \(2, 2\)"):
        fit_calibration([0, 1], [0.1, 1], labels=["x"], part="v").apply(np.zeros((2, 2)))


def test_bins_are_of_equal_size_and_keep_ties_together():
    truth, p = drawn(1000)
    bins = reliability(truth, p)
    assert [b.n for b in bins] == [100] * 10
    order = np.argsort(p)
    assert bins[0].observed == truth[order[:100]].mean()
    assert bins[-1].mean_score == pytest.approx(p[order[-100:]].mean())
    tied = reliability(truth, np.round(p, 1))
    assert sum(b.n for b in tied) == 1000
    assert len({b.mean_score for b in tied}) == len(tied)
    assert [b.n for b in reliability(np.array([1.0, 0.0]), np.array([0.5, 0.5]))] == [2]


def test_the_error_is_zero_for_scores_that_mean_what_they_say():
    truth = np.array([1.0] * 30 + [0.0] * 70)
    assert expected_calibration_error(truth, np.full(100, 0.3)) == pytest.approx(0)
    assert expected_calibration_error(truth, np.full(100, 0.8)) == pytest.approx(0.5)


@given(PROBABILITIES)
def test_the_same_prevalence_changes_nothing_and_there_and_back_is_here(scores):
    here, there = [0.1, 0.4], [0.3, 0.02]
    np.testing.assert_allclose(adjust_prevalence(scores, here, here), scores, atol=1e-12)
    back = adjust_prevalence(adjust_prevalence(scores, here, there), there, here)
    np.testing.assert_allclose(back, scores, atol=1e-9)


def test_adjusted_scores_are_right_where_only_the_prevalence_differs():
    generator = np.random.default_rng(1)
    n = 200_000

    def posterior(x, prevalence):
        # Positives N(1, 1), negatives N(0, 1): log odds are x - 1/2 plus the prior's.
        return sigmoid(x - 0.5 + logit(prevalence))

    truth = (generator.random(n) < 0.3).astype(float)
    x = generator.normal(size=n) + truth
    adjusted = adjust_prevalence(posterior(x, 0.05)[:, None], [0.05], [0.3])[:, 0]
    np.testing.assert_allclose(adjusted, posterior(x, 0.3), atol=1e-12)
    assert adjusted.mean() == pytest.approx(truth.mean(), abs=0.005)


def test_a_prevalence_of_zero_is_refused():
    with pytest.raises(EvaluationError, match=r"target must be 1 prevalences within \(0, 1\)"):
        adjust_prevalence([[0.5]], [0.1], [0.0])
