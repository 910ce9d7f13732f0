"""The label vocabulary of NIH ChestX-ray14.

Spelling is that of the data set's own CSV (Wang et al., "ChestX-ray8", CVPR 2017, and its extension
to 14 findings of the same year); the order is that of the literature's tables.

A *label matrix* is a float32 array of shape ``(n, k)`` that holds 1 (present), 0 (absent) and NaN
(not known). Every loss, metric and report of cxrzoo leaves NaN cells out.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Final

from cxrzoo.errors import CxrZooError, LabelError
from cxrzoo.text import shown, visible

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

_ALIASES: Final = {
    "infiltrate": "infiltration",
    "infiltrates": "infiltration",
    "nofindings": "nofinding",
    "oedema": "edema",
    "pleuraleffusion": "effusion",
    "pulmonaryedema": "edema",
    "pulmonaryoedema": "edema",
}
"""Other names of the same finding, as CheXpert, VinDr-CXR, OpenI and PadChest have them."""


def label_key(name: str) -> str:
    """Return what two names of one label share: neither case nor blanks nor signs, and known aliases."""
    text = unicodedata.normalize("NFKC", name).casefold()
    key = "".join(letter for letter in text if letter.isalnum()) or text
    return _ALIASES.get(key, key)


def match_labels(
    wanted: Iterable[str],
    available: Iterable[str],
    *,
    where: str,
    error: type[CxrZooError] = LabelError,
) -> dict[str, str]:
    """Return the available name of each wanted label; those that have none are left out.

    A name that is spelled alike goes first, then one that :func:`label_key` takes for the same.

    Args:
        wanted: labels.
        available: names of columns or of other labels.
        where: what has them, for the message.
        error: what is raised.

    Raises:
        CxrZooError: of the kind ``error``: two names mean one label, or one name two labels.
    """
    labels, names = list(wanted), list(dict.fromkeys(available))
    found = {label: label for label in labels if label in set(names)}
    meant: dict[str, str] = {}
    for label in labels:
        if label in found:
            continue
        same = [name for name in names if label_key(name) == label_key(label)]
        free = [name for name in same if name not in found.values() or name in meant]
        if len(free) > 1:
            listed = ", ".join(map(repr, free))
            raise error(f"{where} has {listed}, which all mean {label!r}; keep one of them")
        if free and free[0] in meant:
            raise error(
                f"{meant[free[0]]!r} and {label!r} both mean {free[0]!r} of {where}; name one of them"
            )
        if free:
            found[label] = free[0]
            meant[free[0]] = label
    return {label: found[label] for label in labels if label in found}


def own_name(label: str, names: Iterable[str]) -> str | None:
    """Return what one label is called among these names, in any spelling; None if it is not there."""
    return match_labels([label], names, where="the labels").get(label)


def checked_labels(labels: Iterable[Any]) -> tuple[str, ...]:
    """Return label names as a tuple: at least one, none blank, none twice, nothing hidden in them.

    Raises:
        LabelError: the names are not so.
    """
    if isinstance(labels, str | bytes):
        raise LabelError(f"labels must be a list of names; got the single string {shown(labels)}")
    try:
        # What has items by number alone may have no end: a variable of Keras on JAX has none.
        given = type(labels).__iter__(labels)
        names = tuple(str(name) if isinstance(name, str) else name for name in given)
    except Exception:  # noqa: BLE001 - a stranger's object raises what it likes
        raise LabelError(f"labels must be a list of names; got {shown(labels)}") from None
    if not names or not all(isinstance(name, str) and name.strip() for name in names):
        raise LabelError(f"labels must be one or more names, none blank; got {shown(names)}")
    if wrong := what_is_hidden(names):
        raise LabelError(wrong)
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise LabelError(f"each label may be named once; repeated: {', '.join(repeated)}")
    return names


def what_is_hidden(labels: Sequence[str]) -> str | None:
    """Return what is wrong with names that do not show what they are, or None.

    That is a character that cannot be seen, and two names that differ only in how Unicode composes
    their letters.
    """
    if hidden := [name for name in labels if visible(name) != name]:
        return (
            "labels must be names in one line, of characters that can be seen; got "
            f"{visible(hidden[0])[:200]!r}"
        )
    composed = [unicodedata.normalize("NFC", name) for name in labels]
    if len(set(composed)) < len(set(labels)):
        twin = max(composed, key=composed.count)
        return f"labels must differ in their letters; two of them read {twin[:200]!r}"
    return None
