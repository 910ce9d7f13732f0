"""What PyTorch's pickles say of tensors: storages, and views of them, by name alone.

The names are those that ``torch.save`` writes: functions of ``torch/_utils.py`` (``_rebuild_*``)
since PyTorch 0.1.10, and classes with a state before them and for parameters of that time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cxrzoo.convert.foreign import ForeignTensor
from cxrzoo.convert.inert import Budget, Made, Name, get, maker, pairs_of
from cxrzoo.convert.opened import OpenedFile
from cxrzoo.convert.stored import DTYPES, View, checked_view, read_view
from cxrzoo.errors import TensorError

_STORAGE_TYPES: Final = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
    "UntypedStorage": "uint8",
}
_STORAGE_MODULES: Final = frozenset({"torch", "torch.cuda", "torch.storage"})
_STORAGE: Final = ("storage", b"storage")
_LONGEST_KEY: Final = 100
_MOST_NUMBERS: Final = 1 << 40

_WRAPPED: Final = frozenset(
    {
        "torch._utils._rebuild_parameter",
        "torch._utils._rebuild_parameter_with_state",
        "torch.nn.parameter.Parameter",
        "torch.nn.parameter.Buffer",
        "torch.autograd.variable.Variable",
    }
)
"""What only marks a tensor, its first argument or the first part of its state."""
_SUBCLASSED: Final = "torch._tensor._rebuild_from_type_v2"
_PLAIN: Final = frozenset({"torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2"})
_UNTYPED: Final = "torch._utils._rebuild_tensor_v3"
_DEEPEST: Final = 4


@dataclass(frozen=True, slots=True)
class Storage:
    """A run of numbers that tensors are views of."""

    key: str
    dtype: str
    numel: int
    first: int = 0
    """Where it begins within what is stored under its key, in numbers."""


@dataclass(frozen=True)
class Storages:
    """Where the numbers of each storage stand in a file."""

    file: OpenedFile
    places: Mapping[str, int]
    big_endian: bool = False


def storage_of(given: object, known: dict[str, Storage], *, lengths: tuple[int, ...]) -> Storage:
    """Return the storage that a persistent id, a tuple of one of ``lengths``, speaks of.

    Args:
        given: the id.
        known: the storages by key so far; this one is added.
        lengths: how many parts the id has in this layout.

    Raises:
        TensorError: it is no such id, its type is none that is read, its key or length is none, or it
            has another type or length than before.
    """
    if not isinstance(given, tuple) or len(given) not in lengths or given[0] not in _STORAGE:
        raise TensorError("its pickle holds a persistent id that is no storage's.")
    _, kind, key, _, numel, *_ = given
    name = kind.name if isinstance(kind, Name) and kind.module in _STORAGE_MODULES else ""
    if name not in _STORAGE_TYPES:
        shown = kind.path[:80] if isinstance(kind, Name) else type(kind).__name__
        raise TensorError(
            f"it holds numbers of the type {shown!a}; those that are read are "
            f"{', '.join(_STORAGE_TYPES)}."
        )
    if not isinstance(key, str) or not 0 < len(key) <= _LONGEST_KEY or not key.isprintable():
        raise TensorError("a storage of it has a key that is no short text.")
    if type(numel) is not int or not 0 <= numel <= _MOST_NUMBERS:
        raise TensorError(f"its storage {key!r} has a length that no weights have.")
    storage = Storage(key, _STORAGE_TYPES[name], numel)
    if known.setdefault(key, storage) != storage:
        raise TensorError(f"its storage {key!r} has two types or lengths.")
    return storage


def is_tensor(value: object) -> bool:
    """Return whether a value of the pickle stands for a tensor, of a kind that is read or not."""
    name = maker(value)
    return (
        name in _WRAPPED
        or name.startswith("torch._utils._rebuild_")
        or name == _SUBCLASSED
        or _old_class(value)
    )


def tensor_of(value: object, storages: Storages, budget: Budget) -> ForeignTensor:
    """Return the tensor that a value of the pickle stands for.

    Raises:
        TensorError: it is of a kind that is not read, or does not lie within its storage.
    """
    storage, offset, shape, strides, dtype = _parts(value, budget)
    if not isinstance(storage, Storage):
        raise TensorError("a tensor stands on what is no storage.")
    kind = dtype or storage.dtype
    itemsize = int(DTYPES[kind][1])
    numel = storage.numel if not dtype else storage.numel // itemsize
    sizes, steps = checked_view(shape, strides)
    if type(offset) is not int or not 0 <= offset <= numel:
        raise TensorError(f"a tensor begins outside its storage of {numel} numbers.")
    at = storages.places[storage.key] + (storage.first + offset) * itemsize
    view = View(at, kind, sizes, steps, storages.big_endian)
    if view.span > numel - offset:
        raise TensorError(
            f"a tensor of shape {sizes} and strides {steps} reaches beyond its storage of "
            f"{numel} numbers."
        )
    file = storages.file
    return ForeignTensor(sizes, kind, view.cost, lambda: read_view(file, view))


def _parts(value: object, budget: Budget) -> tuple[object, object, object, object, str]:
    """Storage, offset, shape, strides, and the type where the storage has none."""
    for _ in range(_DEEPEST):
        name = maker(value)
        if not isinstance(value, Made):
            break
        given = value.arguments
        if name in _PLAIN and len(given) >= 4:
            _require_plain(given[6] if len(given) > 6 else None, budget)
            return given[0], given[1], _size(given[2]), given[3], ""
        if name == _UNTYPED and len(given) >= 7:
            _require_plain(given[7] if len(given) > 7 else None, budget)
            return given[0], given[1], _size(given[2]), given[3], _dtype(given[6])
        state = value.state if isinstance(value.state, tuple) else ()
        if name == _SUBCLASSED and len(given) >= 3 and isinstance(given[2], tuple):
            value = Made(given[0], given[2])
        elif name in _WRAPPED and len(given) > 0:
            value = given[0]
        elif len(state) == 4 and (name in _WRAPPED or _old_class(value)):
            return state[0], state[1], _size(state[2]), state[3], ""
        elif name in _WRAPPED and len(state) == 5:
            value = state[0]
        else:
            break
    shown = maker(value) or type(value).__name__
    raise TensorError(f"a tensor is made by {shown[:80]!a}, which is not read.")


def _old_class(value: object) -> bool:
    """Return whether it is a tensor by its class, ``torch.FloatTensor``, as before PyTorch 0.4."""
    module, _, name = maker(value).rpartition(".")
    return module in ("torch", "torch.cuda") and name.endswith("Tensor")


def _size(value: object) -> object:
    if maker(value) == "torch.Size" and isinstance(value, Made) and len(value.arguments) == 1:
        return value.arguments[0]
    return value


def _dtype(value: object) -> str:
    if isinstance(value, Name) and value.module == "torch" and value.name in DTYPES:
        return value.name
    shown = value.path[:80] if isinstance(value, Name) else type(value).__name__
    raise TensorError(
        f"a tensor is of type {shown!a}; those that are read are {', '.join(DTYPES)}."
    )


def _require_plain(metadata: object, budget: Budget) -> None:
    """Refuse a view that is to be negated or conjugated, whose numbers would be others."""
    pairs = pairs_of(metadata, budget)
    if any(get(pairs, mark) not in (None, False) for mark in ("conj", "neg")):
        raise TensorError("a tensor is a negated or conjugated view; save its values instead.")
