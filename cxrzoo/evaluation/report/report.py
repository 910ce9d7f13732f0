"""A report: the figures of an evaluation, written and read as text."""

from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Final, NoReturn

from cxrzoo.evaluation.report.figures import Figures
from cxrzoo.evaluation.report.schema import dump, load
from cxrzoo.evaluation.report.tables import csv_text, markdown
from cxrzoo.files import write_whole
from cxrzoo.lazy import renamed_arguments

_NOW_FUNCTIONS: Final = {
    "against": "compare_published",
    "plot_precision_recall": "plot_precision_recall",
    "plot_reliability": "plot_reliability",
    "plot_roc": "plot_roc",
    "to_html": "write_html",
}
"""Functions of `cxrzoo.evaluation` that take a report, by the method that each was before."""


@dataclass(frozen=True)
class Report(Figures):
    """A model's figures on one set of images, beside what guesses would score.

    Its fields are those of `Figures`; `write_html`, `plot_roc` and others take a report.
    """

    def to_json(self, path: str | PathLike[str] | None = None, *, predictions: bool = False) -> str:
        """Return the report as strict JSON (NaN is null), and write it to ``path`` when given.

        Args:
            path: A file, replaced as a whole.
            predictions: Keep truth and scores too, so that curves and comparisons work on loading.
        """
        return _written(dump(self, predictions=predictions), path)

    @classmethod
    def from_json(cls, source: str | PathLike[str]) -> "Report":
        """Read a report from `to_json`'s text, or from a file of it.

        Raises:
            EvaluationError: It is not such a text.
        """
        return load(cls, source)

    def to_markdown(self, *, details: bool = True) -> str:
        """Return tables and notes to read in a terminal, a note or a model card.

        Args:
            details: With the tables of thresholds and subgroups.
        """
        return markdown(self, details=details)

    def to_csv(self, path: str | PathLike[str] | None = None) -> str:
        """Return one row a label and one an average, and write them to ``path`` when given."""
        return _written(csv_text(self), path)

    if not TYPE_CHECKING:  # or every misspelt attribute would pass a type checker

        def __getattr__(self, name: str) -> NoReturn:
            if name in _NOW_FUNCTIONS:
                new = _NOW_FUNCTIONS[name]
                raise AttributeError(
                    f"Report.{name}(...) is now a function: cxrzoo.evaluation.{new}(report, ...)"
                )
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


Report.__init__ = renamed_arguments(strata="subgroups")(Report.__init__)  # type: ignore[method-assign]


def _written(text: str, path: str | PathLike[str] | None) -> str:
    if path is not None:
        write_whole(path, text)
    return text
