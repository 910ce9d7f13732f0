"""A model beside radiologists: held to scikit-learn on made-up tables in the files' layout."""

import json
from dataclasses import fields, replace

import expert_tables
import matplotlib as mpl
import numpy as np
import pytest
from sklearn.metrics import (
    average_precision_score,
    cohen_kappa_score,
    confusion_matrix,
    roc_auc_score,
    roc_curve,
)

from cxrzoo.data import read_expert_reads, read_nih_entries
from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation import (
    ExpertReport,
    auc_report,
    compare,
    compare_on_readers,
    expert_report,
    label_scorecard,
    plot_expert_roc,
    write_expert_html,
)
from cxrzoo.evaluation.experts.page import expert_panels
from cxrzoo.evaluation.statistics.bootstrap import draw_weights
from cxrzoo.labels import NIH_FINDINGS, NIH_LABELS

N = 150


@pytest.fixture(scope="module")
def drawn():
    drawn = expert_tables.draw(n=N, patients=90, seed=7)
    drawn[3][:, 7] = drawn[2][:, :, 7] = 0  # Pneumonia: no radiologist sees it
    drawn[4][:, 13] = np.arange(N) == 5  # Hernia: NIH calls one image positive
    return drawn


@pytest.fixture(scope="module")
def folder(tmp_path_factory, drawn):
    return expert_tables.write(tmp_path_factory.mktemp("experts"), drawn)


@pytest.fixture(scope="module")
def experts(folder):
    return read_expert_reads(folder)


@pytest.fixture(scope="module")
def scores(drawn):
    rng = np.random.default_rng(4)
    return np.clip(0.35 * drawn[2][:, :, 1:15].mean(1) + rng.normal(0.3, 0.15, (N, 14)), 0, 1)


def measured(drawn, scores, **more):
    names, patients, _, _, nih = drawn
    return auc_report(
        nih, scores, labels=NIH_FINDINGS, groups=patients, images=names, n_bootstrap=0,
        data="nih-chestxray14", **more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def report(drawn, scores):
    return measured(drawn, scores, name="a model")


@pytest.fixture(scope="module")
def found(report, experts):
    return expert_report(report, experts, n_bootstrap=200, seed=3)


def votes_of_others(reads, reader):
    yes = np.delete(reads, reader, axis=1).sum(axis=1)
    return np.where(yes > 2, 1.0, np.where(yes < 2, 0.0, np.nan))


def test_areas_both_ways_are_scikit_learns(found, drawn, scores):
    for j, label in enumerate(NIH_FINDINGS):
        row, nih, majority = found[label], drawn[4][:, j], drawn[3][:, j + 1]
        assert (row.label_positives, row.expert_positives) == (nih.sum(), majority.sum())
        np.testing.assert_allclose(row.label_auc, roc_auc_score(nih, scores[:, j]))
        np.testing.assert_allclose(row.label_ap, average_precision_score(nih, scores[:, j]))
        if label == "Pneumonia":
            assert np.isnan([row.expert_auc, row.expert_ap, row.difference]).all()
            continue
        np.testing.assert_allclose(row.expert_auc, roc_auc_score(majority, scores[:, j]))
        np.testing.assert_allclose(row.expert_ap, average_precision_score(majority, scores[:, j]))
    others = [row for row in found.rows if row.label != "Pneumonia"]
    assert found.mean.labels == tuple(row.label for row in others)
    np.testing.assert_allclose(found.mean.label_auc, np.mean([row.label_auc for row in others]))
    np.testing.assert_allclose(found.mean.difference, np.mean([row.difference for row in others]))


def test_every_readers_point_is_that_of_scikit_learns_confusion_matrix(found, drawn):
    assert len(found.points) == 14 * 5 * 2
    for point in found.points:
        j, reader = NIH_FINDINGS.index(point.label) + 1, expert_tables.READERS.index(point.reader)
        reads = drawn[2][:, :, j]
        truth = (
            votes_of_others(reads, reader) if point.against == "others" else drawn[3][:, j]
        ).astype(float)
        on = ~np.isnan(truth)
        tn, fp, fn, tp = confusion_matrix(truth[on], reads[on, reader], labels=[0, 1]).ravel()
        assert (point.n, point.positives, point.ties) == (on.sum(), tp + fn, N - on.sum())
        np.testing.assert_allclose(point.specificity, tn / (tn + fp))
        np.testing.assert_allclose(point.sensitivity, tp / (tp + fn) if tp + fn else np.nan)
        assert point.on_panel == (
            point.against == "majority" and point.reader in expert_tables.PANEL
        )


def height(truth, score, rate):
    """The highest sensitivity of scikit-learn's curve at a false-positive rate."""
    fpr, tpr, _ = roc_curve(truth, score, drop_intermediate=False)
    return tpr[fpr <= rate + 1e-9].max()


@pytest.mark.parametrize("against", ["others", "majority"])
def test_where_the_curve_passes_a_reader_is_what_drawing_patients_again_says(
    found, drawn, scores, against
):
    """The interval is recomputed by repeating images and asking scikit-learn."""
    patients = np.unique(drawn[1], return_inverse=True)[1]
    weights = np.concatenate(list(draw_weights(patients.max() + 1, 200, 3, 50)), axis=1)
    for point in [point for point in found.points if point.against == against][12:14]:
        j, reader = NIH_FINDINGS.index(point.label), expert_tables.READERS.index(point.reader)
        reads = drawn[2][:, :, j + 1].astype(float)
        truth = votes_of_others(reads, reader) if against == "others" else drawn[3][:, j + 1]

        def difference(rows, truth=truth, read=reads[:, reader], score=scores[:, j]):
            rows = rows[~np.isnan(truth[rows])]
            its, said = truth[rows], read[rows]
            rate = said[its == 0].mean()
            return height(its, score[rows], rate) - said[its == 1].mean()

        np.testing.assert_allclose(point.difference, difference(np.arange(N)), atol=1e-12)
        again = [difference(np.repeat(np.arange(N), counts[patients])) for counts in weights.T]
        limits = point.difference_interval
        np.testing.assert_allclose(
            [limits.low, limits.high], np.quantile(again, [0.025, 0.975]), atol=1e-12
        )


def test_positions_follow_from_the_interval_and_a_rare_finding_has_none(found):
    for point in found.points:
        limits = point.difference_interval
        if np.isnan(point.difference) or not limits.defined:
            assert point.position == "undefined"
        elif min(point.positives, point.n - point.positives) < 20:
            assert point.position == "too few"
        else:
            side = (limits.low > 0) - (limits.high < 0)
            assert point.position == {1: "above", -1: "below", 0: "through"}[side]
    assert {point.position for point in found.points} >= {"through", "below", "undefined"}
    assert {p.position for p in found.points if p.label == "Pneumonia"} == {"undefined"}


def test_a_perfect_model_passes_above_readers_who_err_and_a_blind_one_below(drawn, experts):
    perfect = measured(drawn, drawn[3][:, 1:15] + np.linspace(0, 0.1, N)[:, None])
    points = expert_report(perfect, experts, n_bootstrap=200).points
    outside = [
        p for p in points if p.against == "majority" and p.positives > 30 and p.sensitivity < 0.85
    ]
    assert outside
    assert {point.position for point in outside} == {"above"}
    backwards = measured(drawn, -drawn[3][:, 1:15].astype(float))
    points = expert_report(backwards, experts, n_bootstrap=200).points
    assert {p.position for p in points if p.against == "majority" and p.positives > 30} == {"below"}


def test_the_paired_interval_is_narrower_than_two_apart(found):
    row = found["Effusion"]
    alone = [row.label_auc_interval, row.expert_auc_interval]
    apart = np.hypot(*(limits.high - limits.low for limits in alone))
    assert row.difference_interval.high - row.difference_interval.low < apart
    np.testing.assert_allclose(row.difference, row.expert_auc - row.label_auc)


def test_the_readers_range_and_the_sensitivity_there(found, drawn, scores):
    j = NIH_FINDINGS.index("Mass")
    majority, reads = drawn[3][:, j + 1], drawn[2][:, :, j + 1]
    rates = reads[majority == 0].mean(axis=0)
    row = found["Mass"]
    np.testing.assert_allclose([row.range_low, row.range_high], [rates.min(), rates.max()])
    fpr, tpr, _ = roc_curve(majority, scores[:, j], drop_intermediate=False)
    grid = np.linspace(rates.min(), rates.max(), 100_001)
    np.testing.assert_allclose(
        row.sensitivity_in_range, np.interp(grid, fpr, tpr).mean(), atol=1e-3
    )


def test_the_scorecard_is_scikit_learns_and_the_same_from_files(found, folder, experts, drawn):
    card = label_scorecard(
        experts, read_nih_entries(folder / "Data_Entry_2017_v2020.csv.gz"), n_bootstrap=200, seed=3
    )
    for j, row in enumerate(card.rows):
        nih, majority, reads = drawn[4][:, j], drawn[3][:, j + 1], drawn[2][:, :, j + 1]
        assert row.both == (nih & majority).sum()
        if majority.any():
            np.testing.assert_allclose(row.kappa, cohen_kappa_score(nih, majority))
            np.testing.assert_allclose(row.ppv, majority[nih == 1].mean())
            np.testing.assert_allclose(
                row.perfect_auc, (row.ppv + 1 - majority[nih == 0].mean()) / 2
            )
        for pair in row.pairs:
            a, b = (reads[:, expert_tables.READERS.index(one)] for one in (pair.first, pair.second))
            expected = cohen_kappa_score(a, b) if (a | b).any() else np.nan
            np.testing.assert_allclose(pair.kappa, expected)
        assert len(row.pairs) == 10
    assert "NaN" not in card.to_json()
    assert json.loads(card.to_json())["scorecard"]["rows"] == json.loads(
        found.scorecard.to_json()
    )["scorecard"]["rows"]  # fmt: skip


def test_images_are_found_by_name_whatever_their_folder_and_order(found, drawn, scores, experts):
    order = np.random.default_rng(0).permutation(N)
    names, nih = drawn[0], drawn[4]
    extra = ["elsewhere/00099999_000.png"]
    report = auc_report(
        np.concatenate([nih[order], nih[:1]]), np.concatenate([scores[order], scores[:1]]),
        labels=NIH_FINDINGS, images=[f"deep/{names[i]}" for i in order] + extra, n_bootstrap=0,
        data="nih-chestxray14", name="a model",
    )  # fmt: skip
    again = expert_report(report, experts, n_bootstrap=200, seed=3)
    assert again.left_out == 1
    assert replace(again, left_out=0).to_json() == found.to_json()


def test_labels_that_nobody_was_asked_for_are_told(drawn, scores, experts):
    names, _, _, _, nih = drawn
    with_none = np.column_stack([nih, 1 - nih.max(axis=1)])
    report = auc_report(
        with_none, np.column_stack([scores, 1 - scores.max(axis=1)]), labels=NIH_LABELS,
        images=names, n_bootstrap=0,
    )  # fmt: skip
    found = expert_report(report, experts, n_bootstrap=0)
    assert found.unread == ("No Finding",)
    assert "No reader was asked for No Finding" in found.to_markdown()
    assert "No intervals" in found.to_markdown()


def test_a_report_is_the_same_when_it_is_read_again_and_another_file_is_refused(found, tmp_path):
    text = found.to_json(tmp_path / "experts.json")
    assert ExpertReport.from_json(tmp_path / "experts.json").to_json() == text
    assert ExpertReport.from_json(text)["Mass"] == found["Mass"]
    content = json.loads(text)
    for change in ({"schema": "cxrzoo.report/1"}, {"report": {}}, {"report": 3}):
        with pytest.raises(EvaluationError, match="not a report on radiologists"):
            ExpertReport.from_json(json.dumps({**content, **change}))
    content["report"]["rows"][0]["label_auc"] = 2
    with pytest.raises(EvaluationError, match="label_auc"):
        ExpertReport.from_json(json.dumps(content))
    with pytest.raises(EvaluationError, match=r"none\.json"):
        ExpertReport.from_json(tmp_path / "none.json")


def test_markdown_says_both_truths_and_counts_the_ties(found):
    text = found.to_markdown()
    assert "judged by his own vote" in text
    most = max(point.ties for point in found.points)
    assert f"up to {most:,} of {N}" in text
    assert "4343882785*" in text
    assert "Pneumonia (one class only" in text
    assert len(found.to_markdown(details=False)) < len(text) / 2


def test_what_cannot_be_set_beside_radiologists_is_refused(drawn, scores, experts, report):
    names, _, _, _, nih = drawn
    named = {"labels": NIH_FINDINGS, "n_bootstrap": 0}
    with pytest.raises(EvaluationError, match=r"by name.*images"):
        expert_report(auc_report(nih, scores, **named), experts)
    others = auc_report(nih, scores, **named, images=[f"x{i}.png" for i in range(N)])
    with pytest.raises(EvaluationError, match=r"none of the 150 images .*x0\.png"):
        expert_report(others, experts)
    other = auc_report(nih[:, :1], scores[:, :1], labels=["Scoliosis"], images=names, n_bootstrap=0)
    with pytest.raises(EvaluationError, match="no label in common"):
        expert_report(other, experts)
    with pytest.raises(EvaluationError, match="without its predictions"):
        expert_report(replace(report, scored=None), experts)
    with pytest.raises(EvaluationError, match="n_bootstrap"):
        expert_report(report, experts, n_bootstrap=10**7)


def test_two_models_are_compared_with_every_reader_as_the_truth(drawn, scores, experts, report):
    rng = np.random.default_rng(9)
    worse = np.clip(scores + rng.normal(0, 0.2, scores.shape), 0, 1)
    second = measured(drawn, worse, name="worse")
    found = compare_on_readers(report, second, experts, n_bootstrap=60, seed=1)
    patients, reads = drawn[1:3]
    for r, reader in enumerate(expert_tables.READERS):
        its = {"labels": NIH_FINDINGS, "groups": patients, "n_bootstrap": 1, "seed": 1}
        a, b = (auc_report(reads[:, r, 1:15], one, **its) for one in (scores, worse))
        expected = {row.label: row for row in compare(a, b).rows}
        for row in (row for row in found.rows if row.reader == reader):
            its = expected[row.label]
            np.testing.assert_allclose(
                [row.roc_auc_a, row.roc_auc_b, row.difference, row.p_value],
                [its.roc_auc_a, its.roc_auc_b, its.difference, its.p_value],
            )
            assert str(row.interval) == str(its.interval)
            assert np.isnan(row.p_value) or row.p_value <= row.p_holm <= 1
    units = np.unique(patients, return_inverse=True)[1]
    weights = np.concatenate(list(draw_weights(units.max() + 1, 60, 1, 50)), axis=1)
    mass = NIH_FINDINGS.index("Mass")
    again = []
    for counts in weights.T:
        rows = np.repeat(np.arange(N), counts[units])
        truths = reads[rows, :, mass + 1].T
        pairs = [[roc_auc_score(t, s[rows, mass]) for t in truths] for s in (scores, worse)]
        again.append(np.mean(pairs[0]) - np.mean(pairs[1]))
    mean = next(row for row in found.means if row.label == "Mass")
    np.testing.assert_allclose(
        [mean.interval.low, mean.interval.high], np.quantile(again, [0.025, 0.975])
    )
    assert np.isnan(next(row for row in found.means if row.label == "Pneumonia").difference)
    some = [row for row in found.means if not np.isnan(row.difference)]
    np.testing.assert_allclose(found.overall.difference, np.mean([r.difference for r in some]))
    assert found.overall.difference > 0
    for rows in (some, [row for row in found.rows if not np.isnan(row.p_value)]):
        ordered = sorted(rows, key=lambda row: row.p_value)
        highest = 0.0
        for place, row in enumerate(ordered):  # Holm's steps, one after another
            highest = max(highest, min(1.0, row.p_value * (len(ordered) - place)))
            np.testing.assert_allclose(row.p_holm, highest)
    assert "worse" in found.to_markdown(details=False)


def test_a_comparison_is_over_the_images_that_both_reports_have(drawn, scores, experts, report):
    names, nih = drawn[0], drawn[4]
    second = auc_report(
        nih[:100],
        scores[:100, ::-1][:, ::-1],
        labels=NIH_FINDINGS,
        images=names[:100],
        n_bootstrap=0,
    )
    found = compare_on_readers(report, second, experts, n_bootstrap=10)
    assert found.n == 100
    assert {row.difference for row in found.rows if not np.isnan(row.difference)} == {0.0}


def test_what_no_replicate_can_show_has_no_interval_of_them(found):
    """No image is pneumonia both ways, and hernia is one patient's: replicates would seem certain."""
    row = found.scorecard["Pneumonia"]
    assert (row.both, row.ppv) == (0, 0.0)
    assert row.ppv_interval.low == 0
    assert 0 < row.ppv_interval.high < 0.3  # Wilson's, of some forty images
    assert not row.kappa_interval.defined
    assert not row.perfect_auc_interval.defined
    assert found.scorecard["Effusion"].kappa_interval.defined
    hernia = found["Hernia"]
    assert hernia.label_positives == 1
    assert not hernia.label_auc_interval.defined
    assert not hernia.difference_interval.defined
    assert hernia.expert_auc_interval.defined


def test_figures_that_contradict_one_another_are_refused(found):
    row = found.scorecard.rows[0]
    with pytest.raises(ValueError, match="cannot be both"):
        replace(row, both=row.label_positives + 1)
    for name in ("sensitivity", "perfect_auc"):
        with pytest.raises(ValueError, match=name):
            replace(row, **{name: 1.5})
    assert {field.name for field in fields(found)} >= {"rows", "points", "scorecard"}


def test_a_labels_prevalence_elsewhere_gives_the_figures_there(folder, experts, drawn):
    truth = read_nih_entries(folder / "Data_Entry_2017_v2020.csv.gz")
    card = label_scorecard(experts, truth, population={"effusion": 0.05}, n_bootstrap=0)
    nih, majority = drawn[4][:, 2], drawn[3][:, 3]
    weight = np.where(nih == 1, 0.05 / nih.mean(), 0.95 / (1 - nih.mean()))
    row = card["Effusion"]
    np.testing.assert_allclose(
        [row.weighted_sensitivity, row.weighted_prevalence],
        [np.average(nih, weights=weight * majority), np.average(majority, weights=weight)],
    )
    np.testing.assert_allclose(
        row.weighted_specificity, np.average(1 - nih, weights=weight * (1 - majority))
    )
    assert np.isnan(card["Mass"].weighted_sensitivity)
    assert "another prevalence" not in card.to_markdown()  # titles are of the page
    assert "prevalence of the label" in card.to_markdown()
    with pytest.raises(EvaluationError, match="population"):
        label_scorecard(experts, truth, population={"Mass": 2.0})


def test_the_page_shows_curves_readers_and_tables_and_fetches_nothing(found, tmp_path):
    page = write_expert_html(replace(found, name="<b>a & b"), tmp_path / "experts.html").read_text(
        "utf-8"
    )
    assert "&lt;b>a &amp; b" in page or "&lt;b&gt;a &amp; b" in page
    assert not [
        word for word in ("http://", "https://", "<script", "<link", "<b>a") if word in page
    ]
    for table in found.tables():
        assert table.title in page or table.key in page
    panels = page.split("ROC curves, and the readers: ")[1:]
    assert len(panels) == 14 * 2  # aria-label and title of each
    assert "undefined" in page
    again = ExpertReport.from_json(found.to_json())
    for one, name in ((found, "a.html"), (again, "b.html")):
        write_expert_html(one, tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_the_plot_is_an_image_with_a_panel_a_finding(found, tmp_path):
    path = plot_expert_roc(found, tmp_path / "roc.svg")
    with mpl.rc_context({"svg.fonttype": "none"}):
        text = plot_expert_roc(found, path).read_text()
    assert all(f"{row.label} ({row.expert_positives} of {row.n})" in text for row in found.rows)
    with pytest.raises(EvaluationError, match=r"\.png"):
        plot_expert_roc(found, tmp_path / "roc.txt")


def test_readers_stand_in_the_panels_where_they_are_on_the_curve(found):
    panels = expert_panels(found)
    for row, panel in panels.panels:
        if row.label == "Pneumonia":
            assert panel is None
            continue
        own = [p for p in found.points if p.label == row.label and p.against == "majority"]
        assert panel.points == tuple((1 - p.specificity, p.sensitivity, p.on_panel) for p in own)
        assert sum(hollow for *_, hollow in panel.points) == 3
        assert (panel.x[0], panel.y[-1]) == (0, 1)
        assert len(panel.beside) == 1
