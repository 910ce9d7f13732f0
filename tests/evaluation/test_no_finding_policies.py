import numpy as np
import pytest

from cxrzoo.errors import EvaluationError, LabelError
from cxrzoo.evaluation import apply_no_finding_policy, auc_report, choose_thresholds
from cxrzoo.labels import NO_FINDING

LABELS = ("Mass", "Edema", NO_FINDING)
SCORE = np.array(
    [
        [0.9, 0.1, 0.9],  # a finding and none
        [0.9, 0.1, 0.1],
        [0.1, 0.1, 0.9],
        [0.1, 0.1, 0.1],  # neither
        [0.2, 0.5, 0.3],  # neither: 0.5 is not above 0.5
    ]
)
TRUTH = np.array([[1, 0, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 1]])


def test_contradictions_are_counted_both_ways_and_said():
    report = auc_report(TRUTH, SCORE, labels=LABELS, n_bootstrap=0)
    found = report.no_finding
    assert (found.n, found.finding_and_none, found.neither, found.contradictions) == (5, 1, 2, 3)
    assert "contradict each other on 3 of 5 images" in report.to_markdown()


def test_contradictions_follow_the_chosen_thresholds():
    thresholds = choose_thresholds(
        np.eye(3), np.diag([0.05, 0.05, 0.95]), labels=LABELS, part="validation"
    )
    report = auc_report(TRUTH, SCORE, labels=LABELS, n_bootstrap=0, thresholds=thresholds)
    # Every image now has a finding; none reaches 0.95.
    assert report.no_finding.contradictions == 0
    assert report.no_finding.thresholds == "validation"


def test_without_no_finding_there_is_nothing_to_contradict():
    report = auc_report(TRUTH[:, :2], SCORE[:, :2], labels=LABELS[:2], n_bootstrap=0)
    assert report.no_finding is None


def test_independent_leaves_the_head_alone():
    scores = apply_no_finding_policy(SCORE, labels=LABELS, policy="independent")
    np.testing.assert_array_equal(scores, SCORE)


def test_derived_cannot_say_both_and_real_heads_rank_normal_images_by_it(real):
    labels = (*real.labels, NO_FINDING)
    scores = np.column_stack([real.y_score, np.full(len(real.y_score), np.nan)])
    scores = apply_no_finding_policy(scores, labels=labels, policy="derived")
    np.testing.assert_array_equal(scores[:, :-1], real.y_score)
    healthy = (real.y_true.sum(axis=1) == 0).astype(float)
    report = auc_report(
        np.column_stack([real.y_true, healthy]), scores, labels=labels, n_bootstrap=0
    )
    assert report.no_finding.finding_and_none == 0
    # Only at exactly 0.5 neither is above it; three-digit scores get there.
    assert report.no_finding.neither == (real.y_score.max(axis=1) == 0.5).sum()
    assert report[NO_FINDING].roc_auc > 0.7


def test_a_policy_that_cannot_be_is_refused():
    with pytest.raises(EvaluationError, match="policy must be one of independent, derived"):
        apply_no_finding_policy(SCORE, labels=LABELS, policy="both")
    with pytest.raises(LabelError, match="needs it and a finding"):
        apply_no_finding_policy(SCORE[:, :2], labels=LABELS[:2], policy="derived")
    with pytest.raises(EvaluationError, match=r"shape \(n, 3\), got \(5, 2\)"):
        apply_no_finding_policy(SCORE[:, :2], labels=LABELS, policy="derived")
