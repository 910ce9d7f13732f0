"""`compare_on_readers`: two models on images that several radiologists read, each reader as the truth."""

from dataclasses import dataclass, replace
from math import isnan, nan
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data import ExpertReads
from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.comparison import bootstrap_test, holm
from cxrzoo.evaluation.experts.measure import matched
from cxrzoo.evaluation.experts.scoring import check_options, units_of
from cxrzoo.evaluation.report.report import Report
from cxrzoo.evaluation.report.table import Cell, Table, document, figure, figure_text
from cxrzoo.evaluation.scored import Scored
from cxrzoo.evaluation.statistics.bootstrap import rank_labels, replicate_areas
from cxrzoo.evaluation.statistics.delong import delong
from cxrzoo.evaluation.statistics.intervals import UNDEFINED, Interval
from cxrzoo.labels import match_labels
from cxrzoo.typed import check_arguments, check_fields

_Array = NDArray[np.float64]

LEAST: Final = 5
"""Positives, and negatives, of every reader that a mean over readers takes: with five, less than one of a
hundred replicates draws none of them."""

MEAN: Final = "mean of readers"
"""What stands for the reader in rows of means."""


@dataclass(frozen=True)
class ReaderDifference:
    """Two models' AUCs on one finding with one reader as the truth, or their means over readers.

    Attributes:
        reader: The reader, or `MEAN`.
        positives: Images on which the reader saw the finding; 0 for a mean.
        difference: ``roc_auc_a - roc_auc_b``; NaN where the reader saw the finding on no image, or on
            all; of a mean also where a reader saw it on fewer than `LEAST` images.
        p_value: Two-sided, of no difference: DeLong's for a reader, of the bootstrap for a mean.
        p_holm: The same, adjusted over all readers and findings, or over the means of all findings.
    """

    label: str
    reader: str
    positives: int
    roc_auc_a: float
    roc_auc_b: float
    difference: float
    interval: Interval
    p_value: float
    p_holm: float

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)


@dataclass(frozen=True)
class ReaderComparison:
    """Two models on images that several radiologists read.

    Attributes:
        rows: One a finding and reader, by paired DeLong with patients as clusters.
        means: One a finding: the mean over readers, by paired bootstrap over patients.
        overall: The mean over all findings that have one; its p-value stands by itself.
    """

    name_a: str
    name_b: str
    rows: tuple[ReaderDifference, ...]
    means: tuple[ReaderDifference, ...]
    overall: ReaderDifference
    n: int
    units: int
    unit: Literal["patient", "image"]
    confidence: float
    n_bootstrap: int
    seed: int

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)

    def to_markdown(self, *, details: bool = True) -> str:
        """Return tables of both AUCs, their differences and the p-values.

        Args:
            details: With the rows of single readers.
        """
        header = ("ROC AUC", self.name_a, self.name_b, "difference", "p", "p (Holm)")
        limits = f"{self.confidence:.0%}"
        found = [
            Table(
                header,
                [_cells(row, row.label) for row in self.means],
                totals=[_cells(self.overall, self.overall.label)],
                limits=limits,
            )
        ]
        if details:
            rows = [_cells(row, f"{row.label}, {row.reader}") for row in self.rows]
            found.append(Table(header, rows, limits=limits))
        of = f" of {self.units:,} patients" if self.unit == "patient" else ""
        title = (
            f"{self.name_a} and {self.name_b} with each reader as the truth: {self.n:,} images{of}"
        )
        return document(
            title,
            found,
            self._notes(),
        )

    def _notes(self) -> list[str]:
        how = (
            f"Means over readers by {self.n_bootstrap:,} paired bootstrap replicates over {self.unit}s "
            f"(seed {self.seed}); single readers by DeLong's test. Holm's adjustment is over the "
            "findings for means, over findings and readers for single readers."
        )
        which = (
            f"A finding has a mean if every reader saw it on {LEAST} images and did not on {LEAST}. The "
            "readers are those of one study: the comparison holds for them, not for readers at large."
        )
        return [how, which]


def _cells(row: ReaderDifference, name: str) -> tuple[str | Cell, ...]:
    return (
        name,
        figure(row.roc_auc_a),
        figure(row.roc_auc_b),
        figure(row.difference, row.interval),
        figure_text(row.p_value, 4),
        figure_text(row.p_holm, 4) if not isnan(row.p_holm) else "",
    )


def compare_on_readers(
    a: Report,
    b: Report,
    experts: ExpertReads,
    *,
    n_bootstrap: int = 2000,
    seed: int = 0,
    confidence: float = 0.95,
) -> ReaderComparison:
    """Compute paired differences ``a - b`` with each radiologist's labels as the truth.

    Args:
        a: A report that still has its predictions and knows its images by name.
        b: Another; images that only one of the two has are left out.
        experts: What each reader said (`read_expert_reads`).
        n_bootstrap: Replicates over patients, for the means over readers.
        seed: Of the replicates.
        confidence: Nominal coverage.

    Raises:
        EvaluationError: The three have no image or no label in common, or a report has no predictions.
    """
    check_arguments(compare_on_readers, locals(), EvaluationError)
    check_options(n_bootstrap, seed, confidence)
    confidence = float(confidence)
    first, kept, labels = matched(a, experts)
    second, others, _ = matched(b, kept)
    if len(others.images) < len(kept.images):
        first, kept, labels = matched(a, others)
    of_b = match_labels(labels, second.labels, where="the second report", error=EvaluationError)
    if not of_b:
        raise EvaluationError("the two reports have no label in common that the experts read")
    score_a = first.y_score[:, [first.labels.index(label) for label in of_b]]
    score_b = second.y_score[:, [second.labels.index(label) for label in of_b.values()]]
    reads = kept.reads[:, :, [kept.labels.index(labels[label]) for label in of_b]].astype(float)
    units, n_units, unit = units_of(kept)

    n_readers, k = reads.shape[1:]
    rankings = (
        ranking
        for scores in (score_a, score_b)
        for reader in range(n_readers)
        for ranking in rank_labels(Scored(tuple(of_b), reads[:, reader], scores, units))
    )
    areas = replicate_areas(rankings, n_units, n_bootstrap, seed)
    whole = areas.roc_auc.reshape(2, n_readers, k)
    drawn = areas.roc_auc_replicates.reshape(n_bootstrap, 2, n_readers, k)
    rows = []
    for j, label in enumerate(of_b):
        scores = np.column_stack([score_a[:, j], score_b[:, j]])
        for r, reader in enumerate(kept.readers):
            tested = _tested(reads[:, r, j], scores, units, confidence)
            rows.append(
                ReaderDifference(label, reader, int((reads[:, r, j] == 1).sum()), *tested, nan)
            )
    enough = np.minimum((reads == 1).sum(axis=0), (reads == 0).sum(axis=0)).min(axis=0) >= LEAST
    paired = (drawn[:, 0] - drawn[:, 1]).mean(axis=1)  # (n_bootstrap, k)
    means = [
        _mean(label, whole[:, :, j].mean(axis=1), paired[:, j], confidence)
        if enough[j]
        else _no_mean(label)
        for j, label in enumerate(of_b)
    ]
    overall = _no_mean(name := f"Mean ({int(enough.sum())} labels)")
    if enough.any():
        both = whole[:, :, enough].mean(axis=(1, 2))
        overall = _mean(name, both, paired[:, enough].mean(axis=1), confidence)
    return ReaderComparison(
        name_a=a.name or "a",
        name_b=b.name or "b",
        rows=_adjusted(rows),
        means=_adjusted(means),
        overall=overall,
        n=len(reads),
        units=n_units,
        unit=unit,
        confidence=confidence,
        n_bootstrap=n_bootstrap,
        seed=seed,
    )


def _tested(
    truth: _Array, scores: _Array, units: NDArray[np.intp], confidence: float
) -> tuple[float, float, float, Interval, float]:
    """Return both AUCs against one reader, their difference, its interval and p-value, by DeLong."""
    on = ~np.isnan(truth)
    a, b = (delong(truth[on], scores[on, i : i + 1], units[on], (1,)).value for i in (0, 1))
    estimate = delong(truth[on], scores[on], units[on], (1, -1))
    limits = estimate.interval_of_difference(confidence)
    return a, b, estimate.value, limits, estimate.p_value()


def _mean(label: str, both: _Array, paired: _Array, confidence: float) -> ReaderDifference:
    a, b = map(float, both)
    interval, p = bootstrap_test(paired, confidence)
    return ReaderDifference(label, MEAN, 0, a, b, a - b, interval, p, nan)


def _no_mean(label: str) -> ReaderDifference:
    return ReaderDifference(label, MEAN, 0, nan, nan, nan, UNDEFINED, nan, nan)


def _adjusted(rows: list[ReaderDifference]) -> tuple[ReaderDifference, ...]:
    """Return the rows with Holm's adjusted p-values."""
    adjusted = holm([row.p_value for row in rows])
    return tuple(replace(row, p_holm=p) for row, p in zip(rows, adjusted, strict=True))
