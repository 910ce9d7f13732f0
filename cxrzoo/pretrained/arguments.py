"""What a description may hold for a builder's arguments and labels: JSON's types, within bounds.

What an argument means, and which values a builder takes, is checked where the builder is defined.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["MAX_LABELS", "normalise_arguments", "normalise_labels"]

MAX_LABELS: Final = 1024
_MOST: Final = 64
"""The most arguments, and the most numbers or words in one of them."""


def normalise_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return builder arguments in their one spelling: None, bool, int, float, str, or tuples of these.

    Raises:
        ValueError: there are too many, a name is no identifier of 1 to 64 characters, or a value is of
            another type or too large; says which.
    """
    if len(arguments) > _MOST:
        raise ValueError(f"there are {len(arguments)} arguments; the most is {_MOST}")
    result = {}
    for name, value in arguments.items():
        if not (name.isidentifier() and len(name) <= 64):
            raise ValueError(f"an argument's name must be an identifier; received {name!r:.80}")
        if name in {"labels", "weights"}:
            raise ValueError(f"unknown argument {name!r}: a description has no such argument")
        result[name] = _plain(name, value, depth=2)
    return result


def _plain(name: str, value: Any, *, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < 1 << 53:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, str) and len(value) <= 120 and value.isprintable():
        return value
    if isinstance(value, list | tuple) and depth and len(value) <= _MOST:
        return tuple(_plain(name, item, depth=depth - 1) for item in value)
    raise ValueError(
        f"{name} must be null, true, false, a number, a word of up to 120 characters or a list of up "
        f"to {_MOST} of these; received {value!r:.200}"
    )


def normalise_labels(labels: Any) -> tuple[str, ...]:
    """Gives label names as a tuple: 1 to 1,024 different names of 1 to 120 characters.

    Raises:
        ValueError: they are not that.
    """
    if isinstance(labels, str) or not isinstance(labels, Sequence):
        raise ValueError(f"labels must be a sequence of names; received {labels!r:.200}")
    if not 1 <= len(labels) <= MAX_LABELS:
        raise ValueError(f"labels must hold 1 to {MAX_LABELS} names; received {len(labels)}")
    for label in labels:
        if not isinstance(label, str) or not label.strip() or len(label) > 120:
            raise ValueError(
                f"a label must be a name of 1 to 120 characters; received {label!r:.200}"
            )
        if any(ord(character) < 32 for character in label):
            raise ValueError(f"a label must not hold control characters; received {label!r:.200}")
    if len(set(labels)) != len(labels):
        twice = next(label for label in labels if list(labels).count(label) > 1)
        raise ValueError(f"labels must differ; {twice!r} stands there twice")
    return tuple(labels)
