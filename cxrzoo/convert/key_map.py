"""A publisher's names for the tensors of a network, and how each becomes a tensor of ours.

A map is a list of rules. A rule has templates for the names: ``{i}`` stands for a whole number, which
``{i}`` or ``{i+1}`` of the target repeats.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np

Shape = tuple[int, ...]

_FIELD: Final = re.compile(r"\{([a-z]+)([+-]\d+)?\}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the network asks of a rule.

    Attributes:
        shapes: the shapes of the rule's targets, in its order.
        epsilon: of the BatchNorm layer that the first target belongs to; None if it is of another layer.
    """

    shapes: tuple[Shape, ...]
    epsilon: float | None


Transform = Callable[[Sequence[np.ndarray], Asked], Sequence[np.ndarray]]
"""From a rule's sources to its targets. A ValueError means that the shapes do not go together."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Tensors of a publisher that together become tensors of ours.

    Attributes:
        sources: templates of the publisher's names. The first is looked for; the others are those with
            the same numbers.
        targets: templates of our names.
        transform: makes the one of the other.
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    transform: Transform


@dataclass(frozen=True, slots=True)
class KeyMap:
    r"""How a publisher names the tensors of a network.

    What stands before the first part of a name that a rule begins with is a wrapper's prefix, such as
    ``module.`` of ``DataParallel``, and is left away.

    Attributes:
        rules: where each tensor goes. Of two rules for one name, the first holds.
        respelt: ``(pattern, replacement)`` for :func:`re.sub`, by which other spellings of names become
            those of the rules.
        dropped: patterns of names that are left out, whole, such as counters.
        thresholds: name of a tensor that holds a decision threshold for each output.
        arguments: defaults of the builder that differ for the publisher's networks, by name, such as how
            pixels are scaled.
    """

    rules: tuple[Rule, ...]
    respelt: tuple[tuple[str, str], ...] = ()
    dropped: tuple[str, ...] = (r".*\bnum_batches_tracked",)
    thresholds: str | None = None
    arguments: tuple[tuple[str, Any], ...] = ()

    def spelt(self, name: str) -> str:
        """Return a name as the rules spell it: respelt, and without a wrapper's prefix."""
        for pattern, replacement in self.respelt:
            name = re.sub(pattern, replacement, name)
        parts = name.split(".")
        for at in range(len(parts)):
            if any(begin.fullmatch(parts[at]) for begin in _beginnings(self)):
                return ".".join(parts[at:])
        return name

    def drops(self, name: str) -> bool:
        """Return whether a name is one of those that are left out."""
        return any(re.fullmatch(pattern, name) for pattern in self.dropped)


@cache
def _beginnings(key_map: KeyMap) -> tuple[re.Pattern[str], ...]:
    """Return the first parts of the names that have a meaning in a map."""
    first = {source.split(".")[0] for rule in key_map.rules for source in rule.sources}
    if key_map.thresholds is not None:
        first.add(key_map.thresholds)
    return tuple(_pattern(part) for part in sorted(first))


def bound(template: str, name: str) -> Mapping[str, int] | None:
    """Return the numbers of a name by the template's fields; None if the name is another."""
    found = _pattern(template).fullmatch(name)
    return None if found is None else {key: int(text) for key, text in found.groupdict().items()}


def formatted(template: str, numbers: Mapping[str, int]) -> str:
    """Return the name that a template has with these numbers."""
    return _FIELD.sub(lambda field: str(numbers[field[1]] + int(field[2] or 0)), template)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    pieces, at = [], 0
    for field in _FIELD.finditer(template):
        pieces += [re.escape(template[at : field.start()]), f"(?P<{field[1]}>[0-9]{{1,6}})"]
        at = field.end()
    return re.compile("".join([*pieces, re.escape(template[at:])]))
