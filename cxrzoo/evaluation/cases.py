"""Cases worth a look: where a model is surely right, and where it is most wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.report.figures import Figures
from cxrzoo.evaluation.scored import Scored, check_groups
from cxrzoo.sizes import check_whole
from cxrzoo.typed import check_arguments, check_fields

MOST: Final = 50
"""Cases of a kind and label at the most."""


@dataclass(frozen=True)
class Case:
    """One picture under one label.

    Attributes:
        row: Its row in the report's truth and scores, from 0.
        score: The model's.
        image: Its name, or empty where nobody gave one. No patient's identifier.
        others: The other labels that it has.
    """

    row: int
    score: float
    image: str = ""
    others: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)
        check_whole("row", self.row, 0)


@dataclass(frozen=True)
class LabelCases:
    """The cases of a label; each list has a patient once, with the picture that stands out most.

    Attributes:
        label: Its name.
        highest_negatives: Pictures without the label, the highest score first.
        lowest_positives: Pictures with it, the lowest score first.
        surest_positives: Pictures with it, the highest score first.
        negatives: Patients (or pictures, where no patient is known) who have a picture without it.
        positives: Patients who have a picture with it.
    """

    label: str
    highest_negatives: tuple[Case, ...]
    lowest_positives: tuple[Case, ...]
    surest_positives: tuple[Case, ...]
    negatives: int
    positives: int

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)

    @property
    def lists(self) -> tuple[tuple[str, bool, tuple[Case, ...]], ...]:
        """Title, truth and cases of the three lists."""
        return (
            ("Highest-scored negatives", False, self.highest_negatives),
            ("Lowest-scored positives", True, self.lowest_positives),
            ("Surest positives", True, self.surest_positives),
        )


@dataclass(frozen=True)
class Cases:
    """Cases of every label of a report.

    Attributes:
        labels: One a label, in the report's order.
        n: How many of each kind were asked for.
        unit: What comes once in a list: ``"patient"``, or ``"image"`` where no patient is known.
        name: What was measured, in the user's words.
        data: On which data, likewise.
    """

    labels: tuple[LabelCases, ...]
    n: int
    unit: Literal["patient", "image"]
    name: str | None = None
    data: str | None = None

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)
        check_whole("n", self.n, 1, most=MOST, error=EvaluationError)


@dataclass(frozen=True, eq=False, repr=False)
class CasePictures:
    """Pictures of cases as files of JPEG, to be embedded in a page.

    Attributes:
        method: How the heat maps were made.
        plain: By row, the picture.
        heat: By label and row, the same under its heat map.
        scale: The scale of the colours, from 0 to 1.
        empty: Labels and rows whose heat map has nothing above 0.
    """

    method: str
    plain: Mapping[int, bytes]
    heat: Mapping[tuple[str, int], bytes]
    scale: bytes
    empty: frozenset[tuple[str, int]] = field(default=frozenset())

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)


def select_cases(report: Figures, n: int = 6, *, patients: ArrayLike | None = None) -> Cases:
    """Choose for each label the highest-scored negatives, the lowest-scored and the surest positives.

    A cell whose truth is not known is no case. Pictures of equal scores stand in the order of their rows.

    Args:
        report: Of a model or of predictions, with its truth and scores.
        n: How many of each, 50 at the most; where there are fewer patients, all of them.
        patients: Who each picture is of, ``(n,)``, where the report was made without knowing it: None
            for a picture of whom nobody knows. Without it, the groups of the report are taken.

    Raises:
        EvaluationError: The report was loaded without its predictions, or ``n`` is out of bounds.
    """
    check_arguments(select_cases, locals(), EvaluationError)
    check_whole("n", n, 1, most=MOST, error=EvaluationError)
    scored = report.require_scored()
    if patients is not None:
        groups = check_groups(patients, len(scored.y_true))
        nobody = groups is not None and all(str(one).startswith("\0") for one in groups)
        scored = replace(scored, groups=None if nobody else groups)
    rows = tuple(_of_label(scored, j, n) for j in range(len(scored.labels)))
    return Cases(rows, n, scored.unit, report.name, report.data)


def _of_label(scored: Scored, j: int, n: int) -> LabelCases:
    truth, scores = scored.y_true[:, j], scored.y_score[:, j]
    units = scored.units[0]
    has, lacks = np.flatnonzero(truth == 1), np.flatnonzero(truth == 0)

    def cases(rows: NDArray[np.intp], sign: int) -> tuple[Case, ...]:
        ordered = rows[np.argsort(sign * scores[rows], kind="stable")]
        first = np.sort(np.unique(units[ordered], return_index=True)[1])
        return tuple(_case(scored, int(row), j) for row in ordered[first[:n]])

    return LabelCases(
        scored.labels[j],
        cases(lacks, -1),
        cases(has, 1),
        cases(has, -1),
        *(len(np.unique(units[rows])) for rows in (lacks, has)),
    )


def _case(scored: Scored, row: int, j: int) -> Case:
    has: Any = np.flatnonzero(scored.y_true[row] == 1)
    return Case(
        row,
        float(scored.y_score[row, j]),
        scored.images[row] if scored.images else "",
        tuple(scored.labels[other] for other in has if other != j),
    )
