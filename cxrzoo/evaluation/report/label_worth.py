"""How well NIH's labels agree with radiologists, beside every figure that is measured on NIH's labels.

The figures are those of ``label_agreement.json``, which ``benchmarks/labels/scorecard.py`` computes from
the published tables of five radiologists (Nabulsi et al., Scientific Reports 11:15523, 2021). The tables
themselves do not ship.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from cxrzoo.evaluation.report.drawing import Dot, Line, draw_forest
from cxrzoo.evaluation.report.figures import Figures
from cxrzoo.evaluation.report.panels import BASELINE, MODEL
from cxrzoo.evaluation.report.table import Table, figure
from cxrzoo.evaluation.statistics.intervals import Interval
from cxrzoo.labels import match_labels

_LABELLED_BY_NIH: Final = ("nih-chestxray14", "chestmnist")
"""What records of data sets with NIH's labels are called."""

_NO_TEST: Final = ("train", "validation")


@dataclass(frozen=True)
class Agreement:
    """One NIH label beside the majority of three radiologists.

    Attributes:
        n: Images.
        label_positives: Images that NIH's label calls positive.
        expert_positives: Images that the radiologists do.
        both: Images that both do.
    """

    label: str
    n: int
    label_positives: int
    expert_positives: int
    both: int
    ppv: float
    ppv_interval: Interval
    sensitivity: float
    sensitivity_interval: Interval
    kappa: float
    kappa_interval: Interval
    ac1: float
    ac1_interval: Interval
    readers_kappa: float
    readers_kappa_interval: Interval
    perfect_auc: float
    perfect_auc_interval: Interval


@cache
def nih_agreement() -> dict[str, Agreement]:
    """Return the figures that ship with the package, by NIH's label."""
    text = (files("cxrzoo.evaluation.report") / "label_agreement.json").read_text("utf-8")
    found = {}
    for row in json.loads(text)["rows"]:
        for name in [name for name in row if name.endswith("_interval")]:
            low, high = (float("nan") if side is None else side for side in row[name])
            row[name] = Interval(low, high)
        found[row["label"]] = Agreement(**row)
    return found


def agreement_of(report: Figures) -> list[Agreement]:
    """Return what is known of the report's labels, in its order; none if it is not on NIH test data."""
    if report.part in _NO_TEST or (report.data or "") not in _LABELLED_BY_NIH:
        return []
    known = nih_agreement()
    return [known[name] for name in match_labels(report.labels, known, where="NIH's").values()]


def worth_tables(report: Figures) -> Iterable[Table]:
    """Describe how well each label of a report on NIH test data agrees with radiologists."""
    if rows := agreement_of(report):
        yield Table(
            ("NIH's label beside radiologists", "n", "NIH +", "radiologists +", "both", "PPV",
             "sensitivity", "kappa", "AC1"),
            [
                (
                    row.label,
                    f"{row.n:,}",
                    f"{row.label_positives:,}",
                    f"{row.expert_positives:,}",
                    f"{row.both:,}",
                    figure(row.ppv, row.ppv_interval),
                    figure(row.sensitivity, row.sensitivity_interval),
                    figure(row.kappa, row.kappa_interval),
                    figure(row.ac1, row.ac1_interval),
                )
                for row in rows
            ],
            title="What NIH's labels are worth",
            key=_KEY,
        )  # fmt: skip


_KEY: Final = (
    "On the PA images of NIH's test list that radiologists read, which need not be those measured here. "
    "PPV is the share of NIH's positives that the majority of three radiologists confirms, sensitivity "
    "the share of theirs that NIH's label has; kappa and AC1 are the agreement beyond chance."
)


def worth_notes(report: Figures) -> Iterable[str]:
    """Yield a sentence on what the report's labels are worth."""
    if rows := agreement_of(report):
        least = min(rows, key=lambda row: row.ppv)
        most = max(rows, key=lambda row: row.ppv)
        yield (
            f"NIH's labels were mined from reports. On {rows[0].n:,} PA images of its test list the "
            f"majority of three radiologists confirms from {least.both:,} of {least.label_positives:,} "
            f"positives ({least.label}) to {most.both:,} of {most.label_positives:,} ({most.label}): an "
            "AUC against NIH's labels says less than it seems to (Nabulsi et al., Scientific Reports "
            "11:15523, 2021)."
        )


def draw_worth(report: Figures) -> str:
    """Return a drawing of PPV and sensitivity of each label, as HTML."""
    lines = [
        Line(
            row.label,
            (
                Dot(row.ppv, row.ppv_interval, MODEL),
                Dot(row.sensitivity, row.sensitivity_interval, BASELINE, hollow=True),
            ),
            f"{row.both:,} of {row.label_positives:,}; {row.both:,} of {row.expert_positives:,}",
        )
        for row in agreement_of(report)
    ]
    return draw_forest(lines, low=0.0, high=1.0, title="PPV and sensitivity of NIH's labels")


WORTH_KEY: Final = (
    "Blue: the share of NIH's positives that the radiologists confirm (PPV). Open diamond: the share of "
    "the radiologists' positives that NIH's label has (sensitivity). 95% intervals."
)
