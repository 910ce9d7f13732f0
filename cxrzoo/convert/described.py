"""What else stands in a pickle, in a few lines of printable text."""

from typing import Final

from cxrzoo.convert.inert import Budget, Made, Name, attributes, is_mapping, maker, pairs_of
from cxrzoo.convert.torch_tensors import is_tensor

_MOST_LINES: Final = 50
_WIDEST: Final = 8
_LONGEST: Final = 200
_DEEPEST: Final = 2


def described(
    root: object, chosen: str, model: object, left: list[str], budget: Budget
) -> tuple[str, ...]:
    """Return what is beside the model: one line for each thing, each line short.

    Args:
        root: the object of the file.
        chosen: where the model stands.
        model: what stands there; of a whole module, its class is told.
        left: names in the model that are no tensors.
        budget: what may be looked at.

    Raises:
        TensorError: the budget is spent.
    """
    lines = [] if is_mapping(model) else [f"class: {maker(model)[:150] or 'unknown'}"]
    if chosen:
        lines += [
            f"{_key(key)}: {_value(value, _DEEPEST, budget)}"
            for key, value in pairs_of(root, budget)[: _MOST_LINES + 2]
            if _key(key) != chosen
        ]
    lines += [f"{name[:80]}: no tensor, left out" for name in left[: _MOST_LINES + 1]]
    shown = [printable(line) for line in lines]
    return (*shown[:_MOST_LINES], *(["and more"] if len(shown) > _MOST_LINES else []))


def printable(text: str) -> str:
    """Return a text with what a terminal could take for an order replaced, and cut if long."""
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in cut)


def _key(key: object) -> str:
    return key[:80] if isinstance(key, str) else _plain(key)


def _value(value: object, depth: int, budget: Budget) -> str:
    if isinstance(value, list | tuple):
        shown = [_value(one, depth - 1, budget) for one in value[:_WIDEST]] if depth > 0 else []
        return f"[{_joined(shown, len(value))}]" if shown else f"{len(value)} values"
    return _made(value, depth, budget) if isinstance(value, Made) else _plain(value)


def _made(value: Made, depth: int, budget: Budget) -> str:
    if is_tensor(value):
        return "a tensor"
    if is_mapping(value):
        pairs = pairs_of(value, budget)
        if depth <= 0:
            return f"{len(pairs)} entries"
        shown = [f"{_key(key)}: {_value(one, depth - 1, budget)}" for key, one in pairs[:_WIDEST]]
        return "{" + _joined(shown, len(pairs)) + "}"
    name = maker(value)[:80] or "an object"
    state = attributes(value, budget) if depth > 0 else []
    shown = [f"{_key(key)}={_value(one, depth - 1, budget)}" for key, one in state[:_WIDEST]]
    return f"{name}({_joined(shown, len(state))})" if state else name


def _plain(value: object) -> str:
    if value is None or isinstance(value, bool | float):
        return str(value)
    if isinstance(value, int):
        return str(value) if value.bit_length() <= 64 else "a large whole number"
    if isinstance(value, str):
        return repr(value[:80])
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return value.path[:80] if isinstance(value, Name) else f"a {type(value).__name__}"


def _joined(parts: list[str], n: int) -> str:
    return ", ".join([*parts, *(["…"] if n > len(parts) else [])])
