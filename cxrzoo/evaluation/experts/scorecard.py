"""A scorecard of labels: how well a data set's labels agree with radiologists, finding by finding."""

from dataclasses import dataclass
from os import PathLike
from typing import Final, Literal

from cxrzoo import strict_json
from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.experts.figures import LabelWorth
from cxrzoo.evaluation.experts.tables import (
    population_table,
    readers_table,
    scorecard_notes,
    scorecard_table,
)
from cxrzoo.evaluation.report.table import document
from cxrzoo.files import write_whole
from cxrzoo.typed import check_fields

SCHEMA: Final = "cxrzoo.label-scorecard/1"


@dataclass(frozen=True)
class LabelScorecard:
    """How well labels agree with radiologists, finding by finding.

    Attributes:
        rows: One a finding that both know.
        n: Images.
        units: Patients (or images, where those are not known) that are drawn for the intervals.
        readers: The readers.
        panel: Those of them whose majority is taken for the truth.
        data: Whose labels they are.
        source: Whose reads.
    """

    rows: tuple[LabelWorth, ...]
    n: int
    units: int
    unit: Literal["patient", "image"]
    readers: tuple[str, ...]
    panel: tuple[str, ...]
    confidence: float
    n_bootstrap: int
    seed: int
    data: str
    source: str

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)

    def __getitem__(self, label: str) -> LabelWorth:
        for row in self.rows:
            if row.label == label:
                return row
        labels = ", ".join(row.label for row in self.rows)
        raise KeyError(f"the scorecard has no label {label!r}; it has {labels}")

    def to_markdown(self) -> str:
        """Return tables and notes."""
        tables = [scorecard_table(self.rows), readers_table(self.rows)]
        if (elsewhere := population_table(self.rows)).rows:
            tables.append(elsewhere)
        title = f"{self.data} beside {self.source}: {self.n:,} images"
        title += f" of {self.units:,} patients" if self.unit == "patient" else ""
        notes = scorecard_notes(
            self.rows,
            panel=len(self.panel),
            unit=self.unit,
            n_bootstrap=self.n_bootstrap,
            seed=self.seed,
            confidence=self.confidence,
        )
        return document(title, tables, notes)

    def to_json(self, path: str | PathLike[str] | None = None) -> str:
        """Return everything as strict JSON (NaN is null), and write it to ``path`` when given."""
        content = {"schema": SCHEMA, "scorecard": self}
        text = strict_json.dump(content, indent=1, ascii_only=True)
        if path is not None:
            write_whole(path, text)
        return text
