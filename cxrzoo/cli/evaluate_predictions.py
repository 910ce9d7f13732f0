"""`cxrzoo evaluate --predictions`: a predictions file of any origin, measured without Keras."""

from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data import Records
from cxrzoo.data.csv_table import read_header
from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation import (
    Report,
    Thresholds,
    apply_no_finding_policy,
    auc_report,
    fit_metadata_baseline,
    read_predictions,
)
from cxrzoo.evaluation.predictions import base_name, join
from cxrzoo.evaluation.published import OFFICIAL_SPLIT
from cxrzoo.evaluation.report.figures import IntervalMethod
from cxrzoo.evaluation.truth import is_official_test, read_truth
from cxrzoo.labels import NO_FINDING

__all__ = ["Groups", "evaluate_predictions_file"]

Groups = Literal["patient", "image"]


def evaluate_predictions_file(
    predictions: str | PathLike[str],
    truth: str | PathLike[str],
    *,
    groups: Groups = "patient",
    image_column: str | None = None,
    patient_column: str | None = None,
    derive_no_finding: bool = False,
    metadata_baseline: bool = True,
    thresholds: Thresholds | None = None,
    n_bootstrap: int = 1000,
    seed: int = 0,
    interval: IntervalMethod = "bootstrap",
    name: str | None = None,
) -> Report:
    """The report of a predictions file beside its truth.

    Args:
        predictions: A CSV with image names and columns ``prob_LABEL`` or ``LABEL``.
        truth: NIH's ``Data_Entry_2017*.csv``, or a CSV with a column of 1, 0 and blank for each label.
        groups: What is resampled.
        image_column: The predictions' column of image names, where it has no usual name.
        patient_column: The truth's column of patients, where it has no usual name.
        derive_no_finding: Give predictions without ``No Finding`` that label as ``1 - max(findings)``.
        metadata_baseline: Where the truth also has patients that the predictions are not of, fit a
            model on their age, sex and view and set it beside.
        thresholds: Chosen on another part.
        n_bootstrap: Replicates.
        seed: Of the replicates.
        interval: As `auc_report` has it.
        name: What was measured; the predictions' file name if None.

    Raises:
        DataNotFoundError: A file is not there.
        TableError: A file makes no sense.
        EvaluationError: The two do not fit each other.
    """
    if groups not in get_args(Groups):
        raise EvaluationError(
            f"groups must be one of {', '.join(get_args(Groups))}, got {groups!r}"
        )
    entries = read_truth(
        truth, columns=read_header(Path(predictions)), patient_column=patient_column
    )
    read = read_predictions(predictions, labels=entries.labels, image_column=image_column)
    if derive_no_finding and NO_FINDING in entries.labels and NO_FINDING not in read.labels:
        labels = (*read.labels, NO_FINDING)
        scores = np.column_stack([read.y_score, np.zeros(len(read.images))])
        scores = apply_no_finding_policy(scores, labels=labels, policy="derived")
        read = replace(read, labels=labels, y_score=scores)
    joined = join(read, entries)
    if groups == "patient" and joined.patients is None:
        raise EvaluationError(
            f"{truth} has no column of patients that is known by name; name it with --patient-column, "
            "or take every image for itself with --groups image"
        )
    official = is_official_test(joined)
    return auc_report(
        joined.targets,
        read.y_score,
        labels=joined.labels,
        groups=joined.patients if groups == "patient" else None,
        images=read.images,
        metadata=joined.metadata,
        metadata_score=_blind(joined, entries) if metadata_baseline else None,
        thresholds=thresholds,
        n_bootstrap=n_bootstrap,
        seed=seed,
        interval=interval,
        name=name or base_name(str(predictions)),
        data=joined.name,
        split=OFFICIAL_SPLIT if official else None,
        part="test" if official else None,
    )


def _blind(joined: Records, entries: Records) -> NDArray[np.float64] | None:
    """Scores of a metadata-only model fitted on the patients that the predictions are not of."""
    readable: Any = {
        name: v for name, v in entries.metadata.items() if name in ("age", "sex", "view")
    }
    if not readable or entries.patients is None or joined.patients is None:
        return None
    measured = set(joined.patients)
    rest = entries[np.array([patient not in measured for patient in entries.patients])]
    if not len(rest):
        return None
    rest = rest.relabel(joined.labels)
    baseline = fit_metadata_baseline(rest.metadata, rest.targets, labels=rest.labels)
    return baseline.predict(joined.metadata)
