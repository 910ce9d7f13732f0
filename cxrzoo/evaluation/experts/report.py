"""A report on radiologists: a model against a data set's labels, against radiologists, and beside them.

The JSON is strict and versioned, and the same report again when loaded:
``{"schema": "cxrzoo.expert-report/1", "report": {...}}`` with `ExpertReport`'s fields by name, as
`cxrzoo.evaluation.report.report` writes them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from typing import Final, Literal

from cxrzoo import strict_json
from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.experts import tables
from cxrzoo.evaluation.experts.figures import ExpertMean, ExpertRow, ReaderPoint
from cxrzoo.evaluation.experts.scorecard import LabelScorecard
from cxrzoo.evaluation.report.table import Table, document
from cxrzoo.files import write_whole
from cxrzoo.text import shown
from cxrzoo.typed import check_fields

SCHEMA: Final = "cxrzoo.expert-report/1"

_MAX_BYTES: Final = 1 << 26


@dataclass(frozen=True)
class ExpertReport:
    """A model on images that several radiologists read.

    Attributes:
        rows: One a finding that label, radiologists and model all have.
        mean: Over the findings that have an AUC both ways.
        points: Every reader on every finding, judged by the other readers and by the majority.
        scorecard: The data set's labels themselves, on the same images.
        n: Images.
        units: Patients (or images, where those are not known) that are drawn for the intervals.
        left_out: Images of the model's report that nobody read.
        unread: Labels of the model's report that no reader was asked for.
        name: What was measured.
        data: Whose labels.
        source: Whose reads.
    """

    rows: tuple[ExpertRow, ...]
    mean: ExpertMean
    points: tuple[ReaderPoint, ...]
    scorecard: LabelScorecard
    n: int
    units: int
    unit: Literal["patient", "image"]
    left_out: int
    unread: tuple[str, ...]
    confidence: float
    n_bootstrap: int
    seed: int
    name: str
    data: str
    source: str

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)

    def __getitem__(self, label: str) -> ExpertRow:
        for row in self.rows:
            if row.label == label:
                return row
        labels = ", ".join(row.label for row in self.rows)
        raise KeyError(f"the report has no label {label!r}; it has {labels}")

    def measured_on(self) -> str:
        """Return one line: on how many images of what, and who read them."""
        of = f" of {self.units:,} patients" if self.unit == "patient" else ""
        return f"{self.n:,} images{of}, labels {self.data}, readers {self.source}"

    def tables(self) -> Iterator[Table]:
        """Yield all tables in the order in which they are read."""
        yield tables.expert_table(self.rows, self.mean, self.confidence)
        yield tables.positions_table(self.points)
        yield tables.precision_table(self.rows, self.confidence)
        yield tables.scorecard_table(self.scorecard.rows)
        yield tables.readers_table(self.scorecard.rows)
        for against in tables.WHOM:
            yield tables.points_table(self.points, against)

    def notes(self) -> list[str]:
        """Return sentences on what was left out, the truths and the intervals."""
        sentences = tables.expert_notes(self.points, self.rows)
        if self.left_out:
            sentences.append(
                f"{self.left_out:,} other images of the model's report were read by nobody."
            )
        if lost := self.mean.one_class_replicates:
            sentences.append(
                f"Of the mean's {self.n_bootstrap:,} replicates {lost:,} drew one class only of a rare "
                "finding and were left out; its interval holds for the others."
            )
        if self.unread:
            sentences.append(f"No reader was asked for {', '.join(self.unread)}.")
        rest = tables.scorecard_notes(
            self.scorecard.rows,
            panel=len(self.scorecard.panel),
            unit=self.unit,
            n_bootstrap=self.n_bootstrap,
            seed=self.seed,
            confidence=self.confidence,
        )
        return [*sentences, *rest]

    def to_markdown(self, *, details: bool = True) -> str:
        """Return tables and notes.

        Args:
            details: With the tables of single readers.
        """
        found = list(self.tables())
        return document(
            f"{self.name} beside radiologists: {self.measured_on()}",
            found if details else found[:4],
            self.notes(),
        )

    def to_json(self, path: str | PathLike[str] | None = None) -> str:
        """Return the report as strict JSON (NaN is null), and write it to ``path`` when given."""
        content = {"schema": SCHEMA, "report": self}
        text = strict_json.dump(content, indent=1, ascii_only=True)
        if path is not None:
            write_whole(path, text)
        return text

    @classmethod
    def from_json(cls, source: str | PathLike[str]) -> "ExpertReport":
        """Read a report from `to_json`'s text, or from a file of it.

        Raises:
            EvaluationError: There is no such file, or it is no report of this format.
        """
        text = strict_json.text_of(source, _MAX_BYTES, error=_no_report)
        content = strict_json.parse_object(
            text, source="its text", error=_no_report, max_bytes=_MAX_BYTES
        )
        if content.get("schema") != SCHEMA:
            raise _no_report(f"expected the schema {SCHEMA!r}, got {shown(content.get('schema'))}")
        return strict_json.from_plain(
            cls, content.get("report"), source="its text", error=_no_report, where="report"
        )


def _no_report(message: str) -> EvaluationError:
    return EvaluationError(f"not a report on radiologists: {message}")
