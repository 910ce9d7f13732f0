"""Arguments and fields that a caller gives, held to their annotations in one place.

Each public function calls :func:`check_arguments` first, and each public dataclass :func:`check_fields`,
so that a value of another type ends in one sentence that names the argument, and not deep inside.
Arrays and labels, which come in many types, are checked where they are read (``cells``, ``named``,
``labels``); bounds of numbers are in ``sizes``.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from numbers import Integral, Real
from pathlib import Path
from types import NoneType, SimpleNamespace, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import ArrayLike

from cxrzoo.errors import CxrZooError, DataError
from cxrzoo.text import shown

_WORDS: Final[Mapping[Any, str]] = {
    str: "text",
    int: "a whole number of 128 bits at the most",
    float: "a number that a float can hold",
    bool: "True or False",
    NoneType: "None",
    Path: "a path",
    os.PathLike: "a path",
    Mapping: "a mapping",
    tuple: "a list",
    Sequence: "a list",
    Iterable: "a list",
    Callable: "a function",
}
"""What an annotation takes, in words that follow "must be"."""

_PATHS: Final = {Path, os.PathLike}
_ARRAY_LIKE: Final = frozenset(get_args(ArrayLike))


def check_arguments(
    function: Callable[..., Any], given: Mapping[str, Any], error: type[CxrZooError] = DataError
) -> None:
    """Raise an error unless the arguments of a call are what the function's annotations say.

    Args:
        function: the function, or a class's ``__init__``.
        given: its ``locals()``, before anything else is assigned.
        error: what is raised.

    Raises:
        CxrZooError: of the kind ``error``: an argument is of another type.
    """
    for name, kind in _kinds(function).items():
        if name in given and not _fits(kind, given[name]):
            raise error(f"{name} must be {_expected(kind)}, got {shown(given[name])}")


def check_fields(instance: Any, error: type[CxrZooError] = DataError) -> None:
    """Raise an error unless a dataclass's fields are what their annotations say; lists become tuples.

    Raises:
        CxrZooError: of the kind ``error``: a field is of another type.
    """
    owner: Any = type(instance)
    kinds = _kinds(owner)
    for item in fields(instance):
        value, kind = getattr(instance, item.name), kinds[item.name]
        if not _fits(kind, value):
            raise error(f"{item.name} must be {_expected(kind)}, got {shown(value)}")
        if get_origin(kind) is tuple and not isinstance(value, tuple):
            object.__setattr__(instance, item.name, tuple(value))


def require_kind(
    argument: str, value: Any, kind: Any, expected: str, error: type[CxrZooError] = DataError
) -> None:
    """Raise an error unless the value is of a class, or of one of a tuple of them.

    Args:
        argument: its name.
        value: what came.
        kind: the class or classes.
        expected: what they are in words that follow "must be".
        error: what is raised.

    Raises:
        CxrZooError: of the kind ``error``: it is not.
    """
    if not isinstance(value, kind):
        raise error(f"{argument} must be {expected}; got {shown(value)}")


@cache
def _kinds(owner: Any) -> dict[str, Any]:
    """Return annotations by name; one whose names are there only for type checkers takes anything."""
    found: dict[str, Any] = {}
    for part in reversed(owner.__mro__) if isinstance(owner, type) else [owner]:
        namespace = vars(sys.modules[part.__module__])
        for name, kind in vars(part).get("__annotations__", _of_function(part)).items():
            holder = SimpleNamespace(__annotations__={name: kind})
            try:
                found[name] = get_type_hints(holder, namespace)[name]
            except (NameError, AttributeError):
                found[name] = Any
    found.pop("return", None)
    return found


def _of_function(part: Any) -> Mapping[str, Any]:
    return {} if isinstance(part, type) else part.__annotations__


def _outer(kind: Any) -> Any:
    return get_origin(kind) or kind


def _fits(kind: Any, value: Any) -> bool:
    origin, inner = _outer(kind), get_args(kind)
    if (check := _CHECKS.get(origin)) is not None:
        return check(inner, value)
    # Arrays, type variables and whatever has no class are not told from here.
    if origin in (Any, np.ndarray) or not isinstance(origin, type):
        return True
    if getattr(origin, "_is_protocol", False):
        return all(hasattr(value, name) for name in _parts(origin))
    return isinstance(value, origin)


def _fits_one_of(kinds: tuple[Any, ...], value: Any) -> bool:
    if isinstance(value, str) and not value and _PATHS & set(map(_outer, kinds)):
        return False  # what a variable that is not set gives; the folder one stands in is "."
    return set(kinds) >= _ARRAY_LIKE or any(_fits(kind, value) for kind in kinds)


def _fits_mapping(kinds: tuple[Any, ...], value: Any) -> bool:
    if (
        kinds[1] is Any and hasattr(value, "iloc") and hasattr(value, "columns")
    ):  # a frame, whose columns are read by name
        return True
    return isinstance(value, Mapping) and all(
        _fits(kinds[0], name) and _fits(kinds[1], one) for name, one in value.items()
    )


def _is_flag(_: Any, value: Any) -> bool:
    return isinstance(value, bool | np.bool_)


def _is_whole(_: Any, value: Any) -> bool:
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    return whole and abs(int(value)) < 2**128


def _is_number(_: Any, value: Any) -> bool:
    if not isinstance(value, Real) or isinstance(value, bool):
        return False
    try:
        float(value)
    except OverflowError:
        return False
    return True


def _parts(protocol: type) -> list[str]:
    return [name for name in vars(protocol) if not name.startswith("_")]


def _same(one: Any, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | Integral):
        return one is value
    return bool(value == one)


def _is_sized(value: Any) -> bool:
    return (
        _is_many(value) and not isinstance(value, Mapping | Iterator) and hasattr(value, "__len__")
    )


def _is_many(value: Any) -> bool:
    if isinstance(value, str | bytes | bytearray) or not hasattr(type(value), "__iter__"):
        return False
    try:
        iter(value)
    except Exception:  # noqa: BLE001 - a stranger's object, such as an array of no dimension
        return False
    return True


def _fits_each(kinds: tuple[Any, ...], value: Any) -> bool:
    if kinds[1:] == (...,):
        if kinds[0] is str:  # of a million names
            return all(isinstance(one, str) for one in value)
        return all(_fits(kinds[0], one) for one in value)
    return len(value) == len(kinds) and all(map(_fits, kinds, value))


_CHECKS: Final[Mapping[Any, Callable[[tuple[Any, ...], Any], bool]]] = {
    Union: _fits_one_of,
    UnionType: _fits_one_of,
    Literal: lambda choices, value: any(_same(one, value) for one in choices),
    tuple: lambda kinds, value: _is_sized(value) and _fits_each(kinds, value),
    Sequence: lambda _, value: _is_many(value),
    Iterable: lambda _, value: _is_many(value),
    Mapping: _fits_mapping,
    Callable: lambda _, value: callable(value),
    bool: _is_flag,
    int: _is_whole,
    float: _is_number,
}
"""How a value is held to an annotation, by what the annotation is before its brackets."""


def _expected(kind: Any) -> str:
    origin, inner = get_origin(kind) or kind, get_args(kind)
    if origin in (Union, UnionType):
        words = list(dict.fromkeys(map(_expected, inner)))
        return f"{', '.join(words[:-1])} or {words[-1]}" if words[1:] else words[0]
    if origin is Literal:
        return f"one of {', '.join(map(str, inner))}"
    if origin is tuple and inner[1:] != (...,):
        return f"{len(inner)} values ({', '.join(map(_expected, inner))})"
    if getattr(origin, "_is_protocol", False):
        return f"a table that has {', '.join(_parts(origin))}, such as Records"
    word = _WORDS.get(origin) or f"{_article(origin.__name__)} {origin.__name__}"
    return (
        f"{word} of {_each(inner[0])}" if origin in (tuple, Sequence, Iterable) and inner else word
    )


def _article(name: str) -> str:
    return "an" if name[:1] in "AEIOUaeiou" else "a"


def _each(kind: Any) -> str:
    """Return what each of a list is, in a word or two."""
    plain = {str: "names", int: "whole numbers", float: "numbers"}
    return plain.get(kind) or f"which each is {_expected(kind)}"
