"""ROC curves under weights, held to scikit-learn's curves of images that stand there as often."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import auc, roc_auc_score, roc_curve

from cxrzoo.evaluation.statistics.weighted_curves import ranked

SEEDS = st.integers(0, 10_000)


def draw(seed, n=30):
    """Scores with ties, a label with unknown cells, weights of 9 units in 4 replicates."""
    rng = np.random.default_rng(seed)
    score = rng.integers(0, 8, n) / 7
    truth = rng.choice([0.0, 1.0, np.nan], n, p=[0.5, 0.4, 0.1])
    truth[:2] = 0, 1
    units = rng.integers(0, 9, n)
    units[:2] = 0, 1
    weights = rng.integers(0, 3, (9, 4)).astype(np.int32)
    weights[:2] += 1  # both classes are there
    return score, truth, units, weights


def repeated(score, truth, units, weights):
    rows = np.repeat(np.arange(len(score)), weights[units])
    rows = rows[~np.isnan(truth[rows])]
    return truth[rows], score[rows]


@settings(deadline=None)
@given(SEEDS)
def test_curves_under_weights_are_those_of_repeated_images(seed):
    score, truth, units, weights = draw(seed)
    curves = (found := ranked(score)).curves(truth, found.ordered(weights, units))
    x, y = curves.rates()
    for b in range(4):
        expected = roc_curve(*repeated(score, truth, units, weights[:, b]), drop_intermediate=False)
        points = {*zip(*(np.round(side, 12) for side in expected[:2]), strict=True)}
        assert {*zip(np.round(x[:, b], 12), np.round(y[:, b], 12), strict=True)} == points
        area = auc(x[:, b], y[:, b])
        np.testing.assert_allclose(
            area, roc_auc_score(*repeated(score, truth, units, weights[:, b]))
        )
        np.testing.assert_allclose(curves.mean_sensitivity(0.0, 1.0)[b], area)


@settings(deadline=None)
@given(SEEDS, st.sampled_from([0.1, 0.25, 0.6]))
def test_the_mean_sensitivity_up_to_a_rate_is_scikit_learns_partial_area(seed, edge):
    score, truth, units, weights = draw(seed)
    curves = (found := ranked(score)).curves(truth, found.ordered(weights, units))
    up_to, beyond = curves.mean_sensitivity(0.0, edge), curves.mean_sensitivity(edge, 1.0)
    whole = curves.mean_sensitivity(0.0, 1.0)
    for b in range(4):
        standard = roc_auc_score(*repeated(score, truth, units, weights[:, b]), max_fpr=edge)
        least = edge**2 / 2
        partial = (2 * standard - 1) * (edge - least) + least  # McClish's scaling undone
        np.testing.assert_allclose(up_to[b] * edge, partial, atol=1e-12)
        np.testing.assert_allclose(up_to[b] * edge + beyond[b] * (1 - edge), whole[b])
    assert np.isnan(curves.mean_sensitivity(edge, edge)).all()


@settings(deadline=None)
@given(SEEDS)
def test_the_sensitivity_at_a_number_of_alarms_is_the_highest_on_the_curve(seed):
    score, truth, units, weights = draw(seed)
    curves = (found := ranked(score)).curves(truth, found.ordered(weights, units))
    negatives = curves.alarms[-1]
    for part in (0.0, 0.3, 0.5, 1.0):
        alarms = np.floor(part * negatives)
        at = curves.sensitivity_at(alarms)
        for b in range(4):
            fpr, tpr, _ = roc_curve(
                *repeated(score, truth, units, weights[:, b]), drop_intermediate=False
            )
            rate = alarms[b] / negatives[b]
            # The upper end of an upright piece: interpolate just to its right.
            right = np.interp(rate + 1e-9, fpr, tpr)
            np.testing.assert_allclose(at[b], right, atol=1e-6)
            assert at[b] >= np.interp(rate - 1e-9, fpr, tpr) - 1e-6
