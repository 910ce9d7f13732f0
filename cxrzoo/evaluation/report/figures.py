"""What an evaluation found, as plain frozen data."""

from dataclasses import dataclass, field
from math import isnan, nan
from typing import Final, Literal

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.scored import Scored
from cxrzoo.evaluation.statistics.intervals import UNDEFINED, Interval, check_figures
from cxrzoo.evaluation.statistics.thresholds import OperatingPoint, Thresholds
from cxrzoo.lazy import renamed_fields
from cxrzoo.strict_json import formerly
from cxrzoo.typed import check_fields

IntervalMethod = Literal["bootstrap", "delong"]

SMALLEST_CLASS: Final = 20
"""Positives, or negatives, below which a subgroup's AUC says next to nothing: at an AUC of 0.8 the
95 % interval of 20 positives is about 0.14 wide (Hanley & McNeil, Radiology 143:29, 1982)."""


@dataclass(frozen=True)
class LabelRow:
    """One label's figures; what the data cannot give is NaN.

    Attributes:
        n: Images whose truth is known.
        positives: Of these, how many have the label.
        positive_units: Patients (or images) that the positives come from.
        prevalence: ``positives / n``; also what a coin's average precision would be.
        accuracy: Share of right answers at a score above 0.5.
        all_negative_accuracy: What 'no' to every image would score.
        cross_entropy: Mean log loss of the scores, clipped at 1e-7 as Keras does; NaN for scores
            outside [0, 1].
        prevalence_cross_entropy: Log loss of answering the prevalence to every image.
        brier: Mean squared error of the scores; NaN for scores outside [0, 1].
        ece: Expected calibration error over ten bins of equal size; NaN for scores outside [0, 1].
        one_class_replicates: Bootstrap replicates left out because one class was not drawn.
        metadata_roc_auc: AUC of a model that sees age, sex and view but no image.
        gain: ``roc_auc - metadata_roc_auc``, with its paired interval.
    """

    label: str
    n: int
    positives: int
    positive_units: int
    prevalence: float
    roc_auc: float
    roc_auc_interval: Interval
    average_precision: float
    average_precision_interval: Interval
    accuracy: float
    all_negative_accuracy: float
    cross_entropy: float
    prevalence_cross_entropy: float
    brier: float
    ece: float
    one_class_replicates: int
    metadata_roc_auc: float = nan
    gain: float = nan
    gain_interval: Interval = UNDEFINED

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)
        check_figures(
            self,
            ("n", "positives", "positive_units", "one_class_replicates"),
            ("prevalence", "roc_auc", "average_precision", "accuracy", "all_negative_accuracy"),
        )
        check_figures(self, (), ("brier", "ece", "metadata_roc_auc"))
        if self.positives > self.n or self.positive_units > self.positives:
            raise ValueError(
                f"of {self.n} images {self.positives} cannot be positive, and those not of "
                f"{self.positive_units} patients"
            )

    @property
    def defined(self) -> bool:
        """Whether the label has both classes, and so an AUC."""
        return not isnan(self.roc_auc)


@dataclass(frozen=True)
class Average:
    """Figures over several labels, taken inside the same replicates as each label's own.

    Attributes:
        labels: The labels that went in: the defined ones.
        one_class_replicates: Replicates left out because one of these labels had one class only.
    """

    labels: tuple[str, ...]
    roc_auc: float
    roc_auc_interval: Interval
    average_precision: float
    average_precision_interval: Interval
    one_class_replicates: int

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)
        check_figures(self, ("one_class_replicates",), ("roc_auc", "average_precision"))


@renamed_fields(stratum="subgroup")
@dataclass(frozen=True)
class Subgroup:
    """One label's AUC within a part of the images, such as the AP views."""

    subgroup: str = field(metadata=formerly("stratum"))
    value: str
    label: str
    n: int
    positives: int
    roc_auc: float
    roc_auc_interval: Interval
    too_small: bool

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)
        check_figures(self, ("n", "positives"), ("roc_auc",))
        if self.positives > self.n:
            raise ValueError(f"of {self.n} images {self.positives} cannot be positive")


@dataclass(frozen=True)
class Consistency:
    """How often the answers about ``No Finding`` and about the findings contradict each other.

    Attributes:
        n: Images.
        finding_and_none: Images that are positive for 'No Finding' and for a finding.
        neither: Images that are positive for neither.
        thresholds: ``"0.5"``, or the name of the part the thresholds were chosen on.
    """

    n: int
    finding_and_none: int
    neither: int
    thresholds: str

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)
        check_figures(self, ("n", "finding_and_none", "neither"), ())
        if self.contradictions > self.n:
            raise ValueError(f"of {self.n} images {self.contradictions} cannot contradict")

    @property
    def contradictions(self) -> int:
        """Images whose answers contradict each other either way."""
        return self.finding_and_none + self.neither


@dataclass(frozen=True)
class Figures:
    """What a `Report` holds: a model's figures on one set of images, beside what guesses would score.

    Attributes:
        rows: One a label, in the order of the labels.
        macro: Mean over the labels that are defined.
        macro_findings: The same over the fourteen NIH findings, where all are present and defined.
        micro: All cells of all labels in one ranking.
        accuracy: Share of right answers over all known cells at a score above 0.5.
        all_negative_accuracy: What 'no' to every cell would score.
        n: Images.
        units: Units of resampling, ``unit`` of them being ``"patient"`` or ``"image"``.
        interval: ``"bootstrap"``, or ``"delong"`` for the labels' AUCs (all else stays bootstrap).
        name: What was measured, in the user's words.
        data: On which data, likewise.
        split: Which split, e.g. ``"official"``; published figures compare only within one.
        part: Which part of it, e.g. ``"test"``.
        unmatched_predictions: Columns or labels of the predictions that the truth has no label for.
        unmatched_truth: Labels or columns of the truth that nothing was predicted for.
        scored: Truth and scores, for curves and comparisons; not in the JSON unless asked for.
    """

    rows: tuple[LabelRow, ...]
    macro: Average
    macro_findings: Average | None
    micro: Average
    accuracy: float
    all_negative_accuracy: float
    n: int
    units: int
    unit: Literal["patient", "image"]
    interval: IntervalMethod
    confidence: float
    n_bootstrap: int
    seed: int
    name: str | None = None
    data: str | None = None
    split: str | None = None
    part: str | None = None
    thresholds: Thresholds | None = None
    operating_points: tuple[OperatingPoint, ...] = ()
    subgroups: tuple[Subgroup, ...] = field(default=(), metadata=formerly("strata"))
    no_finding: Consistency | None = None
    unmatched_predictions: tuple[str, ...] = ()
    unmatched_truth: tuple[str, ...] = ()
    scored: Scored | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)
        counts = ("n", "units", "n_bootstrap")
        check_figures(self, counts, ("accuracy", "all_negative_accuracy", "confidence"))
        if self.units > self.n or max((row.n for row in self.rows), default=0) > self.n:
            raise ValueError(f"a report of {self.n} images has more patients, or more for a label")

    def __getitem__(self, label: str) -> LabelRow:
        for row in self.rows:
            if row.label == label:
                return row
        raise KeyError(f"the report has no label {label!r}; it has {', '.join(self.labels)}")

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in order."""
        return tuple(row.label for row in self.rows)

    @property
    def undefined(self) -> tuple[str, ...]:
        """Labels with one class only: they have no AUC and are in no mean."""
        return tuple(row.label for row in self.rows if not row.defined)

    def require_scored(self) -> Scored:
        """Return truth and scores.

        Raises:
            EvaluationError: The report was loaded from a JSON that was written without them.
        """
        if self.scored is None:
            raise EvaluationError(
                "this report was loaded without its predictions, which curves and comparisons need; "
                "write it with to_json(path, predictions=True), or measure again"
            )
        return self.scored
