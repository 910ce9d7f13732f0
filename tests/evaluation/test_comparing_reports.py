from dataclasses import replace
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation import auc_report, compare
from cxrzoo.evaluation.comparison import holm


@pytest.fixture(scope="module")
def pair(real):
    """The real model, and the same one with noise on every label but Effusion."""
    noise = np.random.default_rng(0).normal(size=real.y_score.shape)
    noise[:, real.labels.index("Effusion")] = 0
    worse = np.log(real.y_score) + noise
    options = {
        "labels": real.labels,
        "groups": real.truth.patients,
        "images": real.truth.images,
        "n_bootstrap": 1000,
    }
    good = auc_report(real.y_true, real.y_score, name="good", **options)
    return good, auc_report(real.y_true, worse, name="noisy", **options)


@pytest.mark.parametrize("method", ["delong", "bootstrap"])
def test_noise_costs_every_label_but_the_one_it_spared(pair, method):
    good, noisy = pair
    result = compare(good, noisy, method=method)
    for row in result.rows:
        assert row.difference == good[row.label].roc_auc - noisy[row.label].roc_auc
        assert row.p_value <= row.p_holm <= 1
    spared = result["Effusion"]
    assert (spared.difference, spared.interval.low, spared.interval.high) == (0, 0, 0)
    assert spared.p_value == 1
    assert result["Infiltration"].p_holm < 0.05
    assert result.macro.interval.low > 0
    header = [cell.strip() for cell in result.to_markdown().splitlines()[0].split("|")]
    assert header[1:5] == ["ROC AUC", "good", "noisy", "difference"]


def test_both_methods_tell_about_the_same(pair):
    delong, drawn = (compare(*pair, method=method) for method in ("delong", "bootstrap"))
    for a, b in zip(delong.rows, drawn.rows, strict=True):
        if a.label in ("Hernia", "Effusion"):
            continue
        width = a.interval.high - a.interval.low
        assert width == pytest.approx(b.interval.high - b.interval.low, rel=0.35)


def test_the_other_way_round_is_the_negative(pair):
    good, noisy = pair
    forth, back = compare(good, noisy), compare(noisy, good)
    for a, b in zip(forth.rows, back.rows, strict=True):
        assert a.difference == -b.difference
        assert a.p_value == pytest.approx(b.p_value)
        assert a.interval.low == pytest.approx(-b.interval.high)


def test_rows_are_matched_by_image_name(real, pair):
    good, noisy = pair
    order = np.random.default_rng(1).permutation(len(real.y_true))
    moved = auc_report(
        noisy.scored.y_true[order],
        noisy.scored.y_score[order],
        labels=real.labels,
        images=np.array(noisy.scored.images)[order],
        name="noisy",
    )
    assert compare(good, moved) == compare(good, noisy)
    nameless = replace(moved, scored=replace(moved.scored, images=()))
    with pytest.raises(EvaluationError, match=r"truths differ; pass images=\[\.\.\.\]"):
        compare(good, nameless)


def test_labels_of_one_report_alone_are_named(real, pair):
    good, _ = pair
    fewer = auc_report(real.y_true[:, 2:], real.y_score[:, 2:], labels=real.labels[2:])
    result = compare(good, fewer)
    assert result.only_one == real.labels[:2]
    assert "Only one of the two has Atelectasis, Cardiomegaly" in result.to_markdown()


def test_other_images_are_refused(real, pair):
    good, _ = pair
    part = auc_report(real.y_true[:50], real.y_score[:50], labels=real.labels, n_bootstrap=0)
    with pytest.raises(EvaluationError, match="different images: 1,852 and 50"):
        compare(good, part)
    names = [f"other-{name}" for name in real.truth.images]
    renamed = replace(good, scored=replace(good.scored, images=tuple(names)))
    with pytest.raises(EvaluationError, match="1,852 of 1,852 names of the first"):
        compare(good, renamed)
    with pytest.raises(EvaluationError, match="delong, bootstrap, got 'z'"):
        compare(good, good, method="z")
    with pytest.raises(EvaluationError, match="no label in common"):
        compare(good, auc_report([0, 1], [0, 1], labels=["x"], n_bootstrap=0))


@given(st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=12))
def test_holm_rejects_what_the_step_down_rule_rejects(p_values):
    adjusted = holm(p_values)
    defined = sorted(p for p in p_values if not isnan(p))
    for level in (0.01, 0.05, 0.3):
        rejected = 0
        while rejected < len(defined) and defined[rejected] * (len(defined) - rejected) <= level:
            rejected += 1
        assert sum(p <= level for p in adjusted) == rejected
    assert [isnan(p) for p in adjusted] == [isnan(p) for p in p_values]
