"""What a builder's arguments may be, by name: types and bounds.

A configuration comes from strangers, so it is checked before anything is built; the same check
serves the builders. A bound is generous for research and small for an attacker.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

__all__ = ["ACTIVATIONS", "MAX_LABELS", "MAX_PARAMETERS", "normalise_arguments", "normalise_labels"]

MAX_PARAMETERS: Final = 250_000_000
"""The most parameters that a model is built with: 1 GB of float32."""
MAX_LABELS: Final = 1024
ACTIVATIONS: Final = ("sigmoid", "relu", "softmax", "linear")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")


def normalise_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Gives builder arguments in their one spelling: tuples of int, int, float, str, bool or None.

    Raises:
        ValueError: an argument is unknown, of the wrong type or out of bounds; says which, what was
            expected and what came.
    """
    result = {}
    for name, value in arguments.items():
        if name not in _CHECKS:
            raise ValueError(
                f"unknown argument {name[:80]!r}; known are {', '.join(sorted(_CHECKS))}"
            )
        expected, check = _CHECKS[name]
        try:
            result[name] = check(value)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"{name} must be {expected}; received {value!r:.200}") from None
    return result


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


def _integer(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError
    return operator.index(value)


def _between(low: float, high: float, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if isinstance(value, bool | str):
            raise TypeError
        number = convert(value)
        if not (math.isfinite(number) and low <= number <= high):
            raise ValueError
        return number

    return check


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _one_of(*choices: Any) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not any(
            value is choice or (isinstance(value, str) and value == choice) for choice in choices
        ):
            raise ValueError
        return value

    return check


def _input_shape(value: Any) -> tuple[int, int, int]:
    height, width, channels = (_integer(size) for size in value)
    if not (32 <= height <= 2048 and 32 <= width <= 2048 and channels in {1, 3}):
        raise ValueError
    return height, width, channels


def _pair(value: Any) -> tuple[int, int]:
    first, second = (_between(1, 1024, _integer)(number) for number in value)
    return first, second


def _name(value: Any) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError
    return str(value)


_UNITS = ("an integer from 1 to 8192", _between(1, 8192, _integer))
_BOOL = ("True or False", _bool)
_CHECKS: Final[dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "input_shape": (
        "(height, width, channels) with sides of 32 to 2048 pixels and 1 or 3 channels",
        _input_shape,
    ),
    "filters": ("two integers from 1 to 1024", _pair),
    "hidden_units": _UNITS,
    "dropout": ("a number from 0 to 0.95", _between(0.0, 0.95, float)),
    "alpha": ("a number from 0.05 to 4", _between(0.05, 4.0, float)),
    "conv_activation": ("'relu' or 'leaky_relu'", _one_of("relu", "leaky_relu")),
    "hidden_activation": (
        "'relu', 'leaky_relu' or 'linear'",
        _one_of("relu", "leaky_relu", "linear"),
    ),
    "pool_between": _BOOL,
    "include_top": _BOOL,
    "pooling": ("None, 'avg' or 'max'", _one_of(None, "avg", "max")),
    "classifier_activation": (
        f"None (logits) or one of {', '.join(ACTIVATIONS)}",
        _one_of(None, *ACTIVATIONS),
    ),
    "name": ("a name of letters, digits, '_', '.' and '-', starting with a letter", _name),
}
