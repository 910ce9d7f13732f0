"""`evaluate`: from a model and batches to a report."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxrzoo.cells import identifiers, numbers, to_array
from cxrzoo.data import Records
from cxrzoo.data.image_names import image_names
from cxrzoo.errors import CxrZooError, EvaluationError, LabelError, LeakageWarning
from cxrzoo.evaluation.baselines import MetadataBaseline
from cxrzoo.evaluation.measure import auc_report
from cxrzoo.evaluation.report.report import Report
from cxrzoo.images.ranges import ScaleCheck
from cxrzoo.inference.scorer import Scorer
from cxrzoo.labels import checked_labels, match_labels
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments


def evaluate(
    model: Any,
    dataset: Any,
    groups: ArrayLike | None = None,
    *,
    labels: Sequence[str] | None = None,
    metadata_baseline: MetadataBaseline | None = None,
    **options: Any,
) -> Report:
    """Measure a model on a dataset, batch by batch, in the dataset's order.

    Args:
        model: A `keras.Model`, or anything else with ``predict_on_batch(x) -> (b, k)``; or a `Scorer`,
            or a name, directory or ``hf://`` address that one opens: these take uint8 pixels.
        dataset: ``len(dataset)`` batches ``dataset[i] -> (x, y)``, such as a `keras.utils.PyDataset`.
            Patients, metadata and image names come from ``dataset.records`` where it has them.
        groups: ``(n,)`` patients instead.
        labels: The names of the targets' columns; else ``dataset.labels``, else ``model.cxrzoo.labels``.
        metadata_baseline: A model that sees no image (`fit_metadata_baseline`), to be put beside it.
        **options: `auc_report`'s.

    Warns:
        LeakageWarning: The model's lineage says that it was trained on some of these patients.
        PixelScaleWarning: A model of the zoo, which scales by itself, is given batches that are not grey
            from 0 to 255; said once. Of other models it is not known what they take.

    Raises:
        EvaluationError: The dataset is shuffled, augmented, empty or out of step with its records, or of
            another ``aspect`` than the model was trained with; or the model's output does not fit the
            targets.
        LabelError: The model lacks a label of the targets. Labels that it has besides are not measured;
            the report names them.
    """
    check_arguments(evaluate, locals(), EvaluationError)
    if isinstance(model, str | PathLike):
        model = Scorer(model)
    if not isinstance(model, Scorer) and not callable(getattr(model, "predict_on_batch", None)):
        raise EvaluationError(
            "model must be a model, or a name or directory of one, or anything with predict_on_batch; "
            f"got {shown(model)}"
        )
    network = model.model if isinstance(model, Scorer) else model
    if not hasattr(dataset, "__len__") or isinstance(dataset, Records):
        raise EvaluationError(
            "dataset must be batches (x, y) by index, such as records.dataset(...); "
            f"got {shown(dataset)}"
        )
    records = getattr(dataset, "records", None)
    _check_dataset(network, dataset)
    names, of_model = _labels(network, dataset, labels)
    patients: Any = getattr(records, "patients", None)
    if found := trained_on(network, patients):
        warning = LeakageWarning(leakage_message(found, patients)).of(found)
        warnings.warn(warning, stacklevel=2)
    y_true, y_score = _run(model, dataset)
    if y_true.shape[1:] != (len(names),) or y_score.shape != (len(y_true), len(of_model)):
        raise EvaluationError(
            f"targets {y_true.shape} and outputs {y_score.shape} do not fit "
            f"{len(names)} labels of the data and {len(of_model)} of the model"
        )
    y_score = y_score[:, [of_model.index(name) for name in names]]
    from_records = _from_records(records, y_true)
    if groups is not None:
        from_records["groups"] = groups
    if metadata_baseline is not None:
        if "metadata" not in from_records:
            raise EvaluationError("a metadata baseline needs a dataset whose records have metadata")
        from_records["metadata_score"] = metadata_baseline.predict(
            from_records["metadata"], labels=names
        )
    report = auc_report(y_true, y_score, labels=names, **{**from_records, **options})
    more = tuple(name for name in of_model if name not in names)
    return replace(report, unmatched_predictions=more) if more else report


def trained_on(model: Any, patients: Iterable[str | None] | None) -> frozenset[str]:
    """Return those of these patients that the model's lineage says it was trained on.

    Args:
        model: anything; what has no ``model.cxrzoo.lineage.trained_on`` was trained on nobody.
        patients: identifiers, compared as they are written; None (unknown) is left out.
    """
    lineage = getattr(getattr(model, "cxrzoo", None), "lineage", None)
    sets = getattr(lineage, "trained_on", ())
    known = list(patients) if patients is not None and sets else []
    return frozenset().union(*(one.among(known) for one in sets))


def leakage_message(found: frozenset[str], patients: Iterable[str | None]) -> str:
    """Return what to tell: how many patients, of how many, and what may be done."""
    total = len(set(identifiers(patients)) - {None})
    return (
        f"the model was trained on {len(found):,} of these {total:,} patients: its "
        "figures on them say nothing of new patients. Measure it on others; "
        "if another hospital only numbers its patients alike, give them other names."
    )


def _check_dataset(model: Any, dataset: Any) -> None:
    """Raise an EvaluationError unless every image comes once, in order and as the model sees it."""
    for trait, harmless in (("shuffle", (False, None)), ("augment", ("none", False, None))):
        if (value := getattr(dataset, trait, None)) not in harmless:
            raise EvaluationError(
                f"evaluate needs every image once, as it is and in order, but the dataset has "
                f"{trait}={value!r}; make it with {trait}={harmless[0]!r}"
            )
    trained = getattr(getattr(model, "cxrzoo", None), "aspect", None)
    read = getattr(dataset, "aspect", trained)
    if trained not in (read, None):
        raise EvaluationError(
            f"the model was trained with aspect={trained!r} and the dataset has aspect={read!r}; make it "
            "with aspect=model.cxrzoo.aspect"
        )


def _labels(
    model: Any, dataset: Any, labels: Sequence[str] | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the targets' names, and those of the model's outputs, spelled alike where both have one."""
    of_model = tuple(getattr(getattr(model, "cxrzoo", None), "labels", ()))
    of_data = tuple(getattr(dataset, "labels", ()) or of_model)
    if labels is not None:
        of_data = checked_labels(labels)
    if not of_data:
        raise LabelError(
            "neither the model (model.cxrzoo.labels) nor the dataset (dataset.labels) names the labels; "
            "pass labels=[...]"
        )
    of_model = of_model or of_data
    same = match_labels(of_data, of_model, where="the model", error=LabelError)
    if len(same) != len(of_data):
        raise LabelError(
            "the model must have every label of the data; "
            f"only the model has {sorted(set(of_model) - set(same.values()))}, "
            f"only the data have {sorted(set(of_data) - set(same))}: "
            "leave these out with records.relabel([...])"
        )
    called = {of_its: of_theirs for of_theirs, of_its in same.items()}
    return of_data, tuple(called.get(name, name) for name in of_model)


def _run(model: Any, dataset: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if isinstance(model, Scorer):
        records, size = getattr(dataset, "records", None), getattr(dataset, "batch_size", 32)
        compute: Any = partial(model.load(records and len(records)).score, batch_size=size)
    else:
        compute = model.predict_on_batch
    check = ScaleCheck()
    scales_itself = getattr(model, "cxrzoo", None) is not None  # a Scorer checks for itself
    truths, scores = [], []
    for i in range(len(dataset)):
        x, y = _batch(dataset, i)
        if scales_itself:
            check(x)
        output = _scores(compute, x, i)
        if output.ndim != 2 or len(output) != len(y):
            raise EvaluationError(
                f"the model must give one row of scores for each of {len(y)} images, got {output.shape}"
            )
        truths.append(y)
        scores.append(output)
    if not truths:
        raise EvaluationError("the dataset has no batch")
    try:
        return np.concatenate(truths), np.concatenate(scores).astype(np.float64)
    except ValueError as error:
        raise EvaluationError(f"the batches of the dataset do not go together: {error}") from None


def _scores(compute: Callable[[Any], Any], x: Any, i: int) -> NDArray[Any]:
    """Return a model's output for the pixels of a batch."""
    try:
        return to_array(compute(x))
    except CxrZooError:
        raise
    except Exception as error:  # a backend refuses what it cannot take in its own ways
        raise EvaluationError(
            f"the model cannot score batch {i} of the dataset: {error!s:.300}"
        ) from error


def _batch(dataset: Any, i: int) -> tuple[Any, NDArray[np.float64]]:
    """Return a batch's pixels, and its targets (b, k)."""
    try:
        x, y, *_ = dataset[i]
        truth = numbers(y)
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        if isinstance(error, CxrZooError):
            raise
        raise EvaluationError(
            f"dataset must be batches (x, y) by index; its batch {i} is none: {error!s:.200}"
        ) from error
    if truth.ndim != 2:
        raise EvaluationError(f"dataset must give targets (b, k); batch {i} has {truth.shape}")
    return x, truth


def _from_records(records: Any, y_true: NDArray[np.float64]) -> dict[str, Any]:
    """Return what the records know about the images, if they are the images that were measured."""
    if records is None:
        return {}
    if not np.array_equal(np.asarray(records.targets, np.float64), y_true, equal_nan=True):
        raise EvaluationError(
            "the dataset's batches are not its records in order, so that patients cannot be told; "
            "use a dataset that neither shuffles nor repeats"
        )
    names = image_names(records.images)
    known = {
        "groups": records.patients,
        "metadata": records.metadata,
        "data": records.name,
        "images": names if len(set(names)) == len(names) else None,
    }
    return {key: value for key, value in known.items() if value is not None}
