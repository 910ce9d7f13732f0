"""A report: the figures of an evaluation, and the JSON, Markdown and CSV of them.

The JSON is strict and versioned, and the same report again when loaded:
``{"schema": "cxrzoo.report/1", "report": {...}}`` where ``report`` holds `Report`'s fields by name; a
nested dataclass is an object, a tuple a list, and NaN (undefined) null. With predictions there is
also ``"predictions": {"y_true", "y_score", "groups", "images"}``, where the first two are arrays of
bytes, ``{"dtype": "<f8", "shape": [n, k], "base64": ...}`` in row order: the truth as ``"|u1"`` of 0, 1
and 2 (not known). Reports of earlier versions have them as lists, which are read too.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from cxrzoo import strict_json
from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.report.figures import Figures
from cxrzoo.evaluation.report.tables import csv_text, markdown
from cxrzoo.evaluation.scored import Scored, check_scored
from cxrzoo.files import write_whole
from cxrzoo.lazy import renamed_fields
from cxrzoo.text import shown

SCHEMA: Final = "cxrzoo.report/1"
"""The format of JSON that is written and read."""

_UNKNOWN: Final = 2
_MAX_BYTES: Final = 1 << 30  # with the predictions of 400,000 images

_NOW_FUNCTIONS: Final = {
    "against": "compare_published",
    "plot_precision_recall": "plot_precision_recall",
    "plot_reliability": "plot_reliability",
    "plot_roc": "plot_roc",
    "to_html": "write_html",
}
"""Functions of `cxrzoo.evaluation` that take a report, by the method that each was before."""


@renamed_fields(strata="subgroups")
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
        content: dict[str, Any] = {"schema": SCHEMA, "report": self}
        if predictions:
            content["predictions"] = _plain_scored(self.require_scored())
        return _written(strict_json.dump(content, indent=1, ascii_only=True), path)

    @classmethod
    def from_json(cls, source: str | PathLike[str]) -> "Report":
        """Read a report from `to_json`'s text, or from a file of it.

        Raises:
            EvaluationError: There is no such file, or it is no report of this format.
        """
        text = strict_json.text_of(source, _MAX_BYTES, error=_no_file)
        return report_of(
            strict_json.parse_object(
                text, source="its text", error=_no_report, max_bytes=_MAX_BYTES
            )
        )

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


def report_of(content: Mapping[str, Any]) -> Report:
    """Return the report that the object of a report's JSON holds.

    Raises:
        EvaluationError: It is no report of this format.
    """
    if content.get("schema") != SCHEMA:
        raise _no_report(f"expected the schema {SCHEMA!r}, got {shown(content.get('schema'))}")
    report = strict_json.from_plain(
        Report, content.get("report"), source="its text", error=_no_report, where="report"
    )
    if "predictions" in content:
        object.__setattr__(report, "scored", _scored(report, content["predictions"]))
    return report


def _no_file(message: str) -> EvaluationError:
    return EvaluationError(f"cannot read a report from {message}")


def _no_report(message: str) -> EvaluationError:
    return EvaluationError(f"not a report: {message}")


def _plain_scored(scored: Scored) -> dict[str, Any]:
    truth = np.where(scored.known, scored.y_true == 1, _UNKNOWN)
    return {
        "y_true": _packed(truth.astype("|u1")),
        "y_score": _packed(scored.y_score.astype("<f8", copy=False)),
        "groups": None if scored.groups is None else scored.groups.tolist(),
        "images": list(scored.images),
    }


def _scored(report: Report, value: Any) -> Scored:
    if not isinstance(value, Mapping) or set(value) != {"y_true", "y_score", "groups", "images"}:
        raise EvaluationError(
            "not a report: its predictions lack y_true, y_score, groups or images"
        )
    groups = value["groups"]
    truth, scores = (_unpacked(value[name]) for name in ("y_true", "y_score"))
    if isinstance(value["y_true"], Mapping):
        truth = np.where(truth == _UNKNOWN, np.nan, truth)
    return check_scored(
        truth,
        scores,
        labels=report.labels,
        groups=None if groups is None else np.asarray(groups),
        images=value["images"] or None,
    )


def _packed(array: NDArray[Any]) -> dict[str, Any]:
    """Return an array as JSON without an object for each cell."""
    coded = base64.b64encode(np.ascontiguousarray(array).data).decode("ascii")
    return {"dtype": array.dtype.str, "shape": list(array.shape), "base64": coded}


def _unpacked(value: Any) -> Any:
    """Return an array again; lists, as earlier versions wrote, stay."""
    if not isinstance(value, Mapping):
        return value
    if set(value) != {"dtype", "shape", "base64"} or value["dtype"] not in ("|u1", "<f8"):
        raise _no_report(
            "an array of its predictions has not dtype '|u1' or '<f8', shape and base64"
        )
    try:
        raw = base64.b64decode(value["base64"], validate=True)
        array = np.frombuffer(raw, value["dtype"])
        rows, columns = value["shape"]
        if min(rows, columns) >= 0:  # NumPy would take -1 for whatever fits
            return array.reshape(rows, columns)
    except (TypeError, ValueError) as wrong:
        raise _no_report(f"an array of its predictions is broken: {wrong!s:.200}") from None
    raise _no_report(f"an array of its predictions has the shape {value['shape']!r:.80}")


def _written(text: str, path: str | PathLike[str] | None) -> str:
    if path is not None:
        write_whole(path, text)
    return text
