"""The label vocabulary of NIH ChestX-ray14.

Spelling is that of the data set's own CSV (Wang et al., "ChestX-ray8", CVPR 2017, and its extension
to 14 findings of the same year); the order is that of the literature's tables.

A *label matrix* is a float32 array of shape ``(n, k)`` that holds 1 (present), 0 (absent) and NaN
(not known). Every loss, metric and report of cxrzoo leaves NaN cells out.
"""

from collections.abc import Iterable
from typing import Any, Final

from cxrzoo.errors import LabelError

NIH_FINDINGS: Final[tuple[str, ...]] = (
    "Atelectasis",
    "Cardiomegaly",
    "Effusion",
    "Infiltration",
    "Mass",
    "Nodule",
    "Pneumonia",
    "Pneumothorax",
    "Consolidation",
    "Edema",
    "Emphysema",
    "Fibrosis",
    "Pleural_Thickening",
    "Hernia",
)
"""The fourteen findings."""

NO_FINDING: Final = "No Finding"
"""In the NIH data exactly 'none of the fourteen findings'."""

NIH_LABELS: Final[tuple[str, ...]] = (*NIH_FINDINGS, NO_FINDING)
"""The fifteen labels: fourteen findings, then ``No Finding``."""


def checked_labels(labels: Iterable[Any]) -> tuple[str, ...]:
    """Return label names as a tuple: at least one, none blank, none twice.

    Raises:
        LabelError: the names are not so.
    """
    if isinstance(labels, str):
        raise LabelError(f"labels must be a list of names; got the single string {labels!r}")
    names = tuple(labels)
    if not names or not all(isinstance(name, str) and name.strip() for name in names):
        raise LabelError(f"labels must be one or more names, none blank; got {names!r}")
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise LabelError(f"each label may be named once; repeated: {', '.join(repeated)}")
    return names
