"""A whole pickled module, walked as ``state_dict()`` walks it: ``torch/nn/modules/module.py``."""

from collections.abc import Iterator
from typing import Final

from cxrzoo.convert.inert import (
    Budget,
    Made,
    Pairs,
    attributes,
    get,
    is_mapping,
    maker,
    pairs_of,
)
from cxrzoo.errors import TensorError

_DEEPEST: Final = 60
_LONGEST_NAME: Final = 200


def is_module(value: object, budget: Budget) -> bool:
    """Return whether an object has what every module has: parameters and inner modules."""
    if is_mapping(value):
        return False
    state = attributes(value, budget)
    return is_mapping(get(state, "_modules")) and is_mapping(get(state, "_parameters"))


def parameters_and_buffers(
    module: object, budget: Budget, *, prefix: str = "", above: tuple[int, ...] = ()
) -> Iterator[tuple[str, object]]:
    """Give the names of ``module.state_dict()``, in its order, each with its value.

    An inner module that is none comes as a name with what it is made by; it has no tensors. ``above``
    are the modules that it stands in, by identity.

    Raises:
        TensorError: modules stand in one another without end, or a name is no short text.
    """
    if not is_module(module, budget):
        yield f"{prefix}({maker(module)[:80] or type(module).__name__})", None
        return
    if id(module) in above or len(above) >= _DEEPEST:
        raise TensorError(f"its modules stand in one another without end, at {prefix[:80]!r}.")
    state = attributes(module, budget)
    for name, value in _own(state, budget):
        yield f"{prefix}{name}", value
    for key, child in pairs_of(get(state, "_modules"), budget):
        if child is not None:
            yield from parameters_and_buffers(
                child, budget, prefix=f"{prefix}{_text(key)}.", above=(*above, id(module))
            )


def _own(state: Pairs, budget: Budget) -> Iterator[tuple[str, object]]:
    """Yield a module's own parameters, then its buffers but those that are not to be saved."""
    for key, value in pairs_of(get(state, "_parameters"), budget):
        if value is not None:
            yield _text(key), value
    passing = _members(get(state, "_non_persistent_buffers_set"), budget)
    for key, value in pairs_of(get(state, "_buffers"), budget):
        if value is not None and _text(key) not in passing:
            yield _text(key), value


def _members(value: object, budget: Budget) -> frozenset[str]:
    """Return the texts in a set, as any protocol writes one."""
    if maker(value) != "builtins.set" or not isinstance(value, Made):
        return frozenset()
    given = value.arguments[0] if value.arguments else None
    members = value.elements + (given if isinstance(given, list) else [])
    budget.spend(len(members))
    return frozenset(member for member in members if isinstance(member, str))


def _text(key: object) -> str:
    if not isinstance(key, str) or len(key) > _LONGEST_NAME:
        raise TensorError("a part of a module has a name that is no short text.")
    return key
