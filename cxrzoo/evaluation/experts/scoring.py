"""`label_scorecard`: a data set's labels beside what several radiologists said of the same images."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import isnan, nan
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data import ExpertReads, Records
from cxrzoo.data.image_names import match_images
from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.experts.figures import LabelWorth, ReaderPair
from cxrzoo.evaluation.experts.scorecard import LabelScorecard
from cxrzoo.evaluation.statistics.agreement import (
    FIGURES,
    agreement,
    rating_sums,
    readers_agreement,
    replicate,
    two_by_two,
)
from cxrzoo.evaluation.statistics.intervals import UNDEFINED, Interval, percentile, proportion
from cxrzoo.evaluation.statistics.label_noise import at_prevalence, auc_under_noise
from cxrzoo.labels import match_labels
from cxrzoo.sizes import LARGEST_SEED, check_number, check_whole
from cxrzoo.typed import check_arguments

MOST_REPLICATES: Final = 100_000
"""Of figures by the hundred, which are all kept until their limits are taken."""


def label_scorecard(
    experts: ExpertReads,
    truth: Records,
    *,
    population: Mapping[str, float] | None = None,
    n_bootstrap: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> LabelScorecard:
    """Set a data set's labels beside the radiologists' majority, and the readers beside each other.

    Args:
        experts: What each reader said (`read_expert_reads`).
        truth: The data set's labels, such as `read_nih_entries` or `NIHChestXray14` gives them; images
            are matched by name. Those that nobody read are left out.
        population: A label's prevalence where the figures shall hold, by label: sensitivity, specificity
            and prevalence are then also given there. That corrects a draw by the data set's label, and no
            other.
        n_bootstrap: Replicates over patients; 0 leaves intervals out.
        seed: Of the replicates.
        confidence: Nominal coverage.

    Raises:
        EvaluationError: The two have no image or no label in common, or an option makes no sense.
    """
    check_arguments(label_scorecard, locals(), EvaluationError)
    check_options(n_bootstrap, seed, confidence)
    read, rows = rows_read(experts, list(truth.images), of="truth")
    found = labels_read(experts.labels, truth.labels, of="truth")
    columns = [truth.labels.index(name) for name in found.values()]
    kept = experts.take(read)
    return scorecard_of(
        kept,
        truth.targets[rows][:, columns].astype(np.float64),
        labels=tuple(found),
        named=tuple(found.values()),
        population=population or {},
        n_bootstrap=n_bootstrap,
        seed=seed,
        confidence=float(confidence),
        data=truth.name,
    )


def rows_read(
    experts: ExpertReads, images: Sequence[str], *, of: str
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return which of the experts' images are among ``images``, and in which of its rows.

    Raises:
        EvaluationError: None is, or one has several rows.
    """
    rows, several = match_images(experts.images, list(images))
    if several:
        raise EvaluationError(
            f"{of} has several rows for {len(several):,} of the images that were read, e.g. {several[0]}"
        )
    read = np.flatnonzero(rows >= 0)
    if not len(read):
        raise EvaluationError(
            f"{of} has none of the {len(experts.images):,} images that were read, e.g. "
            f"{experts.images[0] if experts.images else 'none'}; of its own {len(images):,} images the "
            f"first is {images[0] if images else 'none'}"
        )
    return read, rows[read]


def labels_read(names: Sequence[str], known: Sequence[str], *, of: str) -> dict[str, str]:
    """Return the names that are among ``known``, with how they are called there.

    Raises:
        EvaluationError: None is.
    """
    found = match_labels(names, known, where=of, error=EvaluationError)
    if not found:
        raise EvaluationError(
            f"{of} has no label in common with what is set beside it: {', '.join(known)}; "
            f"{', '.join(names)}"
        )
    return dict(found)


def check_options(n_bootstrap: Any, seed: Any, confidence: Any) -> None:
    """Refuse a number of replicates, a seed or a confidence that is none."""
    check_whole("n_bootstrap", n_bootstrap, 0, most=MOST_REPLICATES, error=EvaluationError)
    check_whole("seed", seed, 0, most=LARGEST_SEED, error=EvaluationError)
    check_number("confidence", confidence, 0, 1, error=EvaluationError)


def units_of(experts: ExpertReads) -> tuple[NDArray[np.intp], int, Literal["patient", "image"]]:
    """Return the unit of each image, ``(n,)``, how many there are, and what they are.

    An image of no known patient stands for itself.
    """
    known = any(experts.patients)
    names = [patient or f"\0{i}" for i, patient in enumerate(experts.patients)]
    found, codes = np.unique(names, return_inverse=True)
    return codes.reshape(-1).astype(np.intp), len(found), "patient" if known else "image"


def scorecard_of(
    experts: ExpertReads,
    own: NDArray[np.float64],
    *,
    labels: Sequence[str],
    named: Sequence[str],
    population: Mapping[str, float],
    n_bootstrap: int,
    seed: int,
    confidence: float,
    data: str,
) -> LabelScorecard:
    """Return the scorecard of labels ``own``, ``(n, k)`` of 1, 0 and NaN, of the images of ``experts``.

    ``labels`` are the experts' names of the ``k`` labels, ``named`` those of the data set.
    """
    units, n_units, unit = units_of(experts)
    places = [experts.labels.index(label) for label in labels]
    majority = experts.majority[:, places].astype(np.float64)
    reads = experts.reads[:, :, places].astype(np.float64)
    two = np.stack(
        [two_by_two(m, o, units, n_units) for m, o in zip(majority.T, own.T, strict=True)]
    )
    of_readers = np.stack([rating_sums(reads[:, :, j], units, n_units) for j in range(len(labels))])

    def measure(weights: NDArray[np.int32]) -> NDArray[np.float64]:
        figures = agreement(np.moveaxis(two @ weights, 1, 0))  # (6, k, b)
        shown = auc_under_noise(np.ones(()), figures[2], figures[3])[None]
        among = readers_agreement(np.moveaxis(of_readers @ weights, 1, 0))
        return np.concatenate([figures, shown, among]).reshape(-1, weights.shape[1])

    whole, replicates = replicate(measure, n_units, n_bootstrap, seed)
    shape = len(_COLUMNS), len(labels)
    whole = whole.reshape(shape)
    replicates = replicates.reshape(n_bootstrap, *shape)
    given = _prevalences(population, named)
    rows = []
    for j, name in enumerate(named):
        tp, fp, fn, tn = (int(count) for count in two[j].sum(axis=1))
        figures: dict[str, Any] = {}
        for i, column in enumerate(_COLUMNS):
            figures[column] = float(whole[i, j])
            figures[f"{column}_interval"] = limits_of(whole[i, j], replicates[:, i, j], confidence)
        if n_bootstrap:
            figures |= _of_extremes(two[j], figures, confidence)
        weighted = at_prevalence(whole[2, j], whole[3, j], np.array(given.get(name, nan)))
        rows.append(
            LabelWorth(
                label=name,
                n=tp + fp + fn + tn,
                label_positives=tp + fp,
                expert_positives=tp + fn,
                both=tp,
                pairs=_pairs(reads[:, :, j], experts.readers),
                population=given.get(name, nan),
                weighted_sensitivity=float(weighted[0]),
                weighted_specificity=float(weighted[1]),
                weighted_prevalence=float(weighted[2]),
                **figures,
            )
        )
    return LabelScorecard(
        rows=tuple(rows),
        n=len(own),
        units=n_units,
        unit=unit,
        readers=experts.readers,
        panel=experts.panel,
        confidence=confidence,
        n_bootstrap=n_bootstrap,
        seed=seed,
        data=data,
        source=experts.name,
    )


_COLUMNS: Final = (*FIGURES, "perfect_auc", "readers_kappa", "readers_ac1")


def limits_of(
    value: float | np.floating, replicates: NDArray[np.float64], confidence: float
) -> Interval:
    """Return percentiles, where the figure is defined and its replicates differ."""
    limits = UNDEFINED if isnan(value) else percentile(replicates, confidence)
    return limits if limits.low < limits.high else UNDEFINED


def _of_extremes(
    two: NDArray[np.float64], figures: Mapping[str, Any], confidence: float
) -> dict[str, Interval]:
    """Return the limits of what replicates cannot give: where a cell is empty it is in all of them.

    Shares of 0 or 1 get Wilson's limits with patients as clusters; kappa and a perfect model's AUC, which
    would seem more certain than they are, get none.
    """
    tp, fp, fn, tn = two
    found: dict[str, Interval] = {}
    trials = {"sensitivity": (tp, fn), "specificity": (tn, fp), "ppv": (tp, fp), "npv": (tn, fn)}
    for name, (hits, misses) in trials.items():
        if figures[name] in (0, 1):
            found[f"{name}_interval"] = proportion(hits, hits + misses, confidence)[1]
    if found:
        found["kappa_interval"] = found["perfect_auc_interval"] = UNDEFINED
    return found


def _prevalences(population: Mapping[str, float], labels: Sequence[str]) -> dict[str, float]:
    for name, value in population.items():
        if not 0 <= value <= 1:
            raise EvaluationError(
                f"population must have shares from 0 to 1; got {value!s:.80} for {name!r:.80}"
            )
    found = match_labels(labels, population, where="population", error=EvaluationError)
    return {label: float(population[name]) for label, name in found.items()}


def _pairs(reads: NDArray[np.float64], readers: Sequence[str]) -> tuple[ReaderPair, ...]:
    each = np.arange(len(reads))
    found = []
    for i, j in combinations(range(len(readers)), 2):
        counts = two_by_two(reads[:, i], reads[:, j], each, len(reads)).sum(axis=1)
        found.append(ReaderPair(readers[i], readers[j], float(agreement(counts)[4])))
    return tuple(found)
