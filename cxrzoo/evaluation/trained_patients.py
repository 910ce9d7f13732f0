"""Whether a model was trained on the patients that it is about to be measured on."""

import warnings
from collections.abc import Iterable
from typing import Any

from cxrzoo.errors import LeakageWarning


def trained_on(model: Any, patients: Iterable[str | None] | None) -> frozenset[str]:
    """Return those of these patients that the model's lineage says it was trained on.

    Args:
        model: anything; what has no ``model.cxrzoo.lineage.trained_on`` was trained on nobody.
        patients: identifiers, compared as they are written; None (unknown) is left out.
    """
    lineage = getattr(getattr(model, "cxrzoo", None), "lineage", None)
    sets = getattr(lineage, "trained_on", ())
    known = list(patients) if patients is not None and sets else []
    return frozenset().union(*(one.among(known) for one in sets))


def leakage_message(found: frozenset[str], patients: Iterable[str | None]) -> str:
    """Return what to tell: how many patients, of how many, and what may be done."""
    total = len(set(patients) - {None})
    return (
        f"the model was trained on {len(found):,} of these {total:,} patients (such as "
        f"{min(found)!r:.60}): its figures on them say nothing of new patients. Measure it on others; "
        "if another hospital only numbers its patients alike, give them other names."
    )


def warn_of_leakage(model: Any, patients: Iterable[str | None] | None) -> None:
    """Warn with a :class:`LeakageWarning` if the model was trained on some of these patients."""
    known = None if patients is None else list(patients)
    if known and (found := trained_on(model, known)):
        warnings.warn(leakage_message(found, known), LeakageWarning, stacklevel=3)
