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
from cxrzoo.typed import check_arguments, require_kind

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


def stable_names(paths: Iterable[str]) -> dict[str, str]:
    """Return the names of a model's tensors by their paths in Keras, given in the model's order.

    Parts such as ``conv2d_7``, which Keras numbers by itself, are numbered anew: from nothing and ``_1``,
    in the order in which they come, among what stands beside them. Every other name stays.

    Raises:
        ModelError: two of the paths are the same.
    """
    numbers: dict[tuple[str, str], dict[str, int]] = {}
    names: dict[str, str] = {}
    for path in paths:
        if path in names:
            raise ModelError(
                "two of the model's variables have the same path; give its layers names."
            )
        name = ""
        for part in path.split("/"):
            kind, _ = _counted(part)
            if kind is None:
                spelt = part
            else:
                beside = numbers.setdefault((name, kind), {})
                number = beside.setdefault(part, len(beside))
                spelt = f"{kind}_{number}" if number else kind
            name = f"{name}/{spelt}" if name else spelt
        names[path] = name
    return names


def in_counted_order(paths: Iterable[str]) -> list[str]:
    """Return paths of which no model tells the order by the numbers that Keras counted."""
    return sorted(
        paths,
        key=lambda path: [
            (part if kind is None else kind, count)
            for part in path.split("/")
            for kind, count in [_counted(part)]
        ],
    )


def is_counted(path: str) -> bool:
    """Return whether a part of a path looks like one that Keras numbered."""
    return any(_counted(part)[0] is not None for part in path.split("/"))


def _counted(part: str) -> tuple[str | None, int]:
    """Return what Keras counted and how far; None of any other name."""
    match = _NUMBERED.fullmatch(part)
    if match is None or match[1] not in _AUTOMATIC:
        return None, 0
    return match[1], int(match[2] or 0)


def variables_by_name(variables: Iterable[keras.Variable]) -> dict[str, keras.Variable]:
    """Return variables of one model by name.

    Raises:
        ModelError: two of them have the same path.
    """
    check_arguments(variables_by_name, locals(), ModelError)
    listed = list(variables)
    for one in listed:
        require_kind("variables", one, keras.Variable, "Keras variables", ModelError)
    names = stable_names(variable.path for variable in listed)
    return {names[variable.path]: variable for variable in listed}


def model_tensors(model: keras.Model) -> Tensors:
    """Return a copy of every weight (trained and moving statistics) by its name, ``layer/variable``."""
    check_arguments(model_tensors, locals(), ModelError)
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
    """Assign those weights of the model that the tensors have by name; the others stay as they are."""
    for name, variable in variables_by_name(model.weights).items():
        if name in tensors:
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
