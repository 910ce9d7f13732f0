"""Which part of a PyTorch file is the model, and its tensors by the names of ``state_dict()``.

Where nobody says which, it is, in this order:

1. what stands under one of the keys that training code uses for the model (``MODEL_KEYS``), if it
   holds tensors; of two such keys, none is taken;
2. the file itself, if it is a whole module or tensors stand in it by name;
3. the only part of the file in which tensors stand by name.

Nothing is merged: what is not that part is told of, no more.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from cxrzoo.convert.described import described
from cxrzoo.convert.foreign import Contents, ForeignTensor, bounded_tensors
from cxrzoo.convert.inert import Budget, Made, is_mapping, pairs_of
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


def torch_contents(
    form: str, root: object, storages: Storages, model: str | None = None
) -> Contents:
    """Return the tensors of the model in an unpickled file, and what else is there.

    Args:
        form: the name of the file's layout.
        root: the object of the file.
        storages: where its numbers stand.
        model: where the model stands, keys joined by ``/``; None goes by the rule above.

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
        form, tensors, described(root, chosen, parts[chosen], left, budget), chosen, tuple(parts)
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
    if not is_mapping(value):
        for name, one in parameters_and_buffers(value, budget):
            yield name, _read(name, one, storages, budget) if is_tensor(one) else None
        return
    for key, one in pairs_of(value, budget):
        name = key if isinstance(key, str) else f"<{type(key).__name__}>"
        yield name, _read(name, one, storages, budget) if is_tensor(one) else None


def _read(name: str, value: object, storages: Storages, budget: Budget) -> ForeignTensor:
    try:
        budget.spend(1)
        return tensor_of(value, storages, budget)
    except TensorError as error:
        raise TensorError(f"tensor {name[:80]!r}: {error}") from None
