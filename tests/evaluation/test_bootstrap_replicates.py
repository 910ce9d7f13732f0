import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from cxrzoo.evaluation import auc_report
from cxrzoo.evaluation.statistics.bootstrap import (
    draw_weights,
    rank_labels,
    rank_pooled,
    replicate_areas,
)


@pytest.fixture(scope="module")
def replicates(real):
    scored = real.report(n_bootstrap=0).scored
    rankings = [*rank_labels(scored), rank_pooled(scored)]
    return scored, replicate_areas(rankings, scored.units[1], 20, seed=3)


def drawn_rows(scored, n_bootstrap, seed):
    units, n_units = scored.units
    for weights in next(draw_weights(n_units, n_bootstrap, seed, n_bootstrap)).T:
        yield np.repeat(np.arange(len(units)), weights[units])


def test_a_replicate_is_scikit_learn_on_the_drawn_patients_images(replicates):
    scored, areas = replicates
    for i, rows in enumerate(drawn_rows(scored, 20, seed=3)):
        truth, score = scored.y_true[rows], scored.y_score[rows]
        for j in np.flatnonzero(truth.any(axis=0)):
            assert areas.roc_auc_replicates[i, j] == pytest.approx(
                roc_auc_score(truth[:, j], score[:, j]), abs=1e-12
            )
            assert areas.average_precision_replicates[i, j] == pytest.approx(
                average_precision_score(truth[:, j], score[:, j]), abs=1e-12
            )
        pooled = roc_auc_score(truth.ravel(), score.ravel())
        assert areas.roc_auc_replicates[i, -1] == pytest.approx(pooled, abs=1e-12)


def test_a_replicate_without_a_hernia_is_nan_and_counted(real, replicates):
    scored, areas = replicates
    hernia = real.labels.index("Hernia")
    without = [not scored.y_true[rows, hernia].any() for rows in drawn_rows(scored, 20, seed=3)]
    assert 0 < sum(without) < 20
    np.testing.assert_array_equal(np.isnan(areas.roc_auc_replicates[:, hernia]), without)
    report = real.report(n_bootstrap=20, seed=3)
    assert report["Hernia"].one_class_replicates == sum(without)
    assert report.macro.one_class_replicates == sum(without)
    assert report["Effusion"].one_class_replicates == 0
    assert f"Hernia {sum(without)}" in report.to_markdown()


def test_macro_is_the_mean_over_labels_within_each_replicate(real, replicates):
    _, areas = replicates
    means = areas.roc_auc_replicates[:, :14].mean(axis=1)
    low, high = np.nanquantile(means, [0.025, 0.975])
    interval = real.report(n_bootstrap=20, seed=3).macro.roc_auc_interval
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-12)


def test_replicates_do_not_depend_on_how_many_are_drawn_at_a_time():
    at_once = next(draw_weights(50, 40, 7, block=40))
    in_parts = np.concatenate(list(draw_weights(50, 40, 7, block=16)), axis=1)
    np.testing.assert_array_equal(at_once, in_parts)
    assert (at_once.sum(axis=0) == 50).all()


def test_the_seed_alone_decides(real):
    assert real.report(seed=1) == real.report(seed=1)
    assert real.report(seed=1).macro.roc_auc == real.report(seed=2).macro.roc_auc
    assert real.report(seed=1).macro.roc_auc_interval != real.report(seed=2).macro.roc_auc_interval


def test_an_image_per_patient_is_the_bootstrap_over_images(real):
    alone = real.report(groups=np.arange(len(real.y_true)))
    none = real.report(groups=None)
    assert (alone.unit, none.unit) == ("patient", "image")
    assert [row.roc_auc_interval for row in alone.rows] == [r.roc_auc_interval for r in none.rows]


def test_copies_of_an_image_do_not_narrow_the_interval_over_patients():
    generator = np.random.default_rng(0)
    truth = np.repeat([0.0, 1.0], 60)
    score = generator.normal(size=120) + truth
    patient = np.arange(120)
    width = {}
    for copies in (1, 5):
        for name, groups in (("patients", np.repeat(patient, copies)), ("images", None)):
            report = auc_report(
                np.repeat(truth, copies), np.repeat(score, copies), labels=["x"], groups=groups
            )
            interval = report["x"].roc_auc_interval
            width[name, copies] = interval.high - interval.low
    assert width["patients", 5] == width["patients", 1]
    assert width["images", 5] < 0.6 * width["images", 1]


def test_an_image_of_no_known_patient_stands_for_itself(real):
    patients = real.truth.patients.copy()
    patients[:10] = None
    known = len(set(patients[10:]))
    assert real.report(groups=patients, n_bootstrap=2).units == known + 10


def test_a_label_of_one_patient_has_an_auc_but_no_interval():
    report = auc_report(
        [1, 1, 0, 0, 0], [0.9, 0.2, 0.5, 0.4, 0.3], labels=["x"], groups=[1, 1, 2, 3, 4]
    )
    assert report["x"].defined
    assert report["x"].positive_units == 1
    assert not report["x"].roc_auc_interval.defined


def test_a_perfect_auc_has_no_interval_of_width_zero():
    for interval in ("bootstrap", "delong"):
        report = auc_report([1, 1, 0, 0], [4, 3, 2, 1], labels=["x"], interval=interval)
        assert report["x"].roc_auc == 1
        assert not report["x"].roc_auc_interval.defined
