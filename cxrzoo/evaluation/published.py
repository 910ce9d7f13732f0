"""Figures as published, each with its source and its split, set beside a report."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import numpy as np

from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.report.report import Report
from cxrzoo.evaluation.report.table import Table, figure
from cxrzoo.evaluation.statistics.intervals import Interval
from cxrzoo.labels import match_labels
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments, check_fields

OFFICIAL_SPLIT: Final = "official"
"""What `Records.split` calls the one split whose test images everybody shares."""

_PUBLISHED_OFFICIAL: Final = "nih-official"
"""The published rows' name for it; any other of theirs is some author's own draw."""

OFFICIAL_TEST_IMAGES: Final = 25_596
"""Names in NIH's test_list.txt."""


@dataclass(frozen=True)
class PublishedRow:
    """One model's AUCs as published.

    Attributes:
        key: What `compare_published` calls it.
        split: The split it was measured on.
        source: Where the figures were taken from.
        auc: By label; a label the source does not give is left out.
        mean: As published.
        note: What to know of the figures, or empty.
    """

    key: str
    citation: str
    split: str
    source: str
    auc: Mapping[str, float]
    mean: float
    note: str = ""


@dataclass(frozen=True)
class PublishedComparison:
    """A report beside a published row.

    Attributes:
        rows: Label, our AUC and its interval, the published AUC.
        ours: Mean over the labels that both have.
        theirs: The same of the published figures.
        caution: Why the figures do not compare, or empty where they do.
    """

    name: str
    published: PublishedRow
    rows: tuple[tuple[str, float, Interval, float], ...]
    ours: float
    theirs: float
    confidence: float
    caution: str

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)

    def to_markdown(self) -> str:
        """Return a table with the difference, and the source."""
        rows = [
            (label, figure(ours, interval), figure(theirs), f"{ours - theirs:+.3f}")
            for label, ours, interval, theirs in self.rows
        ]
        gap = f"{self.ours - self.theirs:+.3f}"
        rows.append((f"Mean of {len(self.rows)}", figure(self.ours), figure(self.theirs), gap))
        header = ("ROC AUC", self.name, self.published.key, "difference")
        table = Table(header, rows, limits=f"{self.confidence:.0%}").to_markdown()
        row = self.published
        lines = [f"{row.key}: {row.citation}; split {row.split}; from {row.source}."]
        lines += [f"{text}." for text in (row.note, self.caution) if text]
        return f"{table}\n\n" + "\n".join(f"- {line}" for line in lines) + "\n"


@cache
def published_rows() -> Mapping[str, PublishedRow]:
    """Return the published figures that ship with the package, by key."""
    rows = json.loads((files("cxrzoo.evaluation") / "published_auc.json").read_text("utf-8"))[
        "rows"
    ]
    for row in rows:
        known = {label: auc for label, auc in row["auc"].items() if auc is not None}
        row["auc"] = MappingProxyType(known)
    return MappingProxyType({row["key"]: PublishedRow(**row) for row in rows})


def compare_published(
    report: Report, key: str, *, across_splits: bool = False
) -> PublishedComparison:
    """Set a report beside published figures.

    Args:
        report: Any report.
        key: Of `published_rows`, such as ``"chexnet"``.
        across_splits: Also where the figures were measured on another split.

    Raises:
        EvaluationError: No such row, no label in common, or another split and not ``across_splits``.
    """
    check_arguments(compare_published, locals(), EvaluationError)
    known = published_rows()
    if key not in known:
        raise EvaluationError(
            f"no published row is called {shown(key)}; there are {', '.join(known)}"
        )
    row = known[key]
    reason = _why_not(report, row)
    if reason and not across_splits:
        raise EvaluationError(
            f"{row.key!r} does not compare with this report: {reason}. "
            "Pass across_splits=True to see the figures side by side all the same"
        )
    theirs = match_labels(report.labels, row.auc, where=f"the row {key!r}", error=EvaluationError)
    shared = [label for label in theirs if report[label].defined]
    if not shared:
        raise EvaluationError(f"the report has a defined AUC for no label of {row.key!r}")
    rows = tuple(
        (label, report[label].roc_auc, report[label].roc_auc_interval, row.auc[theirs[label]])
        for label in shared
    )
    if not reason and report.n != OFFICIAL_TEST_IMAGES:
        reason = f"measured on {report.n:,} of the {OFFICIAL_TEST_IMAGES:,} official test images"
    return PublishedComparison(
        name=report.name or "this report",
        published=row,
        rows=rows,
        ours=float(np.mean([ours for _, ours, _, _ in rows])),
        theirs=float(np.mean([auc for *_, auc in rows])),
        confidence=report.confidence,
        caution=reason,
    )


def _why_not(report: Report, row: PublishedRow) -> str:
    """Return the reason why the two were not measured on the same images, or empty."""
    if row.split != _PUBLISHED_OFFICIAL:
        return f"it was measured on the split {row.split!r}, its authors' own draw of test images"
    if report.split not in (OFFICIAL_SPLIT, _PUBLISHED_OFFICIAL):
        ours = f"on the split {report.split!r}" if report.split else "on a split it does not name"
        return f"it was measured on {row.split!r}, this report {ours}"
    if report.part != "test":
        return f"it was measured on the part 'test', this report on {report.part!r}"
    return ""
