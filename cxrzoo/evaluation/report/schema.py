"""The JSON of a report: strict, versioned, and the same report again when loaded.

``{"schema": "cxrzoo.report/1", "report": {...}}`` where ``report`` holds `Report`'s fields by name; a
nested dataclass is an object, a tuple a list, and NaN (undefined) null. With predictions there is
also ``"predictions": {"y_true", "y_score", "groups", "images"}``.
"""

from collections.abc import Mapping
from math import isnan
from os import PathLike
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from cxrzoo import strict_json
from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.report.figures import Figures
from cxrzoo.evaluation.scored import Scored, check_scored

SCHEMA: Final = "cxrzoo.report/1"
"""The format that `dump` writes and `load` reads."""

_MAX_BYTES: Final = 1 << 30  # with the predictions of 400,000 images

_F = TypeVar("_F", bound=Figures)


def dump(report: Figures, *, predictions: bool = False) -> str:
    """Return the report as JSON text; see the module for its schema."""
    content: dict[str, Any] = {"schema": SCHEMA, "report": report}
    if predictions:
        content["predictions"] = _plain_scored(report.require_scored())
    return strict_json.dump(content, indent=1, ascii_only=True)


def load(kind: type[_F], source: str | PathLike[str]) -> _F:
    """Read a report, an object of ``kind``, from JSON text, or from the file at a path.

    Raises:
        EvaluationError: There is no such file, or it is no report of this format.
    """
    text: str | bytes = source if isinstance(source, str) and source.lstrip()[:1] == "{" else b""
    try:
        text = text or strict_json.read_bytes(Path(source), _MAX_BYTES)
    except (OSError, ValueError) as error:
        raise EvaluationError(f"cannot read a report from {str(source)[:200]}: {error}") from None
    content = strict_json.parse_object(
        text, source="its text", error=_no_report, max_bytes=_MAX_BYTES
    )
    return report_of(kind, content)


def report_of(kind: type[_F], content: Mapping[str, Any]) -> _F:
    """Return the report, an object of ``kind``, that the object of a report's JSON holds.

    Raises:
        EvaluationError: It is no report of this format.
    """
    if content.get("schema") != SCHEMA:
        raise _no_report(f"expected the schema {SCHEMA!r}, got {content.get('schema')!r:.80}")
    report = strict_json.from_plain(
        kind, content.get("report"), source="its text", error=_no_report, where="report"
    )
    if "predictions" in content:
        object.__setattr__(report, "scored", _scored(report, content["predictions"]))
    return report


def _no_report(message: str) -> EvaluationError:
    return EvaluationError(f"not a report: {message}")


def _plain_scored(scored: Scored) -> dict[str, Any]:
    truth = [[None if isnan(cell) else int(cell) for cell in row] for row in scored.y_true.tolist()]
    return {
        "y_true": truth,
        "y_score": scored.y_score.tolist(),
        "groups": None if scored.groups is None else scored.groups.tolist(),
        "images": list(scored.images),
    }


def _scored(report: Figures, value: Any) -> Scored:
    if not isinstance(value, Mapping) or set(value) != {"y_true", "y_score", "groups", "images"}:
        raise EvaluationError(
            "not a report: its predictions lack y_true, y_score, groups or images"
        )
    groups = value["groups"]
    return check_scored(
        value["y_true"],
        value["y_score"],
        labels=report.labels,
        groups=None if groups is None else np.asarray(groups),
        images=value["images"] or None,
    )
