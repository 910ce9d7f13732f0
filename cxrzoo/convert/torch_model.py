"""Which part of a PyTorch file is the model, and its tensors by the names of ``state_dict()``.

Where nobody says which, it is, in this order:

1. what stands under one of the keys that training code uses for the model (``MODEL_KEYS``), if it
   holds tensors; of two such keys, none is taken;
2. the file itself, if it is a whole module or tensors stand in it by name;
3. the only part of the file in which tensors stand by name.

Nothing is merged: what is not that part is told of in a few lines of printable text, no more.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from cxrzoo.convert.foreign import MOST_LINES, Contents, ForeignTensor, bounded_tensors, lines_of
from cxrzoo.convert.inert import Budget, Made, Name, attributes, is_mapping, maker, pairs_of
from cxrzoo.convert.torch_modules import is_module, parameters_and_buffers
from cxrzoo.convert.torch_tensors import Storages, is_tensor, tensor_of
from cxrzoo.errors import TensorError
from cxrzoo.nearest import with_nearest

MODEL_KEYS: Final = (
    *("state_dict", "model_state_dict", "model_state", "model", "net", "network"),
    *("module", "weights"),
)
_DEEPEST_PART: Final = 3
_LONGEST_KEY: Final = 100
_MOST_PARTS: Final = 1_000
_WIDEST: Final = 20
_DEEPEST_VALUE: Final = 2
_WIDEST_VALUE: Final = 8


def torch_contents(
    form: str, root: object, storages: Storages, model: str | None = None
) -> Contents:
    """Return the tensors of the model in a file whose object is ``root``, and what else is there.

    ``model`` is where it stands, keys joined by ``/``; None goes by the rule above.

    Raises:
        TensorError: there are no tensors, or several parts that could be the model, or a tensor
            that is not read.
    """
    budget = Budget()
    parts: dict[str, object] = {}
    _find_parts(root, "", _DEEPEST_PART, parts, budget)
    chosen = _chosen(parts, model)
    named = list(_tensors(parts[chosen], storages, budget))
    tensors = bounded_tensors(
        ((name, tensor) for name, tensor in named if tensor is not None),
        size=storages.file.size,
    )
    left = [name for name, tensor in named if tensor is None]
    return Contents(
        form, tensors, _described(root, chosen, parts[chosen], left, budget), chosen, tuple(parts)
    )


def _find_parts(
    value: object, place: str, depth: int, parts: dict[str, object], budget: Budget
) -> None:
    """Fill in the parts of a file in which tensors stand by name, by place."""
    pairs = [(key, one) for key, one in pairs_of(value, budget) if isinstance(key, str)]
    if is_module(value, budget) or any(is_tensor(one) for _, one in pairs):
        if len(parts) >= _MOST_PARTS:
            raise TensorError(f"tensors stand in more than {_MOST_PARTS} parts of it.")
        parts[place] = value
    for key, one in pairs if depth else ():
        if isinstance(one, Made) and not is_tensor(one) and _plain(key):
            _find_parts(one, f"{place}/{key}" if place else key, depth - 1, parts, budget)


def _plain(key: str) -> bool:
    """Return whether a key can stand in a place, which is printed and typed."""
    return len(key) <= _LONGEST_KEY and key.isprintable()


def _chosen(parts: dict[str, object], model: str | None) -> str:
    if model is not None:
        if model not in parts:
            raise TensorError(
                f"no tensors stand by name under {with_nearest([model], parts)}; they do under "
                f"{_listed(parts)}."
            )
        return model
    if not parts:
        raise TensorError(
            "it holds no module and no tensors by name; save model.state_dict() with PyTorch."
        )
    usual = [key for key in MODEL_KEYS if key in parts]
    if len(usual) == 1:
        return usual[0]
    if not usual and "" in parts:
        return ""
    if not usual and len(parts) == 1:
        return next(iter(parts))
    raise TensorError(
        f"tensors stand in several parts of it, {_listed(usual or parts)}: say which is the model."
    )


def _listed(names: Iterable[str]) -> str:
    shown = [repr(name[:80]) for name in islice(names, _WIDEST + 1)]
    return ", ".join([*shown[:_WIDEST], *(["…"] if len(shown) > _WIDEST else [])]) or "nothing"


def _tensors(
    value: object, storages: Storages, budget: Budget
) -> Iterator[tuple[str, ForeignTensor | None]]:
    """Return names and tensors in the order of ``state_dict()``; None for what is no tensor."""
    named = pairs_of if is_mapping(value) else parameters_and_buffers
    for key, one in named(value, budget):
        name = key if isinstance(key, str) else f"<{type(key).__name__}>"
        yield name, _read(name, one, storages, budget) if is_tensor(one) else None


def _read(name: str, value: object, storages: Storages, budget: Budget) -> ForeignTensor:
    try:
        budget.spend(1)
        return tensor_of(value, storages, budget)
    except TensorError as error:
        raise TensorError(f"tensor {name[:80]!r}: {error}") from None


def _described(
    root: object, chosen: str, model: object, left: list[str], budget: Budget
) -> tuple[str, ...]:
    """Return what is beside the model, or left out of it: one short line for each thing."""
    lines = [] if is_mapping(model) else [f"class: {maker(model)[:150] or 'unknown'}"]
    if chosen:
        lines += [
            f"{_key(key)}: {_value(value, _DEEPEST_VALUE, budget)}"
            for key, value in pairs_of(root, budget)[: MOST_LINES + 2]
            if _key(key) != chosen
        ]
    lines += [f"{name[:80]}: no tensor, left out" for name in left[: MOST_LINES + 1]]
    return lines_of(lines)


def _key(key: object) -> str:
    return key[:80] if isinstance(key, str) else _shown(key)


def _value(value: object, depth: int, budget: Budget) -> str:
    if isinstance(value, list | tuple):
        shown = (
            [_value(one, depth - 1, budget) for one in value[:_WIDEST_VALUE]] if depth > 0 else []
        )
        return f"[{_joined(shown, len(value))}]" if shown else f"{len(value)} values"
    return _made(value, depth, budget) if isinstance(value, Made) else _shown(value)


def _made(value: Made, depth: int, budget: Budget) -> str:
    if is_tensor(value):
        return "a tensor"
    if is_mapping(value):
        pairs = pairs_of(value, budget)
        if depth <= 0:
            return f"{len(pairs)} entries"
        shown = [
            f"{_key(key)}: {_value(one, depth - 1, budget)}" for key, one in pairs[:_WIDEST_VALUE]
        ]
        return "{" + _joined(shown, len(pairs)) + "}"
    name = maker(value)[:80] or "an object"
    state = attributes(value, budget) if depth > 0 else []
    shown = [f"{_key(key)}={_value(one, depth - 1, budget)}" for key, one in state[:_WIDEST_VALUE]]
    return f"{name}({_joined(shown, len(state))})" if state else name


def _shown(value: object) -> str:
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
