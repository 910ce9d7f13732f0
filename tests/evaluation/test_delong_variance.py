from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cxrzoo.evaluation.statistics.delong import delong


def pairs(truth, score):
    """Every positive against every negative, (m, n): 1 above, 1/2 tied, 0 below."""
    positive, negative = score[truth == 1][:, None], score[truth == 0][None, :]
    return (positive > negative) + 0.5 * (positive == negative)


def brute_force_variance(truth, kernels, contrast, units):
    """DeLong's sums over all pairs, patient by patient as Obuchowski writes them, in plain loops."""
    kernel = sum(weight * pairs_ for weight, pairs_ in zip(contrast, kernels, strict=True))
    m, n = kernel.shape
    value = kernel.mean()
    of_positive, of_negative = units[truth == 1], units[truth == 0]
    s10 = s01 = s11 = 0.0
    for unit in set(units):
        up = (
            sum(kernel[i, j] - value for i in range(m) if of_positive[i] == unit for j in range(n))
            / n
        )
        down = (
            sum(kernel[i, j] - value for j in range(n) if of_negative[j] == unit for i in range(m))
            / m
        )
        s10, s01, s11 = s10 + up * up, s01 + down * down, s11 + up * down
    i10, i01, patients = len(set(of_positive)), len(set(of_negative)), len(set(units))
    s10 *= i10 / ((i10 - 1) * m)
    s01 *= i01 / ((i01 - 1) * n)
    s11 *= patients / (patients - 1)
    return value, s10 / m + s01 / n + 2 * s11 / (m * n)


@st.composite
def two_readers(draw):
    n = draw(st.integers(6, 24))
    truth = np.array([1.0, 0.0] * (n // 2))
    score = draw(arrays(float, (len(truth), 2), elements=st.integers(0, 5).map(float)))
    units = draw(st.sampled_from([np.arange(len(truth)), np.arange(len(truth)) // 3]))
    return truth, score, units


@given(two_readers(), st.sampled_from([(1, 0), (1, -1)]))
def test_variances_agree_with_the_sum_over_all_pairs(case, contrast):
    truth, score, units = case
    kernels = [pairs(truth, column) for column in score.T]
    value, variance = brute_force_variance(truth, kernels, contrast, units)
    estimate = delong(truth, score, units, contrast)
    assert estimate.value == pytest.approx(value, abs=1e-12)
    assert estimate.variance == pytest.approx(variance, abs=1e-12)


@pytest.mark.parametrize("label", ["Pneumonia", "Hernia"])
def test_real_variances_agree_with_the_sum_over_all_pairs(real, label):
    i = real.labels.index(label)
    rows = np.r_[np.flatnonzero(real.y_true[:, i]), np.flatnonzero(real.y_true[:, i] == 0)[:200]]
    truth, score = real.y_true[rows, i], real.y_score[rows, i]
    units = np.unique(real.truth.patients[rows].astype(str), return_inverse=True)[1]
    _, variance = brute_force_variance(truth, [pairs(truth, score)], [1], units)
    assert delong(truth, score[:, None], units, (1,)).variance == pytest.approx(variance, rel=1e-10)


def test_readers_that_rank_alike_do_not_differ():
    generator = np.random.default_rng(0)
    truth, score = np.repeat([0.0, 1.0], 50), generator.normal(size=100)
    estimate = delong(truth, np.column_stack([score, np.exp(score)]), np.arange(100), (1, -1))
    assert estimate.p_value() == 1
    assert (
        estimate.interval_of_difference(0.95).low == estimate.interval_of_difference(0.95).high == 0
    )


@pytest.mark.parametrize(("positives", "images_a_patient"), [(20, 1), (60, 1), (60, 3)])
def test_the_interval_covers_a_known_auc_at_its_nominal_rate(positives, images_a_patient):
    runs, auc = 800, 0.8
    generator = np.random.default_rng(positives + images_a_patient)
    truth = np.concatenate([np.ones(positives), np.zeros(150)])
    patient = np.arange(len(truth)) // images_a_patient
    covered = 0
    for _ in range(runs):
        own = generator.normal(size=len(truth))
        shared = generator.normal(size=patient.max() + 1)[patient]
        noise = own if images_a_patient == 1 else (own + shared) / sqrt(2)
        score = noise + sqrt(2) * NormalDist().inv_cdf(auc) * truth
        interval = delong(truth, score[:, None], patient, (1,)).interval_of_auc(0.95)
        covered += interval.low <= auc <= interval.high
    # Three standard errors of the rate, and one percent for the approximation.
    assert abs(covered / runs - 0.95) < 3 * sqrt(0.95 * 0.05 / runs) + 0.01


def test_p_values_are_uniform_where_two_readers_are_equally_good():
    generator = np.random.default_rng(5)
    truth = np.repeat([0.0, 1.0], [120, 40])
    shared = generator.normal(size=(600, len(truth)))
    p_values = [
        delong(
            truth,
            (common[:, None] + generator.normal(size=(len(truth), 2))) + truth[:, None],
            np.arange(len(truth)),
            (1, -1),
        ).p_value()
        for common in shared
    ]
    for level in (0.05, 0.2, 0.5):
        rate = np.mean(np.array(p_values) < level)
        assert abs(rate - level) < 3 * sqrt(level * (1 - level) / 600) + 0.01
