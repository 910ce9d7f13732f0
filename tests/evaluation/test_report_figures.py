from dataclasses import fields, replace
from math import isnan

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss

from cxrzoo.evaluation import Report, Subgroup, auc_report, fit_metadata_baseline
from cxrzoo.labels import NIH_LABELS


@pytest.fixture(scope="module")
def report(real):
    baseline = fit_metadata_baseline(real.others.metadata, real.others.targets, labels=real.labels)
    return real.report(
        metadata=real.truth.metadata,
        metadata_score=baseline.predict(real.truth.metadata),
    )


def test_counts_are_those_of_the_truth(real, report):
    assert (report.n, report.units, report.unit) == (1852, 516, "patient")
    for row, truth in zip(report.rows, real.y_true.T, strict=True):
        assert (row.n, row.positives) == (1852, truth.sum())
        assert row.positive_units == len(set(real.truth.patients[truth == 1]))
        assert row.prevalence == truth.mean()


def test_every_accuracy_stands_beside_that_of_no_to_everything(real, report):
    for i, row in enumerate(report.rows):
        right = (real.y_score[:, i] > 0.5) == real.y_true[:, i]
        assert row.accuracy == right.mean()
        assert row.all_negative_accuracy == pytest.approx(1 - real.y_true[:, i].mean())
    assert report.accuracy == ((real.y_score > 0.5) == real.y_true).mean()
    assert report.all_negative_accuracy == (real.y_true == 0).mean()


def test_losses_agree_with_scikit_learn_beside_that_of_the_prevalence(real, report):
    for i, row in enumerate(report.rows):
        truth, score = real.y_true[:, i], real.y_score[:, i]
        assert row.cross_entropy == pytest.approx(log_loss(truth, score))
        assert row.brier == pytest.approx(brier_score_loss(truth, score))
        guess = np.full(len(truth), truth.mean())
        assert row.prevalence_cross_entropy == pytest.approx(log_loss(truth, guess))


def test_logits_have_areas_but_no_calibration(real):
    logits = np.log(real.y_score) - np.log1p(-real.y_score)
    report = auc_report(real.y_true, logits, labels=real.labels, n_bootstrap=0)
    for row, other in zip(report.rows, real.report(n_bootstrap=0).rows, strict=True):
        assert row.roc_auc == pytest.approx(other.roc_auc)
        assert isnan(row.cross_entropy)
        assert isnan(row.brier)
        assert isnan(row.ece)


def test_the_gain_is_what_the_image_adds_beyond_age_sex_and_view(report):
    for row in report.rows:
        assert 0.3 < row.metadata_roc_auc < 1
        assert row.gain == row.roc_auc - row.metadata_roc_auc
        assert row.gain_interval.low <= row.gain <= row.gain_interval.high
    assert report["Effusion"].gain_interval.low > 0


def test_the_metadata_model_knows_that_edema_is_seen_on_ap_views(report):
    assert report["Edema"].metadata_roc_auc > 0.6


def test_a_label_without_positives_is_named_and_in_no_mean(real):
    truth = np.column_stack([real.y_true, np.zeros(len(real.y_true))])
    score = np.column_stack([real.y_score, real.y_score[:, 0]])
    report = auc_report(truth, score, labels=[*real.labels, "Rare"], n_bootstrap=10)
    assert report.undefined == ("Rare",)
    assert isnan(report["Rare"].roc_auc)
    assert isnan(report["Rare"].average_precision)
    assert report["Rare"].one_class_replicates == 10
    assert report.macro.labels == real.labels
    assert report.macro.roc_auc == pytest.approx(np.mean([row.roc_auc for row in report.rows[:-1]]))


def test_macro_over_the_findings_leaves_no_finding_out(real):
    healthy = (real.y_true.sum(axis=1) == 0).astype(float)
    report = auc_report(
        np.column_stack([real.y_true, healthy]),
        np.column_stack([real.y_score, 1 - real.y_score.max(axis=1)]),
        labels=NIH_LABELS,
        n_bootstrap=10,
    )
    assert report.macro_findings.labels == real.labels
    assert report.macro_findings.roc_auc == pytest.approx(real.report(n_bootstrap=0).macro.roc_auc)
    assert len(report.macro.labels) == 15


def test_without_all_findings_there_is_no_macro_over_them(real):
    report = auc_report(
        real.y_true[:, :3], real.y_score[:, :3], labels=real.labels[:3], n_bootstrap=0
    )
    assert report.macro_findings is None


def test_delong_is_a_choice_for_the_labels_alone(real):
    drawn, delong = real.report(), real.report(interval="delong")
    assert delong.macro == drawn.macro
    for a, b in zip(drawn.rows, delong.rows, strict=True):
        assert a.roc_auc == b.roc_auc
        assert a.roc_auc_interval != b.roc_auc_interval
        assert a.average_precision_interval == b.average_precision_interval
        width = b.roc_auc_interval.high - b.roc_auc_interval.low
        if a.positive_units >= 40:
            assert width == pytest.approx(a.roc_auc_interval.high - a.roc_auc_interval.low, rel=0.3)


def test_subgroups_are_the_areas_within_each_view_sex_age_and_study(real, report):
    by = {(s.subgroup, s.value, s.label): s for s in report.subgroups}
    views = real.truth.metadata["view"].astype(str)
    for i, label in enumerate(real.labels):
        on = views == "AP"
        subgroup = by["view", "AP", label]
        assert (subgroup.n, subgroup.positives) == (on.sum(), real.y_true[on, i].sum())
        alone = auc_report(real.y_true[on, i], real.y_score[on, i], labels=["x"], n_bootstrap=0)
        np.testing.assert_allclose(subgroup.roc_auc, alone.macro.roc_auc, atol=1e-12)
    assert {s.value for s in report.subgroups if s.subgroup == "sex"} == {"F", "M"}
    assert {s.value for s in report.subgroups if s.subgroup == "follow_up"} == {
        "first study",
        "follow-up",
    }
    for label in real.labels:
        ages = [s for s in report.subgroups if s.subgroup == "age" and s.label == label]
        assert sum(s.n for s in ages) == 1852


def test_small_subgroups_are_marked_and_said(report):
    assert all(s.too_small == (min(s.positives, s.n - s.positives) < 20) for s in report.subgroups)
    small = sum(s.too_small for s in report.subgroups)
    assert small
    assert f"{small} of {len(report.subgroups)} subgroups have too few" in report.to_markdown()


def test_missing_metadata_stand_in_no_subgroup():
    report = auc_report(
        [0, 1, 0, 1],
        [0.1, 0.9, 0.2, 0.3],
        labels=["x"],
        n_bootstrap=0,
        metadata={
            "age": [np.nan, 30, 90, 17],
            "view": ["AP", "", None, "PA"],
            "room": [1, 2, 3, 4],
        },
    )
    values = {(s.subgroup, s.value): s.n for s in report.subgroups}
    assert values == {
        ("view", "AP"): 1,
        ("view", "PA"): 1,
        ("age", "0-17"): 1,
        ("age", "18-39"): 1,
        ("age", "80+"): 1,
    }


@pytest.mark.parametrize(
    ("years", "band"),
    [(0, "0-17"), (17.9, "0-17"), (18, "18-39"), (59, "40-59"), (60, "60-79"), (80, "80+")],
)
def test_a_band_begins_with_its_first_year(years, band):
    report = auc_report([0, 1], [0, 1], labels=["x"], n_bootstrap=0, metadata={"age": [years] * 2})
    assert [s.value for s in report.subgroups] == [band]


class NotAvailable:
    """What pandas puts into an empty cell of text: it has no truth value and compares as itself."""

    def __eq__(self, other):
        return self

    def __bool__(self):
        raise TypeError

    def __repr__(self):
        return "<NA>"

    __hash__ = None


@pytest.mark.parametrize("missing", [None, np.nan, float("nan"), "", NotAvailable()])
def test_an_image_without_a_view_is_in_no_subgroup_of_views(missing):
    views = np.array(["AP", missing, "PA", missing], object)
    report = auc_report(
        [0, 1, 0, 1], [0.1, 0.9, 0.2, 0.3], labels=["x"], n_bootstrap=0, metadata={"view": views}
    )
    assert [(s.value, s.n) for s in report.subgroups] == [("AP", 1), ("PA", 1)]


@pytest.mark.parametrize("missing", [None, np.nan, NotAvailable()])
def test_images_of_no_known_patient_stand_for_themselves(missing):
    groups = np.array(["a", missing, "a", missing], object)
    report = auc_report(
        [0, 1, 0, 1], [0.1, 0.9, 0.2, 0.3], labels=["x"], n_bootstrap=0, groups=groups
    )
    assert report.units == 3


def test_strata_of_before_are_subgroups(report):
    first = report.subgroups[0]
    old = {f.name: getattr(first, f.name) for f in fields(first)}
    old["stratum"] = old.pop("subgroup")
    with pytest.warns(DeprecationWarning, match="now subgroup="):
        assert Subgroup(**old) == first
    with pytest.warns(DeprecationWarning, match=r"Subgroup.stratum is now Subgroup.subgroup"):
        assert first.stratum == "view"
    with pytest.warns(DeprecationWarning, match=r"Report.strata is now Report.subgroups"):
        assert report.strata == report.subgroups
    held = {f.name: getattr(report, f.name) for f in fields(report)}
    held["strata"] = held.pop("subgroups")
    with pytest.warns(DeprecationWarning, match="now subgroups="):
        assert Report(**held) == report
    with (
        pytest.warns(DeprecationWarning, match="now subgroups="),
        pytest.raises(TypeError, match=r"subgroups=\.\.\. alone"),
    ):
        replace(report, strata=())  # dataclasses.replace passes subgroups too
    text = report.to_json()
    assert '"subgroups"' in text
    before = text.replace('"subgroups"', '"strata"').replace('"subgroup"', '"stratum"')
    assert before != text
    assert Report.from_json(before).to_json() == text
