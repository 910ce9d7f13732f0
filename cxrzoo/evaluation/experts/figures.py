"""What radiologists' labels say of a data set's labels and of a model, as plain frozen data."""

from dataclasses import dataclass
from math import isnan, nan
from typing import Final, Literal

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.report.figures import SMALLEST_CLASS
from cxrzoo.evaluation.statistics.intervals import UNDEFINED, Interval, check_figures
from cxrzoo.typed import check_fields

Against = Literal["others", "majority"]
"""Whom a reader is judged by: the majority of the other readers, or the published majority."""

Position = Literal["above", "through", "below", "too few", "undefined"]
"""Where a model's curve passes a reader's point: 'through' where the interval holds no difference, and
'too few' where one class has under `FEW` images."""

FEW: Final = SMALLEST_CLASS
"""Positives, or negatives, below which a figure of one finding says next to nothing."""


@dataclass(frozen=True)
class ReaderPair:
    """Two readers' agreement on one finding: Cohen's kappa, NaN where it is not defined."""

    first: str
    second: str
    kappa: float

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)


@dataclass(frozen=True)
class LabelWorth:
    """How well a data set's label agrees with the radiologists' majority.

    The majority is taken for the truth: it is nearer to it, and not the same.

    Attributes:
        n: Images on which both are known.
        label_positives: Images that the data set's label calls positive.
        expert_positives: Images that the radiologists' majority does.
        both: Images that both do.
        sensitivity: ``both / expert_positives``.
        specificity: Of the images that the radiologists call negative, the share the label does too.
        ppv: ``both / label_positives``.
        npv: Of the images that the label calls negative, the share the radiologists do too.
        kappa: Cohen's, of label and majority; it falls towards 0 where a finding is rare.
        ac1: Gwet's AC1 of the same, which does not.
        readers_kappa: Fleiss' kappa of the single readers.
        readers_ac1: Gwet's AC1 of them.
        pairs: Every two readers' kappa.
        perfect_auc: The AUC that a model that is always right could show against the label, if the
            label's errors know nothing of its score: ``(ppv + npv) / 2`` (`statistics.label_noise`).
        population: The label's prevalence elsewhere, NaN if none was given. ``weighted_*`` are the
            figures there, if images were drawn by this label alone.
    """

    label: str
    n: int
    label_positives: int
    expert_positives: int
    both: int
    sensitivity: float
    sensitivity_interval: Interval
    specificity: float
    specificity_interval: Interval
    ppv: float
    ppv_interval: Interval
    npv: float
    npv_interval: Interval
    kappa: float
    kappa_interval: Interval
    ac1: float
    ac1_interval: Interval
    readers_kappa: float
    readers_kappa_interval: Interval
    readers_ac1: float
    readers_ac1_interval: Interval
    perfect_auc: float
    perfect_auc_interval: Interval
    pairs: tuple[ReaderPair, ...] = ()
    population: float = nan
    weighted_sensitivity: float = nan
    weighted_specificity: float = nan
    weighted_prevalence: float = nan

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)
        check_figures(
            self,
            ("n", "label_positives", "expert_positives", "both"),
            ("sensitivity", "specificity", "ppv", "npv", "perfect_auc", "population"),
        )
        if self.both > min(self.label_positives, self.expert_positives) or self.n < max(
            self.label_positives, self.expert_positives
        ):
            raise ValueError(
                f"of {self.n} images, {self.label_positives} and {self.expert_positives} positive, "
                f"{self.both} cannot be both"
            )

    @property
    def few(self) -> bool:
        """Whether the label, or the majority, has too few positives to say much."""
        return min(self.label_positives, self.expert_positives) < FEW


@dataclass(frozen=True)
class ReaderPoint:
    """One reader on one finding, as a point on the ROC curve, and where the model's curve passes it.

    Attributes:
        against: Whom the reader is judged by.
        on_panel: Whether the reader's own vote is part of that truth, which flatters him.
        n: Images that count.
        positives: Of these, how many that truth calls positive.
        ties: Images left out because the other readers were two against two.
        model_sensitivity: The highest that the model's curve reaches at the reader's false-positive
            rate, against the same truth.
        difference: ``model_sensitivity - sensitivity``, with its interval over patients.
    """

    label: str
    reader: str
    against: Against
    on_panel: bool
    n: int
    positives: int
    ties: int
    sensitivity: float
    sensitivity_interval: Interval
    specificity: float
    specificity_interval: Interval
    model_sensitivity: float
    difference: float
    difference_interval: Interval

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)
        check_figures(
            self,
            ("n", "positives", "ties"),
            ("sensitivity", "specificity", "model_sensitivity"),
        )

    @property
    def position(self) -> Position:
        """Where the model's curve passes the point, by the interval of the difference."""
        limits = self.difference_interval
        if isnan(self.difference) or not limits.defined:
            return "undefined"
        if min(self.positives, self.n - self.positives) < FEW:
            return "too few"
        return "above" if limits.low > 0 else "below" if limits.high < 0 else "through"


@dataclass(frozen=True)
class ExpertRow:
    """One finding under a model: against the data set's label, and against the radiologists' majority.

    Attributes:
        n: Images that count.
        label_auc: ROC AUC against the data set's label.
        expert_auc: Against the radiologists' majority.
        difference: ``expert_auc - label_auc``, with its interval in the same replicates.
        range_low: The lowest false-positive rate of any reader, against the published majority.
        range_high: The highest.
        sensitivity_in_range: The model's mean sensitivity between the two: the partial area divided by
            the range's width. Its interval holds the range as it is.
        label_curve: Points of the ROC curve against the label.
        expert_curve: Against the majority.
    """

    label: str
    n: int
    label_positives: int
    expert_positives: int
    label_auc: float
    label_auc_interval: Interval
    expert_auc: float
    expert_auc_interval: Interval
    difference: float
    difference_interval: Interval
    label_ap: float
    label_ap_interval: Interval
    expert_ap: float
    expert_ap_interval: Interval
    range_low: float
    range_high: float
    sensitivity_in_range: float
    sensitivity_in_range_interval: Interval
    label_curve: tuple[tuple[float, float], ...] = ()
    expert_curve: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)
        check_figures(
            self,
            ("n", "label_positives", "expert_positives"),
            ("label_auc", "expert_auc", "label_ap", "expert_ap", "sensitivity_in_range"),
        )

    @property
    def defined(self) -> bool:
        """Whether both labels have both classes, and so both AUCs are there."""
        return not isnan(self.difference)


@dataclass(frozen=True)
class ExpertMean:
    """Means over the findings that have an AUC both ways.

    Attributes:
        labels: Those findings.
        one_class_replicates: Replicates left out because one of them had one class only.
    """

    labels: tuple[str, ...]
    label_auc: float
    label_auc_interval: Interval
    expert_auc: float
    expert_auc_interval: Interval
    difference: float
    difference_interval: Interval
    one_class_replicates: int

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)
        check_figures(self, ("one_class_replicates",), ("label_auc", "expert_auc"))


NO_MEAN: Final = ExpertMean((), nan, UNDEFINED, nan, UNDEFINED, nan, UNDEFINED, 0)
"""Over no finding."""
