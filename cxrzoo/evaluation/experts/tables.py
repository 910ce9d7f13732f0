"""The tables and sentences of what radiologists say of labels and of a model, described once."""

from collections.abc import Sequence
from math import isnan
from typing import Final

from cxrzoo.evaluation.experts.figures import (
    FEW,
    Against,
    ExpertMean,
    ExpertRow,
    LabelWorth,
    ReaderPoint,
)
from cxrzoo.evaluation.report.table import Cell, Table, figure, figure_text

PERFECT: Final = (
    "Perfect AUC is (PPV + NPV) / 2. It holds if, among images of the same truth, wrong labels know "
    "nothing of the model's score; a model that has learned the labels' own habits may lie above."
)

WHOM: Final[dict[Against, str]] = {
    "others": "the majority of the other readers",
    "majority": "the published majority",
}


def scorecard_table(rows: Sequence[LabelWorth]) -> Table:
    """Describe a data set's labels beside the radiologists' majority."""
    return Table(
        ("Label", "label +", "radiologists +", "both", "sensitivity", "PPV", "specificity", "kappa",
         "AC1", "readers' kappa", "perfect AUC"),
        [
            (
                row.label,
                f"{row.label_positives:,}",
                f"{row.expert_positives:,}",
                f"{row.both:,}",
                figure(row.sensitivity, row.sensitivity_interval),
                figure(row.ppv, row.ppv_interval),
                figure(row.specificity, row.specificity_interval),
                figure(row.kappa, row.kappa_interval),
                figure(row.ac1, row.ac1_interval),
                figure(row.readers_kappa, row.readers_kappa_interval),
                figure(row.perfect_auc, row.perfect_auc_interval),
            )
            for row in rows
        ],
        title="What the labels are worth",
        key="The data set's label beside the radiologists' majority, taken for the truth. Sensitivity is "
        "the share of the radiologists' positives that have the label, PPV the share of the label's "
        "positives that the radiologists confirm. Kappa and AC1 are the agreement beyond chance; kappa "
        "falls towards 0 where a finding is rare, AC1 does not. Perfect AUC: what a model that is always "
        "right could show against the label, if its errors know nothing of the model's score.",
    )  # fmt: skip


def readers_table(rows: Sequence[LabelWorth]) -> Table:
    """Describe the agreement of the readers among themselves."""
    some = [row for row in rows if row.pairs]
    return Table(
        ("Label", "readers' kappa (Fleiss)", "readers' AC1", "lowest pair", "highest pair"),
        [
            (
                row.label,
                figure(row.readers_kappa, row.readers_kappa_interval),
                figure(row.readers_ac1, row.readers_ac1_interval),
                *_extremes(row),
            )
            for row in some
        ],
        title="The readers among themselves",
        key="How far the radiologists agree with each other, image by image.",
    )


def _extremes(row: LabelWorth) -> tuple[str, str]:
    kappas = [pair.kappa for pair in row.pairs if not isnan(pair.kappa)]
    if not kappas:
        return "undefined", "undefined"
    return figure_text(min(kappas)), figure_text(max(kappas))


def population_table(rows: Sequence[LabelWorth]) -> Table:
    """Describe the figures at the label's prevalence elsewhere."""
    return Table(
        ("Label", "prevalence of the label", "of the finding", "sensitivity", "specificity"),
        [
            (
                row.label,
                figure(row.population),
                figure(row.weighted_prevalence),
                figure(row.weighted_sensitivity),
                figure(row.weighted_specificity),
            )
            for row in rows
            if not isnan(row.population)
        ],
        title="Where the label has another prevalence",
        key="Right if the images were drawn by this label alone.",
    )


def scorecard_notes(
    rows: Sequence[LabelWorth],
    *,
    panel: int,
    unit: str,
    n_bootstrap: int,
    seed: int,
    confidence: float,
) -> list[str]:
    """Return sentences on the truth, on intervals and on findings that are too rare."""
    of = f"the majority of {panel} readers" if panel else "the readers' majority"
    sentences = [
        f"The truth here is {of}: nearer to it than a label mined from a report, and not the same.",
        on_intervals(unit, n_bootstrap, seed, confidence),
        PERFECT,
    ]
    if few := [row.label for row in rows if row.few]:
        sentences.append(
            f"Under {FEW} positives by the label or by the radiologists, so of little weight: "
            f"{', '.join(few)}."
        )
    return sentences


def on_intervals(unit: str, n_bootstrap: int, seed: int, confidence: float) -> str:
    """Return a sentence on what the intervals are."""
    if not n_bootstrap:
        return "No intervals: n_bootstrap=0."
    drawn = "patients, whole" if unit == "patient" else "images"
    return (
        f"{confidence:.0%} intervals: percentiles of {n_bootstrap:,} bootstrap replicates over {drawn} "
        f"(seed {seed}); all figures are taken in the same replicates. Readers' sensitivity and "
        "specificity, and labels' shares of 0 or 1, have Wilson's limits with patients as clusters."
    )


def expert_table(rows: Sequence[ExpertRow], mean: ExpertMean, confidence: float) -> Table:
    """Describe a model's AUC against the label and against the radiologists, and the difference."""
    return Table(
        ("Label", "label +", "radiologists +", "AUC, label", "AUC, radiologists", "difference"),
        [
            (
                row.label,
                f"{row.label_positives:,}",
                f"{row.expert_positives:,}",
                figure(row.label_auc, row.label_auc_interval),
                figure(row.expert_auc, row.expert_auc_interval),
                figure(row.difference, row.difference_interval),
            )
            for row in rows
        ],
        totals=[
            (
                f"Mean ({len(mean.labels)} labels)",
                "",
                "",
                figure(mean.label_auc, mean.label_auc_interval),
                figure(mean.expert_auc, mean.expert_auc_interval),
                figure(mean.difference, mean.difference_interval),
            )
        ],
        limits=f"{confidence:.0%}",
        title="The model against the label, and against the radiologists",
        key="ROC AUC against the data set's label and against the radiologists' published majority, on "
        "the same images. The mean is over labels that have an AUC both ways.",
    )


def precision_table(rows: Sequence[ExpertRow], confidence: float) -> Table:
    """Describe average precision both ways, and the sensitivity in the readers' range."""
    return Table(
        ("Label", "AP, label", "AP, radiologists", "readers' range", "sensitivity there"),
        [
            (
                row.label,
                figure(row.label_ap, row.label_ap_interval),
                figure(row.expert_ap, row.expert_ap_interval),
                f"{figure_text(row.range_low)} to {figure_text(row.range_high)}"
                if row.range_high > row.range_low
                else "-",
                figure(row.sensitivity_in_range, row.sensitivity_in_range_interval),
            )
            for row in rows
        ],
        limits=f"{confidence:.0%}",
        title="Average precision, and where readers work",
        key="Readers' range: from the lowest to the highest false-positive rate of a reader, against the "
        "published majority. Sensitivity there is the model's mean over the range, the partial area "
        "under its curve divided by the range's width.",
    )


def points_table(points: Sequence[ReaderPoint], against: Against) -> Table:
    """Describe every reader's point and where the model's curve passes it."""
    return Table(
        ("Label and reader", "positives", "sensitivity", "specificity", "model's sensitivity",
         "difference", "the curve passes"),
        [
            (
                f"{point.label}, {reader_text(point)}",
                f"{point.positives:,} of {point.n:,}",
                figure(point.sensitivity, point.sensitivity_interval),
                figure(point.specificity, point.specificity_interval),
                figure(point.model_sensitivity),
                figure(point.difference, point.difference_interval),
                point.position,
            )
            for point in points
            if point.against == against
        ],
        title=f"Each reader, judged by {WHOM[against]}",
        key="Difference: the model's sensitivity at the reader's false-positive rate, minus the reader's."
        " The curve passes above or below where the interval of the difference lacks 0, else through; "
        f"'too few' stands where one class has under {FEW} images.",
    )  # fmt: skip


def reader_text(point: ReaderPoint) -> str:
    """Return a reader's number, marked where his own vote is part of the truth."""
    return f"{point.reader}*" if point.on_panel else point.reader


def positions_table(points: Sequence[ReaderPoint]) -> Table:
    """Count where the model's curve passes the readers' points, a row a label."""
    labels = list(dict.fromkeys(point.label for point in points))
    header = ["Label"]
    for whom in ("others", "majority"):
        header += [f"above ({whom})", f"through ({whom})", f"below ({whom})"]

    def counts(label: str) -> list[str | Cell]:
        found: list[str | Cell] = []
        for against in WHOM:
            its = [p.position for p in points if p.label == label and p.against == against]
            found += [str(its.count(one)) for one in ("above", "through", "below")]
        return found

    return Table(
        header,
        [(label, *counts(label)) for label in labels],
        title="Where the model's curve passes the readers",
        key="Of how many readers the curve passes above, through or below the point; readers are judged "
        "by the majority of the other readers, and by the published majority.",
    )


def expert_notes(points: Sequence[ReaderPoint], rows: Sequence[ExpertRow]) -> list[str]:
    """Return sentences on readers' truths, ties and findings without an AUC."""
    ties = {point.label: point.ties for point in points if point.against == "others" and point.ties}
    own = (
        "A reader is judged by the majority of the other readers, so that nobody is judged by his own "
        "vote, and again by the published majority; there a * marks readers whose vote is part of it, "
        "which flatters them."
    )
    sentences = [own]
    if ties:
        most = max(
            (point for point in points if point.against == "others"), key=lambda point: point.ties
        )
        sentences.append(
            "Images on which the other readers are two against two are left out of that reader's "
            f"figures: up to {most.ties:,} of {most.ties + most.n:,} ({most.label})."
        )
    if undefined := [row.label for row in rows if not row.defined]:
        sentences.append(
            f"No AUC both ways, and in no mean: {', '.join(undefined)} (one class only in one of them)."
        )
    return sentences
