"""A model's tensors by name, in and out.

A tensor's name is the path of its variable in Keras, ``layer/variable``, with one change: Keras numbers
what nobody named (``dense_3``, ``variable_18``) by counting instances in the whole process, so that the
same network has other paths when it is built again. Here such names are numbered within the model.
"""

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import keras
import numpy as np

from cxrzoo.errors import ModelError

__all__ = [
    "Tensors",
    "assign_tensors",
    "model_tensors",
    "numbered_by_keras",
    "planned_shapes",
    "stable_names",
    "tensor_shapes",
    "variables_by_name",
]


Tensors = dict[str, np.ndarray]


def _snake(name: str) -> str:
    """Spell a class's name as Keras does for a layer without a name."""
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


_AUTOMATIC: Final = frozenset(
    {_snake(name) for name in dir(keras.layers) if name[:1].isupper()}
    | {"functional", "model", "sequential", "variable", "seed_generator"}
)
_NUMBERED: Final = re.compile(r"(.+?)(?:_(\d{1,9}))?", re.ASCII)


def stable_names(names: Iterable[str]) -> dict[str, str]:
    """Return the names of a model's tensors by their paths in Keras.

    Parts that Keras numbers by itself are numbered anew, from nothing and ``_1``, in their order, among
    what stands beside them. A name that somebody chose stays.

    Raises:
        ModelError: two of the names are the same.
    """
    paths = list(names)
    split = [path.split("/") for path in paths]
    renamed: list[list[str]] = [[] for _ in paths]
    for depth in range(max((len(parts) for parts in split), default=0)):
        beside: dict[tuple[tuple[str, ...], str], set[int]] = {}
        found = []
        for parts, before in zip(split, renamed, strict=True):
            kind, count = _automatic(parts[depth]) if depth < len(parts) else (None, 0)
            found.append((kind, count))
            if kind is not None:
                beside.setdefault((tuple(before), kind), set()).add(count)
        ranks = {
            (*key, count): rank
            for key, counts in beside.items()
            for rank, count in enumerate(sorted(counts))
        }
        for parts, before, (kind, count) in zip(split, renamed, found, strict=True):
            if kind is not None:
                rank = ranks[tuple(before), kind, count]
                before.append(f"{kind}_{rank}" if rank else kind)
            elif depth < len(parts):
                before.append(parts[depth])
    result = dict(zip(paths, map("/".join, renamed), strict=True))
    if len(set(result.values())) != len(paths):
        raise ModelError("two of the model's variables have the same path; give its layers names.")
    return result


def _automatic(part: str) -> tuple[str | None, int]:
    """Return what Keras counted and how far; None of a name that somebody chose."""
    match = _NUMBERED.fullmatch(part)
    if match is None or match[1] not in _AUTOMATIC:
        return None, 0
    return match[1], int(match[2] or 0)


def numbered_by_keras(path: str) -> bool:
    """Return whether a part of a tensor's name is one that Keras numbers, and not a chosen one."""
    return any(_automatic(part)[0] is not None for part in path.split("/"))


def variables_by_name(variables: Iterable[keras.Variable]) -> dict[str, keras.Variable]:
    """Return variables of one model by name.

    Raises:
        ModelError: two of them have the same path.
    """
    listed = list(variables)
    names = stable_names(variable.path for variable in listed)
    return {names[variable.path]: variable for variable in listed}


def model_tensors(model: keras.Model) -> Tensors:
    """Return a copy of every weight (trained and moving statistics) by its name, ``layer/variable``."""
    return {
        name: np.array(keras.ops.convert_to_numpy(variable))
        for name, variable in variables_by_name(model.weights).items()
    }


def tensor_shapes(model: keras.Model) -> dict[str, tuple[int, ...]]:
    """Return every weight's shape by its name."""
    return {
        name: tuple(variable.shape) for name, variable in variables_by_name(model.weights).items()
    }


def assign_tensors(model: keras.Model, tensors: Mapping[str, np.ndarray]) -> None:
    """Assign every weight of the model from tensors by name; others are passed over."""
    for name, variable in variables_by_name(model.weights).items():
        variable.assign(tensors[name])


def planned_shapes(build: Callable[[], keras.Model]) -> dict[str, tuple[int, ...]]:
    """Return the shape of every weight that ``build`` would make, by name, without making one.

    It costs a part of what building costs, and no memory. Keras keeps a list of the variables it has yet
    to fill, one a thread, so this is done in a thread that ends.
    """
    found: list[dict[str, tuple[int, ...]]] = []
    raised: list[BaseException] = []

    def plan() -> None:
        try:
            with keras.StatelessScope(initialize_variables=False):
                found.append(tensor_shapes(build()))
        except BaseException as error:  # noqa: BLE001 - raised again where it is expected
            raised.append(error)

    thread = threading.Thread(target=plan)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]
    return found[0]
