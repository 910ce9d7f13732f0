"""The JSON of a report: strict, versioned, and the same report again when loaded.

``{"schema": "cxrzoo.report/1", "report": {...}}`` where ``report`` holds `Report`'s fields by name; a
nested dataclass is an object, a tuple a list, and NaN (undefined) null. With predictions there is
also ``"predictions": {"y_true", "y_score", "groups", "images"}``.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from math import isfinite, isnan, nan
from os import PathLike
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import numpy as np

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.report.report import Report
from cxrzoo.evaluation.scored import Scored, check_scored

__all__ = ["SCHEMA", "dump", "load"]

SCHEMA: Final = "cxrzoo.report/1"
"""The format that `dump` writes and `load` reads."""


def dump(report: Report, *, predictions: bool = False) -> str:
    """The report as JSON text; see the module for its schema."""
    content: dict[str, Any] = {"schema": SCHEMA, "report": _plain(report)}
    if predictions:
        content["predictions"] = _plain_scored(report.require_scored())
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def load(source: str | PathLike[str]) -> Report:
    """A report from JSON text, or from the file at a path.

    Raises:
        EvaluationError: There is no such file, or it is no report of this format.
    """
    text = source if isinstance(source, str) and source.lstrip().startswith("{") else _read(source)
    try:
        content = json.loads(text)
    except ValueError as error:
        raise EvaluationError(f"not a report: the text is not JSON ({error})") from None
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        came = content.get("schema") if isinstance(content, dict) else type(content).__name__
        raise EvaluationError(f"not a report: expected the schema {SCHEMA!r}, got {came!r}")
    report: Report = _build(Report, content.get("report"), "report")
    if "predictions" in content:
        object.__setattr__(report, "scored", _built_scored(report, content["predictions"]))
    return report


def _read(path: str | PathLike[str]) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise EvaluationError(f"cannot read a report from {str(path)[:200]}: {error}") from None


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(getattr(value, field.name))
            for field in fields(value)
            if field.name != "scored"
        }
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value


@cache
def _field_types(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _build(kind: Any, value: Any, where: str) -> Any:
    """``value`` as the type ``kind``, or an error that says where it is something else."""
    origin, arguments = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _build_dataclass(kind, value, where)
    if origin is UnionType:
        (inner,) = (a for a in arguments if a is not NoneType)
        return None if value is None else _build(inner, value, where)
    if origin is tuple and isinstance(value, list):
        return tuple(_build(arguments[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if kind is float and (value is None or type(value) in (int, float)):
        return nan if value is None else float(value)
    if (origin is Literal and value in arguments) or type(value) is kind:
        return value
    raise EvaluationError(f"not a report: {where} cannot be {value!r:.80}")


def _build_dataclass(kind: Any, value: Any, where: str) -> Any:
    known: dict[str, Field[Any]] = {f.name: f for f in fields(kind) if f.name != "scored"}
    if not isinstance(value, Mapping):
        raise EvaluationError(f"not a report: {where} must be an object, got {value!r:.80}")
    required = {name for name, f in known.items() if f.default is MISSING}
    if odd := (set(value) - set(known)) | (required - set(value)):
        raise EvaluationError(f"not a report: {where} has missing or unknown keys {sorted(odd)}")
    types = _field_types(kind)
    return kind(**{n: _build(types[n], item, f"{where}.{n}") for n, item in value.items()})


def _plain_scored(scored: Scored) -> dict[str, Any]:
    truth = [[None if isnan(cell) else int(cell) for cell in row] for row in scored.y_true.tolist()]
    return {
        "y_true": truth,
        "y_score": scored.y_score.tolist(),
        "groups": None if scored.groups is None else scored.groups.tolist(),
        "images": list(scored.images),
    }


def _built_scored(report: Report, value: Any) -> Scored:
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
