"""Agreement of labels and readers, held to scikit-learn and to the definitions, image by image."""

import warnings
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import cohen_kappa_score, confusion_matrix, roc_auc_score

from cxrzoo.evaluation.statistics.agreement import (
    agreement,
    majority,
    majority_of_others,
    rating_sums,
    readers_agreement,
    replicate,
    two_by_two,
)
from cxrzoo.evaluation.statistics.bootstrap import draw_weights
from cxrzoo.evaluation.statistics.label_noise import at_prevalence, auc_under_noise

CELLS = st.sampled_from([0.0, 1.0, np.nan])
ROWS = st.integers(1, 12).flatmap(lambda n: arrays(float, (n, 2), elements=CELLS))
READS = st.tuples(st.integers(1, 8), st.integers(1, 5)).flatmap(
    lambda shape: arrays(float, shape, elements=CELLS)
)


def figures(truth, test):
    units = np.arange(len(truth))
    return agreement(two_by_two(truth, test, units, len(truth)).sum(axis=1))


def share(hits, trials):
    return hits / trials if trials else np.nan


@settings(deadline=None)
@given(ROWS)
def test_figures_of_two_labels_are_scikit_learns(pair):
    truth, test = pair[~np.isnan(pair).any(axis=1)].T
    found = figures(*pair.T)
    if not len(truth):
        assert np.isnan(found).all()
        return
    tn, fp, fn, tp = confusion_matrix(truth, test, labels=[0, 1]).ravel()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # kappa of one class
        kappa = cohen_kappa_score(truth, test)
    np.testing.assert_allclose(
        found[:5],
        [share(tp, tp + fn), share(tn, tn + fp), share(tp, tp + fp), share(tn, tn + fn), kappa],
        atol=1e-12,
    )
    # AC1: chance agreement is that of the share of positives over both.
    seen = (truth.mean() + test.mean()) / 2
    chance = 2 * seen * (1 - seen)
    np.testing.assert_allclose(
        found[5], ((truth == test).mean() - chance) / (1 - chance), atol=1e-12
    )


def several_readers(reads):
    """Fleiss' kappa and AC1 by their definitions: pairs of readers, image after image."""
    agreed, shares = [], []
    for image in reads:
        votes = image[~np.isnan(image)]
        if len(votes) > 1:
            agreed.append(np.mean([a == b for a, b in combinations(votes, 2)]))
        if len(votes):
            shares.append(votes.mean())
    if not agreed:
        return [np.nan, np.nan]
    observed, yes = np.mean(agreed), np.mean(shares)
    of_kappa, of_ac1 = yes**2 + (1 - yes) ** 2, 2 * yes * (1 - yes)
    kappa = np.nan if of_kappa == 1 else (observed - of_kappa) / (1 - of_kappa)
    return [kappa, (observed - of_ac1) / (1 - of_ac1)]


@settings(deadline=None)
@given(READS)
def test_agreement_of_several_readers_is_that_of_its_definition(reads):
    found = readers_agreement(rating_sums(reads, np.arange(len(reads)), len(reads)).sum(axis=1))
    np.testing.assert_allclose(found, several_readers(reads), atol=1e-9)


def test_ac1_of_a_rare_finding_stays_where_kappa_falls():
    """Feinstein & Cicchetti's paradox: 97 of 100 agree, and kappa is below 0."""
    truth, test = np.zeros(100), np.zeros(100)
    truth[0], test[1:3] = 1, 1
    found = figures(truth, test)
    assert found[4] < 0
    assert found[5] > 0.96


@settings(deadline=None)
@given(READS)
def test_a_majority_is_more_than_half_of_those_who_read_and_nobody_judges_himself(reads):
    def vote(votes):
        yes, no = (votes == 1).sum(), (votes == 0).sum()
        return np.nan if yes == no else float(yes > no)

    np.testing.assert_equal(majority(reads), [vote(image) for image in reads])
    others = [
        [vote(np.delete(image, reader)) for reader in range(reads.shape[1])] for image in reads
    ]
    np.testing.assert_equal(majority_of_others(reads), others)


def test_replicates_are_those_of_patients_drawn_and_measured_again():
    rng = np.random.default_rng(0)
    pair = rng.integers(0, 2, (40, 2)).astype(float)
    reads = rng.integers(0, 2, (40, 3)).astype(float)
    units = rng.integers(0, 15, 40)
    two, sums = two_by_two(*pair.T, units, 15), rating_sums(reads, units, 15)

    def measure(weights):
        return np.concatenate([agreement(two @ weights), readers_agreement(sums @ weights)])

    whole, found = replicate(measure, 15, 100, seed=5)
    np.testing.assert_allclose(whole[4], cohen_kappa_score(*pair.T))
    drawn = np.concatenate(list(draw_weights(15, 100, 5, 7)), axis=1)
    for counts, row in zip(drawn.T, found, strict=True):
        rows = np.repeat(np.arange(40), counts[units])
        np.testing.assert_allclose(row[4], cohen_kappa_score(*pair[rows].T))
        np.testing.assert_allclose(row[6:], several_readers(reads[rows]), atol=1e-9)


@pytest.mark.parametrize(("ppv", "npv"), [(0.67, 0.67), (0.9, 0.95), (0.13, 0.93)])
@pytest.mark.parametrize("separation", [0.8, 100.0])
def test_simulated_wrong_labels_bring_an_auc_to_where_the_formula_says(ppv, npv, separation):
    """Labels wrong at known rates, whatever the score; 100 standard deviations are a perfect model."""
    rng = np.random.default_rng(1)
    labels = rng.random(200_000) < 0.3
    truth = np.where(labels, rng.random(200_000) < ppv, rng.random(200_000) >= npv)
    score = rng.normal(truth * separation)
    clean = roc_auc_score(truth, score)
    expected = auc_under_noise(np.array(clean), np.array(ppv), np.array(npv))
    # An AUC of 60,000 positives has a standard error of about 0.0014.
    assert abs(roc_auc_score(labels, score) - expected) < 0.006
    if separation == 100:
        assert clean == 1
        np.testing.assert_allclose(expected, (ppv + npv) / 2)


def test_errors_that_follow_the_score_break_the_bound_which_is_why_it_names_its_assumption():
    rng = np.random.default_rng(2)
    truth = rng.random(20_000) < 0.3
    score = truth + rng.random(20_000)  # perfect: every positive lies above every negative
    labels = score > 1.5  # the label calls the clearer half of the positives
    ppv, npv = truth[labels].mean(), (~truth[~labels]).mean()
    assert roc_auc_score(truth, score) == 1
    assert roc_auc_score(labels, score) > auc_under_noise(np.array(1.0), ppv, npv) + 0.05


def test_a_draw_by_the_label_is_undone_by_the_labels_prevalence():
    rng = np.random.default_rng(3)
    truth, label = rng.random((2, 200_000)) < [[0.2], [0.1]]
    label |= truth & (rng.random(200_000) < 0.5)
    among_all = figures(truth.astype(float), label.astype(float))
    drawn = np.concatenate([np.flatnonzero(label), np.flatnonzero(~label)[:20_000]])
    of_draw = figures(truth[drawn].astype(float), label[drawn].astype(float))
    assert of_draw[0] > among_all[0] + 0.2  # what enrichment does to sensitivity
    found = at_prevalence(of_draw[2], of_draw[3], np.array(label.mean()))
    np.testing.assert_allclose(found, [*among_all[:2], truth.mean()], atol=0.02)
    exact = at_prevalence(among_all[2], among_all[3], np.array(label.mean()))
    np.testing.assert_allclose(exact, [*among_all[:2], truth.mean()], atol=1e-12)
