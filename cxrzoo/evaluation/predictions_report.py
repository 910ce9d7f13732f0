"""Predictions beside their truth, both from files of any origin: `evaluate_predictions`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data import Records, read_nih_entries
from cxrzoo.data.columns import identifiers
from cxrzoo.data.csv_table import read_columns, read_header, refuse_repeats
from cxrzoo.data.splits import official_lists
from cxrzoo.data.tables import IMAGE_COLUMNS, flags
from cxrzoo.errors import EvaluationError, TableError
from cxrzoo.evaluation.baselines import fit_metadata_baseline
from cxrzoo.evaluation.consistency import apply_no_finding_policy
from cxrzoo.evaluation.measure import auc_report
from cxrzoo.evaluation.predictions import (
    Predictions,
    base_name,
    first_names,
    read_predictions,
    score_columns,
)
from cxrzoo.evaluation.published import OFFICIAL_SPLIT
from cxrzoo.evaluation.report.figures import IntervalMethod
from cxrzoo.evaluation.report.report import Report
from cxrzoo.evaluation.scored import check_choice
from cxrzoo.evaluation.statistics.thresholds import Thresholds
from cxrzoo.labels import NO_FINDING, match_labels, own_name
from cxrzoo.typed import check_arguments

Groups = Literal["patient", "image"]

_READABLE: Final = ("age", "sex", "view")


def evaluate_predictions(
    predictions: str | PathLike[str] | Predictions,
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
    """Measure predictions beside a table of what is true.

    Args:
        predictions: A CSV with image names and columns ``prob_LABEL`` or ``LABEL``, or what a model gave
            for files.
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
    check_arguments(evaluate_predictions, locals(), EvaluationError)
    check_choice("groups", groups, Groups)
    if not isinstance(predictions, Predictions):
        name = name or base_name(str(predictions))
    predictions, entries = _read(predictions, truth, image_column, patient_column)
    if derive_no_finding and own_name(NO_FINDING, entries.labels):
        predictions = _with_no_finding(predictions)
    joined = join(predictions, entries)
    unmatched = _unmatched(entries, joined, read_header(Path(truth)), image_column, patient_column)
    if groups == "patient" and joined.patients is None:
        raise EvaluationError(
            f"{truth} has no column of patients that is known by name; name it with patient_column "
            "(--patient-column), or take every image for itself with groups 'image' (--groups image)"
        )
    official = is_official_test(joined)
    report = auc_report(
        joined.targets,
        predictions,
        labels=joined.labels,
        groups=joined.patients if groups == "patient" else None,
        metadata=joined.metadata,
        metadata_score=_metadata_scores(joined, entries) if metadata_baseline else None,
        thresholds=thresholds,
        n_bootstrap=n_bootstrap,
        seed=seed,
        interval=interval,
        name=name,
        data=joined.name,
        split=OFFICIAL_SPLIT if official else None,
        part="test" if official else None,
    )
    return replace(report, unmatched_predictions=predictions.unmatched, unmatched_truth=unmatched)


def _read(
    predictions: str | PathLike[str] | Predictions,
    truth: str | PathLike[str],
    image_column: str | None,
    patient_column: str | None,
) -> tuple[Predictions, Records]:
    if isinstance(predictions, Predictions):
        columns: Sequence[str] = predictions.labels
    else:
        columns = read_header(Path(predictions))
    entries = read_truth(truth, columns=columns, patient_column=patient_column)
    if not isinstance(predictions, Predictions):
        predictions = read_predictions(
            predictions, labels=entries.labels, image_column=image_column
        )
        return predictions, entries
    found = match_labels(entries.labels, predictions.labels, where="the predictions")
    left_out = tuple(label for label in predictions.labels if label not in found.values())
    scores = predictions.scores[:, [predictions.labels.index(name) for name in found.values()]]
    return Predictions(
        predictions.images, tuple(found), scores, predictions.failures, unmatched=left_out
    ), entries


def _unmatched(
    entries: Records,
    joined: Records,
    header: Sequence[str],
    image_column: str | None,
    patient_column: str | None,
) -> tuple[str, ...]:
    """Return what the truth has that nothing was predicted for: labels of NIH's table, else columns."""
    names = header
    if "Finding Labels" in header:
        names = entries.labels
    usual = (*IMAGE_COLUMNS, *PATIENT_COLUMNS, image_column, patient_column)
    return tuple(name for name in names if name and name not in (*usual, *joined.labels))


def join(predictions: Predictions, truth: Records) -> Records:
    """Return the rows and labels of the truth that the predictions are of, in their order.

    Images are compared by name, without folders; those that nobody predicted are left out.

    Raises:
        EvaluationError: Predictions of images that the truth does not have, or two of one name on either
            side.
    """
    predicted = [base_name(name) for name in predictions.images]
    names = [base_name(name) for name in truth.images]
    for whose, times in (("predictions have", Counter(predicted)), ("truth has", Counter(names))):
        if twice := [name for name in dict.fromkeys(predicted) if times[name] > 1]:
            raise EvaluationError(
                f"the {whose} several rows for {len(twice):,} of the predicted images, e.g. "
                f"{first_names(twice)}; one row an image is expected, and folders do not tell them apart"
            )
    at = {name: i for i, name in enumerate(names)}
    if missing := [name for name in predicted if name not in at]:
        raise EvaluationError(
            f"the truth has no row for {len(missing):,} of {len(predicted):,} predicted images, "
            f"e.g. {first_names(missing)}; names are compared without folders, e.g. {names[0]}"
        )
    return truth[np.array([at[name] for name in predicted], np.intp)].relabel(predictions.labels)


def _with_no_finding(predictions: Predictions) -> Predictions:
    if own_name(NO_FINDING, predictions.labels):
        return predictions
    labels = (*predictions.labels, NO_FINDING)
    scores = np.column_stack([predictions.scores, np.zeros(len(predictions.images))])
    derived = apply_no_finding_policy(scores, labels=labels, policy="derived")
    return replace(predictions, labels=labels, scores=derived)


def _metadata_scores(joined: Records, entries: Records) -> NDArray[np.float64] | None:
    """Return scores of a metadata-only model, fitted on patients that the predictions are not of."""
    readable: Any = {name: v for name, v in entries.metadata.items() if name in _READABLE}
    if not readable or entries.patients is None or joined.patients is None:
        return None
    measured = set(joined.patients)
    rest = entries[np.array([patient not in measured for patient in entries.patients])]
    if not len(rest):
        return None
    rest = rest.relabel(joined.labels)
    baseline = fit_metadata_baseline(rest.metadata, rest.targets, labels=rest.labels)
    return baseline.predict(joined.metadata)


PATIENT_COLUMNS: Final = (
    "Patient ID",
    "PatientID",
    "patient_id",
    "patient",
    "Patient",
    "subject_id",
)
"""Where patients are looked for if no column is named: the first of these that the CSV has."""


def read_truth(
    path: str | PathLike[str],
    *,
    columns: Sequence[str],
    image_column: str | None = None,
    patient_column: str | None = None,
) -> Records:
    """Read targets, patients and metadata of every row, ``images`` being names as the table has them.

    Args:
        path: NIH's ``Data_Entry_2017*.csv``, or a table with one column a label whose cells are 1, 0, or
            blank for 'not known'; plain or gzipped.
        columns: Names that the predictions have; in a table of one's own those of them that it has
            too, with or without ``prob_``, are the labels.
        image_column: The column of image names; None takes the first of the usual names.
        patient_column: The column that tells patients apart; None takes the first of the usual names, and
            without any no patient is known.

    Raises:
        DataNotFoundError: There is no such file.
        TableError: It lacks columns or rows, repeats an image, or a cell makes no sense.
    """
    table = Path(path)
    header = read_header(table)
    if "Finding Labels" in header:
        return read_nih_entries(table)
    names = image_column or next((name for name in IMAGE_COLUMNS if name in header), None)
    if names is None:
        raise TableError(
            f"{table} has none of the usual columns of image names ({', '.join(IMAGE_COLUMNS)}); it has "
            f"{', '.join(map(repr, header))}"
        )
    patients = patient_column or next((name for name in PATIENT_COLUMNS if name in header), None)
    others = [name for name in header if name and name not in (names, patients)]
    labels = tuple(score_columns(others, columns, table))
    if not labels:
        raise TableError(
            f"{table} is neither NIH's table nor one with a column for a predicted label; it has "
            f"{', '.join(map(repr, header[:20]))}, the predictions {', '.join(map(repr, columns[:20]))}"
        )
    cells = read_columns(table, [names, *labels, *([patients] if patients else [])])
    refuse_repeats(table, names, cells[names])
    return Records(
        images=np.array(cells[names], dtype=object),
        targets=np.column_stack(
            [flags(table, label, cells[label], cells[names]) for label in labels]
        ),
        labels=labels,
        patients=identifiers(cells[patients]) if patients else None,
        name=table.name.removesuffix(".gz").removesuffix(".csv"),
    )


def is_official_test(truth: Records) -> bool:
    """Return whether every image is one of NIH's official test images."""
    return official_lists()[1].issuperset(truth.file_names)
