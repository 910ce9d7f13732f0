from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cxrzoo.errors import EvaluationError, LabelError
from cxrzoo.evaluation import auc_report, choose_thresholds, fit_calibration
from cxrzoo.evaluation.statistics.intervals import proportion


def rates(truth, score, threshold):
    yes = score >= threshold
    hits, alarms = (yes & (truth == 1)).sum(), (yes & (truth == 0)).sum()
    m, n = (truth == 1).sum(), (truth == 0).sum()
    return hits / m, 1 - alarms / n, hits / max(1, hits + alarms)


def every_threshold(score):
    return [*np.unique(score), np.nextafter(score.max(), np.inf)]


@st.composite
def both_classes(draw):
    n = draw(st.integers(2, 30))
    truth = draw(arrays(float, n, elements=st.sampled_from([0.0, 1.0])))
    truth[:2] = 0, 1
    return truth, draw(arrays(float, n, elements=st.integers(0, 8).map(lambda s: s / 8)))


@given(both_classes())
def test_youden_has_the_largest_sum_of_sensitivity_and_specificity(case):
    truth, score = case
    (chosen,) = choose_thresholds(truth, score, labels=["x"], part="validation").values
    best = max(sum(rates(truth, score, t)[:2]) for t in every_threshold(score))
    assert sum(rates(truth, score, chosen)[:2]) == pytest.approx(best)


@given(both_classes(), st.sampled_from([0.3, 0.5, 0.55, 0.9, 1.0]))
def test_a_target_is_reached_at_the_least_cost(case, target):
    truth, score = case
    for which, method in enumerate(("sensitivity", "specificity", "ppv")):
        (chosen,) = choose_thresholds(
            truth, score, labels=["x"], part="validation", method=method, target=target
        ).values
        reaching = [
            t
            for t in every_threshold(score)
            if rates(truth, score, t)[which] >= target - 1e-9
            and (method != "ppv" or rates(truth, score, t)[0] > 0)
        ]
        if not reaching:
            assert isnan(chosen)
        else:
            assert chosen == (max if method == "sensitivity" else min)(reaching)


@pytest.fixture(scope="module")
def halves(real):
    half = len(real.y_true) // 2
    first, second = slice(None, half), slice(half, None)
    thresholds = choose_thresholds(
        real.y_true[first], real.y_score[first], labels=real.labels, part="validation"
    )
    return thresholds, first, second


def measured(real, rows, thresholds, **options):
    return auc_report(
        real.y_true[rows],
        options.pop("y_score", real.y_score[rows]),
        labels=real.labels,
        groups=real.truth.patients[rows],
        thresholds=thresholds,
        n_bootstrap=0,
        **options,
    )


def test_operating_points_are_those_of_the_other_part(real, halves):
    thresholds, _, second = halves
    report = measured(real, second, thresholds, part="test")
    for i, point in enumerate(report.operating_points):
        truth, yes = real.y_true[second, i] == 1, real.y_score[second, i] >= point.threshold
        assert point.threshold == thresholds[point.label]
        assert point.sensitivity == yes[truth].mean()
        assert point.specificity == (~yes)[~truth].mean()
        if yes.any():
            assert point.ppv == truth[yes].mean()
        assert point.npv == (~truth)[~yes].mean()
        for name in ("sensitivity", "specificity", "npv"):
            interval = getattr(point, f"{name}_interval")
            assert 0 <= interval.low <= getattr(point, name) <= interval.high <= 1
            assert interval.low < interval.high
    assert "chosen on the part 'validation' by youden" in report.to_markdown()


def test_the_part_they_were_chosen_on_is_refused_by_name(real, halves):
    thresholds, _, second = halves
    with pytest.raises(EvaluationError, match="chosen on the part 'validation'"):
        measured(real, second, thresholds, part="validation")


def test_the_part_they_were_chosen_on_is_refused_under_another_name_and_recalibrated(real, halves):
    thresholds, first, _ = halves
    truth, score = real.y_true[first], real.y_score[first]
    calibration = fit_calibration(truth, score, labels=real.labels, part="validation")
    for scores in (score, calibration.apply(score)):
        with pytest.raises(EvaluationError, match="whatever they are called here"):
            measured(real, first, thresholds, part="test", y_score=scores)


def test_a_label_of_one_class_has_no_threshold_and_it_is_said():
    thresholds = choose_thresholds(
        [[0, 1], [0, 0]], [[0.1, 0.2], [0.3, 0.1]], labels=["a", "b"], part="validation"
    )
    assert thresholds.undefined == ("a",)
    assert list(thresholds.as_dict()) == ["b"]
    report = auc_report(
        [[0, 1], [1, 0]], [[0.1, 0.4], [0.3, 0.1]], labels=["a", "b"], thresholds=thresholds
    )
    assert isnan(report.operating_points[0].sensitivity)
    assert "No threshold could be chosen for a" in report.to_markdown()


def test_labels_without_a_threshold_are_refused(real, halves):
    with pytest.raises(LabelError, match="no value for Scoliosis"):
        auc_report([0, 1], [0, 1], labels=["Scoliosis"], thresholds=halves[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "best"}, "method must be one of youden, sensitivity"),
        ({"method": "sensitivity"}, "needs a target"),
        ({"target": 0.9}, "'youden' takes no target"),
        ({"method": "ppv", "target": 90}, r"target must lie in \(0, 1\], got 90"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(arguments, message):
    with pytest.raises(EvaluationError, match=message):
        choose_thresholds([0, 1], [0, 1], labels=["x"], part="validation", **arguments)


def test_a_share_without_failures_has_wilsons_limits():
    # Wilson: with no failure in n trials the lower limit is n / (n + z^2).
    share, interval = proportion(np.ones(30), np.ones(30), 0.95)
    assert share == 1
    assert interval.low == pytest.approx(30 / (30 + 1.959964**2), abs=1e-6)
    assert interval.high == pytest.approx(1)


@pytest.mark.parametrize("images_a_patient", [1, 5])
def test_shares_cover_the_truth_at_their_nominal_rate(images_a_patient):
    generator = np.random.default_rng(images_a_patient)
    covered, runs = 0, 1000
    for _ in range(runs):
        # Patients differ: Beta(4, 1) has mean 0.8.
        own = generator.beta(4, 1, size=60)
        hits = generator.binomial(images_a_patient, own).astype(float)
        _, interval = proportion(hits, np.full(60, float(images_a_patient)), 0.95)
        covered += interval.low <= 0.8 <= interval.high
    assert abs(covered / runs - 0.95) < 0.03
