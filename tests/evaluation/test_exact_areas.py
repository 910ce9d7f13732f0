import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score, roc_auc_score

from cxrzoo.evaluation import average_precision, roc_auc


@st.composite
def scored(draw):
    """Truth with unknown cells, scores of few values so that many tie, and weights with zeros."""
    n, k = draw(st.integers(2, 40)), draw(st.integers(1, 3))
    truth = draw(arrays(float, (n, k), elements=st.sampled_from([0.0, 1.0, np.nan])))
    score = draw(arrays(float, (n, k), elements=st.integers(-6, 6).map(float)))
    weight = draw(arrays(float, n, elements=st.integers(0, 4).map(lambda w: w / 2)))
    return truth, score, weight


def test_real_predictions_agree_with_scikit_learn(real):
    auc = [roc_auc_score(t, s) for t, s in zip(real.y_true.T, real.y_score.T, strict=True)]
    ap = [average_precision_score(t, s) for t, s in zip(real.y_true.T, real.y_score.T, strict=True)]
    np.testing.assert_allclose(roc_auc(real.y_true, real.y_score), auc, rtol=0, atol=1e-12)
    np.testing.assert_allclose(average_precision(real.y_true, real.y_score), ap, rtol=0, atol=1e-12)


@given(scored())
def test_ties_weights_and_unknown_cells_agree_with_scikit_learn(case):
    truth, score, weight = case
    auc = roc_auc(truth, score, sample_weight=weight)
    ap = average_precision(truth, score, sample_weight=weight)
    for j in range(truth.shape[1]):
        on = ~np.isnan(truth[:, j])
        t, s, w = truth[on, j], score[on, j], weight[on]
        if w[t == 1].sum() == 0 or w[t == 0].sum() == 0:
            assert np.isnan(auc[j])
            assert np.isnan(ap[j])
            continue
        assert auc[j] == pytest.approx(roc_auc_score(t, s, sample_weight=w), abs=1e-12)
        assert ap[j] == pytest.approx(average_precision_score(t, s, sample_weight=w), abs=1e-12)


@given(scored())
def test_a_monotone_map_of_the_scores_changes_nothing(case):
    truth, score, _ = case
    for area in (roc_auc, average_precision):
        np.testing.assert_array_equal(area(truth, score), area(truth, np.exp(score / 3) - 7))


@given(scored(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_labels_changes_nothing(case, random):
    truth, score, _ = case
    rows, columns = list(range(truth.shape[0])), list(range(truth.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    for area in (roc_auc, average_precision):
        moved = area(truth[rows][:, columns], score[rows][:, columns])
        np.testing.assert_allclose(moved, area(truth, score)[columns], rtol=0, atol=1e-12)


@given(scored())
def test_negated_scores_give_the_complement(case):
    truth, score, _ = case
    np.testing.assert_allclose(roc_auc(truth, -score), 1 - roc_auc(truth, score), atol=1e-12)


@given(scored())
def test_unknown_cells_count_as_if_they_were_not_there(case):
    truth, score, _ = case
    on = ~np.isnan(truth[:, 0])
    assume(on.any())
    np.testing.assert_array_equal(
        roc_auc(truth[:, :1], score[:, :1]), roc_auc(truth[on, :1], score[on, :1])
    )


@pytest.mark.parametrize("truth", [[0, 0], [1, 1], [np.nan, 1], [np.nan, np.nan]])
def test_one_class_is_nan_and_no_warning(truth):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(roc_auc(truth, [0.1, 0.9])).all()
        assert np.isnan(average_precision(truth, [0.1, 0.9])).all()


def test_four_images_by_hand():
    # Pairs (positive, negative): .8 > .4, .8 > .6, .4 = .4 (half), .4 < .6: 2.5 of 4.
    assert roc_auc([1, 1, 0, 0], [0.8, 0.4, 0.4, 0.6])[0] == 2.5 / 4
    # Recall 1/2 at precision 1, then 1 at 2/4.
    assert average_precision([1, 1, 0, 0], [0.8, 0.4, 0.4, 0.6])[0] == 1 / 2 + 1 / 2 * 2 / 4
