"""One vocabulary for all data sets, and how a set's own label names become names of it.

The names of NIH ChestX-ray14 stay as they are; other sets add their own. A name is mapped only where
both mean the same thing, or where one is a kind of the other; the rest is dropped. What a set does
not label stays unknown (NaN).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import LabelError
from cxrzoo.labels import NIH_FINDINGS, NO_FINDING
from cxrzoo.text import shown

Names = Mapping[str, str | tuple[str, ...] | None]
"""A set's own label name, then the vocabulary's: one, several, or None where it is dropped."""

_ORDER: Final[tuple[str, ...]] = (
    *NIH_FINDINGS,
    "Enlarged Cardiomediastinum", "Lung Opacity", "Lung Lesion", "Nodule or Mass", "Pleural Other",
    "Fracture", "Support Devices", "Aortic Enlargement", "Calcification", "COPD",
    "Enlarged Pulmonary Artery", "Interstitial Lung Disease", "Lung Cavity", "Lung Cyst",
    "Lung Tumor", "Mediastinal Shift", "Tuberculosis",
)  # fmt: skip
"""Labels come in this order, then those of sets that name others, then ``No Finding``."""


def in_order(labels: Iterable[str]) -> tuple[str, ...]:
    """Return labels in the vocabulary's order, each once."""
    place = {label: i for i, label in enumerate(_ORDER)} | {NO_FINDING: len(_ORDER) + 1}
    return tuple(sorted(dict.fromkeys(labels), key=lambda label: place.get(label, len(_ORDER))))


def require_spelling(labels: Iterable[str]) -> None:
    """Check that labels are not names of the vocabulary in another spelling.

    Raises:
        LabelError: one is.
    """
    known = {_plain(label): label for label in (*_ORDER, NO_FINDING)}
    for label in labels:
        if (same := known.get(_plain(label), label)) != label:
            raise LabelError(f"the vocabulary has {same!r}; got {shown(label)}")


def _plain(label: str) -> str:
    return label.casefold().replace("_", "").replace(" ", "").replace("-", "")


def labels_of(names: Names, own: str) -> tuple[str, ...]:
    """Return the vocabulary's labels that a set's own name becomes."""
    label = names.get(own)
    if label is None:
        return ()
    return (label,) if isinstance(label, str) else label


def map_labels(
    names: Names, columns: Mapping[str, NDArray[np.float32]]
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Return the vocabulary's labels, and targets (n, k), of columns under a set's own names.

    Where several columns mean one label it is present if it is in any of them, absent if it is absent
    from all, and else unknown.
    """
    parts: dict[str, list[NDArray[np.float32]]] = {}
    for own, column in columns.items():
        for label in labels_of(names, own):
            parts.setdefault(label, []).append(column)
    labels = in_order(parts)
    return labels, np.stack([_any_of(parts[label]) for label in labels], axis=1)


def _any_of(columns: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return 'or' of columns of 1, 0 and NaN, each (n,): 1 before NaN before 0."""
    stacked = np.stack(columns)
    known = np.where(np.isnan(stacked).any(axis=0), np.float32(np.nan), np.float32(0))
    return np.where((stacked == 1).any(axis=0), np.float32(1), known)
