"""Predictions beside their truth, both from files of any origin: `evaluate_predictions`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data import Records
from cxrzoo.data.csv_table import read_header
from cxrzoo.data.image_names import image_key, image_names, match_images, neighbours
from cxrzoo.data.tables import IMAGE_COLUMNS
from cxrzoo.errors import EvaluationError, TableError
from cxrzoo.evaluation.baselines import fit_metadata_baseline
from cxrzoo.evaluation.consistency import apply_no_finding_policy
from cxrzoo.evaluation.measure import auc_report
from cxrzoo.evaluation.predictions import (
    Predictions,
    base_name,
    first_names,
    read_scores,
)
from cxrzoo.evaluation.published import OFFICIAL_SPLIT
from cxrzoo.evaluation.report.figures import IntervalMethod
from cxrzoo.evaluation.report.report import Report
from cxrzoo.evaluation.scored import check_choice
from cxrzoo.evaluation.statistics.thresholds import Thresholds
from cxrzoo.evaluation.truth import PATIENT_COLUMNS, is_official_test, read_truth
from cxrzoo.labels import NO_FINDING, match_labels, own_name
from cxrzoo.nearest import listed, with_nearest
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
    cell_values: Mapping[str, float | None] | None = None,
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
        image_column: The column of image names, where it has no usual name: of the predictions, of the
            truth, or of both, as they have it.
        patient_column: The truth's column of patients, where it has no usual name.
        cell_values: What other words than 1, 0, yes and no mean in the truth: 1, 0 or None (not known).
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
    _check_image_column(image_column, predictions, truth)
    predictions, entries = _read(predictions, truth, image_column, patient_column, cell_values)
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
    cell_values: Mapping[str, float | None] | None,
) -> tuple[Predictions, Records]:
    if isinstance(predictions, Predictions):
        columns: Sequence[str] = predictions.labels
    else:
        columns = read_header(Path(predictions))
    entries = read_truth(
        truth,
        columns=columns,
        image_column=_where_there(image_column, truth),
        patient_column=patient_column,
        cell_values=cell_values,
    )
    if not isinstance(predictions, Predictions):
        own = _where_there(image_column, predictions)
        predictions = read_scores(predictions, labels=entries.labels, image_column=own)
        return predictions, entries
    found = match_labels(entries.labels, predictions.labels, where="the predictions")
    left_out = tuple(label for label in predictions.labels if label not in found.values())
    scores = predictions.scores[:, [predictions.labels.index(name) for name in found.values()]]
    return Predictions(
        predictions.images, tuple(found), scores, predictions.failures, unmatched=left_out
    ), entries


def _check_image_column(name: str | None, *tables: Any) -> None:
    read = [table for table in tables if not isinstance(table, Predictions)]
    if name is not None and not any(name in read_header(Path(table)) for table in read):
        raise TableError(
            f"{' and '.join(map(str, read))} have no column {name!r} of images; "
            f"{'; '.join(listed(read_header(Path(table))) for table in read)}"
        )


def _where_there(image_column: str | None, table: str | PathLike[str]) -> str | None:
    """Return the column if this table has it; the other table may call its own otherwise."""
    there = image_column is not None and image_column in read_header(Path(table))
    return image_column if there else None


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

    Images are compared by file name, and by as many folders as tell those of one file name apart; near
    forms of names count where one row can be meant. Those that nobody predicted are left out.

    Raises:
        EvaluationError: Predictions of images that the truth does not have, or two of one image on either
            side.
    """
    rows, several = match_images(predictions.images, list(truth.images))
    times = Counter(rows[rows >= 0].tolist())
    twice = [str(truth.images[row]) for row, count in times.items() if count > 1]
    for whose, unclear in (("truth has", several), ("predictions have", twice)):
        if unclear:
            raise EvaluationError(
                f"the {whose} several rows for {len(unclear):,} of the predicted images, e.g. "
                f"{first_names(image_names(unclear))}; one row an image is expected, and folders do not "
                "tell them apart"
            )
    if (rows < 0).any():
        missing = [name for name, row in zip(predictions.images, rows, strict=True) if row < 0]
        there = neighbours(image_key(missing[0], 1), (image_key(name, 1) for name in truth.images))
        raise EvaluationError(
            f"the truth has no row for {len(missing):,} of {len(rows):,} predicted images, "
            f"e.g. {first_names(image_names(missing))}; names are compared by file name, and by folders "
            f"where those repeat; the nearest to {with_nearest([missing[0]], there)}"
        )
    return truth[rows].relabel(predictions.labels)


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
