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
from cxrzoo.sizes import shown

_WORDS: Final[Mapping[Any, str]] = {
    str: "text",
    int: "a whole number of 64 bits at the most",
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
            raise error(f"{name} must be {_expected(kind)}; got {shown(given[name])}")


def check_fields(instance: Any, error: type[CxrZooError] = DataError) -> None:
    """Raise an error unless a dataclass's fields are what their annotations say; lists become tuples.

    Raises:
        CxrZooError: of the kind ``error``: a field is of another type.
    """
    kinds = _kinds(type(instance))
    for item in fields(instance):
        value, kind = getattr(instance, item.name), kinds[item.name]
        if not _fits(kind, value):
            raise error(f"{item.name} must be {_expected(kind)}; got {shown(value)}")
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


def _fits(kind: Any, value: Any) -> bool:
    origin, inner = get_origin(kind) or kind, get_args(kind)
    if origin in (Union, UnionType):
        return set(inner) >= _ARRAY_LIKE or any(_fits(one, value) for one in inner)
    if origin is Literal:
        return any(_same(one, value) for one in inner)
    if origin is tuple:
        return _is_sized(value) and _fits_each(inner, value)
    if origin in (Sequence, Iterable):
        return _is_many(value)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(
            _fits(inner[0], name) and _fits(inner[1], one) for name, one in value.items()
        )
    if origin is Callable:
        return callable(value)
    if origin in (int, float, bool):
        return _fits_number(origin, value)
    if getattr(origin, "_is_protocol", False):
        return all(hasattr(value, name) for name in _parts(origin))
    # Arrays and type variables are not told from here.
    return not isinstance(origin, type) or origin is np.ndarray or isinstance(value, origin)


def _parts(protocol: type) -> list[str]:
    return [name for name in vars(protocol) if not name.startswith("_")]


def _fits_number(kind: type, value: Any) -> bool:
    if kind is bool or isinstance(value, bool):
        return kind is bool and isinstance(value, bool | np.bool_)
    if kind is int:
        return isinstance(value, Integral) and -(2**63) <= int(value) < 2**64
    try:
        return isinstance(value, Real) and float(value) is not None
    except OverflowError:
        return False


def _same(one: Any, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | Integral):
        return one is value
    return bool(value == one)


def _is_sized(value: Any) -> bool:
    return (
        _is_many(value) and not isinstance(value, Mapping | Iterator) and hasattr(value, "__len__")
    )


def _is_many(value: Any) -> bool:
    if isinstance(value, str | bytes | bytearray):
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


def _expected(kind: Any) -> str:
    origin, inner = get_origin(kind) or kind, get_args(kind)
    if origin in (Union, UnionType):
        words = list(dict.fromkeys(map(_expected, inner)))
        return f"{', '.join(words[:-1])} or {words[-1]}" if words[1:] else words[0]
    if origin is Literal:
        return f"one of {', '.join(map(repr, inner))}"
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
