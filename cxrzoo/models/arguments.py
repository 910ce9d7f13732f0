"""What a builder's arguments may be: their kinds, their bounds, and the ones that every builder has.

A description of a model may come from a stranger, so it is checked before anything is built; the same
check serves the builders. A bound is generous for research and small for an attacker.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Real
from types import MappingProxyType
from typing import Any, Final, Literal

from cxrzoo.models.scaling import CONVENTIONS, checked_scaling

MAX_PARAMETERS: Final = 400_000_000
"""The most parameters that a model is built with: 1.6 GB of float32. A ViT-L/16 has 304 million."""

MIN_SIDE: Final = 32
"""The shortest side of an input in pixels."""

_ACTIVATIONS: Final = ("sigmoid", "relu", "softmax", "linear")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Kind:
    """What an argument may be.

    Attributes:
        expected: the values that are taken, in words that follow "must be".
        check: return the value in its one spelling, or raise TypeError, ValueError or OverflowError.
        annotation: the type as Python writes it, for the generated signatures.
    """

    expected: str
    check: Callable[[Any], Any]
    annotation: str


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument that every builder has.

    Attributes:
        kind: what it may be.
        default: its default, unless a backbone has another.
        part: what it is of: the ``"network"``, whose loaded weights depend on it; the ``"head"``, which
            matters only with the top; or ``"free"`` to differ from what a model was saved with.
        doc: what it does, for the docstring.
    """

    kind: Kind
    default: Any
    part: Literal["network", "head", "free"]
    doc: str


def number(low: float, high: float) -> Kind:
    """Take a finite number from ``low`` to ``high``, as a float."""

    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError
        converted = float(value)
        if not low <= converted <= high:  # NaN is not
            raise ValueError
        return converted

    return Kind(f"a number from {low:g} to {high:g}", check, "float")


def integer(low: int, high: int) -> Kind:
    """Take a whole number from ``low`` to ``high``."""

    def check(value: Any) -> int:
        whole = _whole(value)
        if not low <= whole <= high:
            raise ValueError
        return whole

    return Kind(f"an integer from {low} to {high}", check, "int")


def integers(n: int, low: int, high: int) -> Kind:
    """Take ``n`` whole numbers from ``low`` to ``high``, as a tuple."""
    one = integer(low, high)

    def check(value: Any) -> tuple[int, ...]:
        checked = tuple(one.check(item) for item in value)
        if len(checked) != n:
            raise ValueError
        return checked

    of_each = ", ".join(["int"] * n)
    return Kind(f"{n} integers from {low} to {high}", check, f"tuple[{of_each}]")


def flag() -> Kind:
    """Take True or False."""

    def check(value: Any) -> bool:
        if not isinstance(value, bool):
            raise TypeError
        return value

    return Kind("True or False", check, "bool")


def choice(*names: str) -> Kind:
    """Take one of some names."""

    def check(value: Any) -> str:
        if not (isinstance(value, str) and value in names):
            raise ValueError
        return value

    words = [repr(name) for name in names]
    return Kind(f"{', '.join(words[:-1])} or {words[-1]}", check, "str")


def optional(kind: Kind, *, none: str = "None") -> Kind:
    """Take None too; ``none`` says what None means."""

    def check(value: Any) -> Any:
        return None if value is None else kind.check(value)

    return Kind(f"{none}, or {kind.expected}", check, f"{kind.annotation} | None")


def _whole(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError
    return operator.index(value)


def _input_shape(value: Any) -> tuple[int, int, int]:
    height, width, channels = (_whole(size) for size in value)
    if not (MIN_SIDE <= height <= 2048 and MIN_SIDE <= width <= 2048 and channels in {1, 3}):
        raise ValueError
    return height, width, channels


def _name(value: Any) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError
    return str(value)


_SCALING: Final = Kind(
    f"one of {', '.join(map(repr, CONVENTIONS))}, or (scale, offset), each one number or three "
    "of up to a million and no scale 0",
    checked_scaling,
    "str | tuple[float, float] | tuple[Sequence[float], Sequence[float]]",
)

COMMON: Final[Mapping[str, Argument]] = MappingProxyType(
    {
        "input_shape": Argument(
            Kind(
                "(height, width, channels) with sides of 32 to 2048 pixels and 1 or 3 channels",
                _input_shape,
                "tuple[int, int, int]",
            ),
            (224, 224, 1),
            "free",  # the shapes of the tensors decide
            "``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any numeric "
            "dtype, are scaled {scaling} inside the model.",
        ),
        "hidden_units": Argument(
            optional(integer(1, 8192), none="None (no hidden layer)"),
            None,
            "head",
            "width of a hidden layer before the output; None for a linear head.",
        ),
        "hidden_activation": Argument(
            choice("relu", "leaky_relu", "hard_swish", "linear"),
            "relu",
            "head",
            '``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"`` after the hidden '
            "layer.",
        ),
        "dropout": Argument(
            number(0.0, 0.95), 0.2, "free", "dropout before the output and before a hidden layer."
        ),
        "include_top": Argument(flag(), default=True, part="free", doc="whether to add the head."),
        "pooling": Argument(
            optional(choice("avg", "max", "head")),
            None,
            "free",
            'without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for '
            'vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.',
        ),
        "classifier_activation": Argument(
            optional(choice(*_ACTIVATIONS), none="None (logits)"),
            "sigmoid",
            "free",
            "activation of the output; None for logits.",
        ),
        "scaling": Argument(
            optional(_SCALING, none="None (the builder's own)"),
            None,
            "network",
            "how pixels are scaled, where that is not as above: "
            f"{', '.join(f'``{name!r}``' for name in CONVENTIONS)}, or ``(scale, offset)`` for "
            "``scale * pixel + offset``, each one number or three for red, green and blue.",
        ),
        "name": Argument(
            Kind(
                "a name of letters, digits, '_', '.' and '-', starting with a letter", _name, "str"
            ),
            None,  # the builder's own
            "free",
            "the model's name.",
        ),
    }
)
"""The arguments that every builder has, but ``labels`` and ``weights``."""
