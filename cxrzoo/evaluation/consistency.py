"""``No Finding`` against the findings: contradictions, and a score that cannot contradict."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxrzoo.errors import EvaluationError, LabelError
from cxrzoo.evaluation.report.figures import Consistency
from cxrzoo.evaluation.scored import check_choice
from cxrzoo.evaluation.statistics.thresholds import Thresholds
from cxrzoo.labels import NO_FINDING, checked_labels, own_name
from cxrzoo.named import matrix
from cxrzoo.typed import check_arguments

NoFindingPolicy = Literal["independent", "derived"]


def consistency(
    y_score: NDArray[np.float64], labels: Sequence[str], thresholds: Thresholds | None = None
) -> Consistency | None:
    """Count how often a model contradicts itself, or None without ``No Finding`` and a finding.

    'Yes' is a score above 0.5, or at or above a label's threshold where thresholds are given; a label
    whose threshold is undefined says 'no'.
    """
    no_finding = own_name(NO_FINDING, labels)
    if no_finding is None or len(labels) == 1:
        return None
    if thresholds is None:
        yes = y_score > 0.5
    else:
        yes = y_score >= np.array([thresholds[label] for label in labels])
    none = yes[:, list(labels).index(no_finding)]
    some = yes[:, [label != no_finding for label in labels]].any(axis=1)
    return Consistency(
        n=len(yes),
        finding_and_none=int((none & some).sum()),
        neither=int((~none & ~some).sum()),
        thresholds="0.5" if thresholds is None else thresholds.part,
    )


def apply_no_finding_policy(
    y_score: ArrayLike, *, labels: Sequence[str], policy: NoFindingPolicy
) -> NDArray[np.float64]:
    """Return scores ``(n, k)`` whose ``No Finding`` column follows a policy.

    Args:
        y_score: ``(n, k)`` in [0, 1]. For ``"derived"`` the ``No Finding`` column is not read.
        labels: The ``k`` names, ``No Finding`` among them.
        policy: ``"independent"`` leaves the head's own score. ``"derived"`` sets it to
            ``1 - max(findings)``: it is then above 0.5 where no finding is, and the two contradict
            each other at most where the highest finding is 0.5 itself.

    Raises:
        EvaluationError: An unknown policy, or scores of another shape.
        LabelError: ``No Finding`` or the findings are not among the labels.
    """
    check_arguments(apply_no_finding_policy, locals(), EvaluationError)
    check_choice("policy", policy, NoFindingPolicy)
    labels = checked_labels(labels)
    scores = matrix(y_score, labels, "y_score", EvaluationError).copy()
    if scores.ndim != 2 or scores.shape[1] != len(labels):
        raise EvaluationError(
            f"y_score must have shape (n, {len(labels)}), got {scores.shape}: one of each of the labels"
        )
    no_finding = own_name(NO_FINDING, labels)
    if no_finding is None or len(labels) == 1:
        raise LabelError(
            f"a policy for {NO_FINDING!r} needs it and a finding among the labels; "
            f"they are {', '.join(labels)}"
        )
    if policy == "derived":
        findings = [label != no_finding for label in labels]
        scores[:, list(labels).index(no_finding)] = 1 - scores[:, findings].max(axis=1)
    return scores
