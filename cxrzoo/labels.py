"""The label vocabulary of NIH ChestX-ray14.

Spelling is that of the data set's own CSV (Wang et al., "ChestX-ray8", CVPR 2017, and its extension
to 14 findings of the same year); the order is that of the literature's tables.

A *label matrix* is a float32 array of shape ``(n, k)`` that holds 1 (present), 0 (absent) and NaN
(not known). Every loss, metric and report of cxrzoo leaves NaN cells out.
"""

from typing import Final

__all__ = ["NIH_FINDINGS", "NIH_LABELS", "NO_FINDING"]

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
