"""What a reproduction found, as frozen data, and the paper's table with ours beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan, nan
from typing import Final

from cxrzoo.errors import TrainingError
from cxrzoo.evaluation.report.table import figure_text, interval_text, markdown_table
from cxrzoo.evaluation.statistics.intervals import Interval
from cxrzoo.strict_json import dump, formerly, from_plain, parse_object
from cxrzoo.training.paper.rows import PAPER_ACCURACY, PAPER_STEPS
from cxrzoo.typed import check_fields

_ACCURACY: Final = (
    "Accuracy is the share of right cells (image and label) at a score above 0.5, which is the share "
    "of cells under 'above 0.5'; 'all negative' is what a model that denies everything would score "
    "there. The paper does not say which accuracy its own is."
)
_INTERVALS: Final = (
    "Measured is the epoch with the best validation AUC. Intervals resample the test part's patients "
    "and hold for one trained model; the spread over seeds is that of training."
)
_CONSTANT: Final = (
    "A constant output gives every test image the same score; its AUC is 0.5, which says nothing about "
    "the images."
)


@dataclass(frozen=True, slots=True)
class Part:
    """The size of a part of the data; patients are None where they are unknown."""

    images: int
    patients: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of the paper under one seed; what a run that failed has not is empty or NaN.

    Attributes:
        row: name of the recipe.
        seed: of the run.
        failure: what stopped the run, if its loss or weights were no longer numbers.
        epochs: epochs run.
        best_epoch: the one (from 1) whose weights were measured.
        loss: training loss of each epoch.
        val_auc: exact macro AUC of each epoch on the validation part.
        accuracy: share of right cells of the test part at a score above 0.5.
        all_negative_accuracy: what denying every finding would score.
        above_half: share of cells with such a score.
        macro_auc: exact, over the labels that have both classes in the test part.
        macro_auc_low: lower limit of its 95 % interval, patients resampled.
        macro_auc_high: upper limit.
        labels_measured: labels that went into it.
        undefined: the others.
        constant: the score by label of those outputs that gave every test image the same.
    """

    row: str
    seed: int
    failure: str | None = None
    epochs: int = 0
    best_epoch: int = 0
    loss: tuple[float, ...] = ()
    val_auc: tuple[float, ...] = ()
    accuracy: float = nan
    all_negative_accuracy: float = nan
    above_half: float = field(default=nan, metadata=formerly("said_yes"))
    macro_auc: float = nan
    macro_auc_low: float = nan
    macro_auc_high: float = nan
    labels_measured: int = 0
    undefined: tuple[str, ...] = ()
    constant: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reproduction:
    """The paper's rows as measured on a data set.

    Attributes:
        data: name of the data set.
        split: name of the split.
        split_seed: its seed.
        parts: ``"train"``, ``"validation"`` and ``"test"``.
        leaking_test_images: test images of patients who are in train too; None if nobody can know.
        started_from: what the MobileNet rows started from; None without such a row.
        seeds: the seeds that each row was, or is to be, run with.
        image_size: side of the input in pixels.
        batch_size: images a step.
        steps: steps an epoch.
        backend: Keras backend.
        versions: package versions by name.
        rows: the rows that were, or are to be, run.
        outcomes: one a row and seed, in the order they were run.
    """

    data: str
    split: str
    split_seed: int
    parts: Mapping[str, Part]
    leaking_test_images: int | None
    started_from: str | None
    seeds: tuple[int, ...]
    image_size: int
    batch_size: int
    steps: int
    backend: str
    versions: Mapping[str, str]
    rows: tuple[str, ...] = tuple(PAPER_ACCURACY)
    outcomes: tuple[Outcome, ...] = ()

    def __post_init__(self) -> None:
        check_fields(self, TrainingError)

    def of(self, row: str) -> tuple[Outcome, ...]:
        """Return the outcomes of a row."""
        return tuple(outcome for outcome in self.outcomes if outcome.row == row)

    def to_json(self) -> str:
        """Return the result as strict JSON; NaN is null."""
        return dump(self, ascii_only=True)

    def to_markdown(self) -> str:
        """Return the caption, the paper's table with ours beside it, and the notes."""
        return f"{_caption(self)}\n\n{_table(self)}\n\n{_notes(self)}\n"


def reproduction_from_json(text: str) -> Reproduction:
    """Return what :meth:`Reproduction.to_json` wrote.

    Raises:
        TrainingError: it is not such a text.
    """
    found = parse_object(text, source="its text", error=_no_result)
    return from_plain(Reproduction, found, source="its text", error=_no_result)


def _no_result(message: str) -> TrainingError:
    return TrainingError(f"this is no result of 'cxrzoo reproduce': {message}")


def _caption(result: Reproduction) -> str:
    seeds = ", ".join(map(str, result.seeds))
    sizes = ", ".join(
        f"{name} {part.images:,} images"
        + ("" if part.patients is None else f" of {part.patients:,} patients")
        for name, part in result.parts.items()
    )
    sentences = [
        f"The paper's rows on {result.data}, split '{result.split}' (seed {result.split_seed}): {sizes}.",
        f"Measured on the test part: {result.image_size} x {result.image_size} pixels, {result.backend}.",
        f"Seeds: {seeds}.",
    ]
    if result.started_from is not None:
        sentences.append(f"The MobileNet rows start from: {result.started_from}.")
    if result.leaking_test_images:
        share = result.leaking_test_images / result.parts["test"].images
        sentences.append(
            f"{result.leaking_test_images:,} test images ({share:.1%}) belong to patients who are in "
            "train too, so these figures flatter."
        )
    elif result.leaking_test_images is None:
        sentences.append("Patients are unknown: how much of the test part leaks cannot be said.")
    return " ".join(sentences)


def _table(result: Reproduction) -> str:
    header = ["row", "seed", "accuracy, paper", "accuracy, ours", "all negative"]
    header += ["above 0.5", "macro AUC", "95 %", "constant outputs", "best epoch (validation)"]
    rows = []
    for row in dict.fromkeys(outcome.row for outcome in result.outcomes):
        outcomes = result.of(row)
        rows += [_cells(outcome) for outcome in outcomes]
        if len(outcomes) > 1:
            rows.append(_mean(row, outcomes))
    return markdown_table(header, rows)


def _cells(outcome: Outcome) -> list[str]:
    start = [f"`{outcome.row}`", str(outcome.seed), _paper(outcome.row)]
    if outcome.failure is not None:
        return [*start, f"none: {outcome.failure}", "", "", "", "", "", ""]
    return [
        *start,
        *_averages([outcome]),
        interval_text(Interval(outcome.macro_auc_low, outcome.macro_auc_high)),
        str(len(outcome.constant)),
        f"{outcome.best_epoch} of {outcome.epochs} ({max(outcome.val_auc):.3f})",
    ]


def _mean(row: str, outcomes: Sequence[Outcome]) -> list[str]:
    measured = [outcome for outcome in outcomes if outcome.failure is None]
    name = "mean" if len(measured) == len(outcomes) else f"mean of {len(measured)}"
    areas = [outcome.macro_auc for outcome in measured]
    return [
        f"**`{row}`**",
        name,
        _paper(row),
        *_averages(measured),
        f"seeds {min(areas):.3f}-{max(areas):.3f}" if areas and not any(map(isnan, areas)) else "",
        "",
        "",
    ]


def _averages(outcomes: Sequence[Outcome]) -> list[str]:
    figures = [
        (one.accuracy, one.all_negative_accuracy, one.above_half, one.macro_auc) for one in outcomes
    ] or [(nan,) * 4]
    return [figure_text(sum(column) / len(column)) for column in zip(*figures, strict=True)]


def _paper(row: str) -> str:
    accuracy = PAPER_ACCURACY[row]
    return "no figure" if accuracy is None else f"{accuracy:.2f}"


def _notes(result: Reproduction) -> str:
    sentences = [_ACCURACY, _INTERVALS, _CONSTANT]
    if missing := len(result.rows) * len(result.seeds) - len(result.outcomes):
        sentences.insert(
            0, f"{missing} of {missing + len(result.outcomes)} runs are still to come."
        )
    if result.steps == PAPER_STEPS:
        sentences.append(
            f"An epoch has {result.steps:,} steps of {result.batch_size}, as in the paper."
        )
    else:
        sentences.append(
            f"An epoch has {result.steps:,} steps of {result.batch_size} here; the paper's "
            f"{PAPER_STEPS:,} are those of 70 % of the full data set. So each row takes "
            f"{result.steps / PAPER_STEPS:.1%} of the paper's steps."
        )
    undefined = dict.fromkeys(label for item in result.outcomes for label in item.undefined)
    if undefined:
        labels = max(outcome.labels_measured for outcome in result.outcomes)
        sentences.append(
            f"{', '.join(undefined)}: one class only in the test part. Macro AUCs are over the "
            f"{labels} other labels."
        )
    return "\n".join(f"- {sentence}" for sentence in sentences)
