"""What a pickle names, kept as data: nothing here is looked up, called or constructed."""

from dataclasses import dataclass, field
from typing import Final

from cxrzoo.errors import TensorError

Pairs = list[tuple[object, object]]

_MAPPINGS: Final = frozenset(
    {"builtins.dict", "collections.OrderedDict", "collections.defaultdict", "collections.Counter"}
)


@dataclass(frozen=True, slots=True)
class Name:
    """A class or function that the file names."""

    module: str
    name: str

    @property
    def path(self) -> str:
        """Module and name, joined by a dot."""
        return f"{self.module}.{self.name}"


@dataclass(slots=True, eq=False)
class Made:
    """What the file asks to be made: of whom, from what, and what it is then given.

    A dictionary and a set are such too: keys are never hashed or compared, so that no choice of
    keys makes that slow or deep.
    """

    maker: object
    arguments: tuple[object, ...] = ()
    state: object = None
    pairs: Pairs = field(default_factory=list)
    elements: list[object] = field(default_factory=list)


class Budget:
    """How many entries may still be looked at, so that shared parts cannot multiply the work."""

    def __init__(self, entries: int = 2_000_000) -> None:
        self._left = entries

    def spend(self, entries: int) -> None:
        """Count entries as looked at.

        Raises:
            TensorError: none are left.
        """
        self._left -= entries + 1
        if self._left < 0:
            raise TensorError("its parts refer to one another too often to be those of a model.")


def maker(value: object) -> str:
    """Return the dotted name of what a value is made by, or ``""``."""
    if isinstance(value, Made) and isinstance(value.maker, Name):
        return value.maker.path
    return ""


def is_mapping(value: object) -> bool:
    """Return whether a value is a dictionary of any usual kind."""
    return maker(value) in _MAPPINGS


def pairs_of(value: object, budget: Budget) -> Pairs:
    """Return the entries of a dictionary of any usual kind; none if it is something else."""
    if not isinstance(value, Made) or not is_mapping(value):
        return []
    # Python 2 gave an OrderedDict its entries as an argument.
    given = value.arguments[0] if len(value.arguments) == 1 else None
    first = given if isinstance(given, list) else []
    budget.spend(len(first) + len(value.pairs))
    if not first:
        return value.pairs
    listed = [(p[0], p[1]) for p in first if isinstance(p, list | tuple) and len(p) == 2]
    return listed + value.pairs


def attributes(value: object, budget: Budget) -> Pairs:
    """Return the attributes that an object was given."""
    state = value.state if isinstance(value, Made) else None
    if isinstance(state, tuple) and len(state) == 2:  # attributes, slots
        state = state[0]
    return pairs_of(state, budget)


def get(pairs: Pairs, key: str) -> object:
    """Return the last value under a key, as a dictionary would keep it, or None."""
    return next((v for name, v in reversed(pairs) if isinstance(name, str) and name == key), None)
