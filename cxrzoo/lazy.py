"""Names that a package imports when they are first used, and names that it had before (PEP 562)."""

import functools
import sys
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

__all__ = ["lazy_names", "moved_names", "renamed_arguments"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


def lazy_names(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Gives a package's ``__getattr__`` and ``__dir__``.

    Args:
        package: its name.
        homes: the module below it that each name is found in.
    """
    namespace = vars(sys.modules[package])

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        namespace[name] = getattr(import_module(f"{package}.{homes[name]}"), name)
        return namespace[name]

    def names() -> list[str]:
        return sorted({*namespace, *homes})

    return get, names


def moved_names(
    package: str, *, renamed: Mapping[str, str], gone: Mapping[str, str]
) -> Callable[[str], Any]:
    """Return a package's ``__getattr__`` that answers names which other code may still use.

    Args:
        package: its name.
        renamed: the new name by the old one, which goes on working with a DeprecationWarning.
        gone: what to do instead, by a name that is no longer there.
    """
    namespace = vars(sys.modules[package])

    def get(name: str) -> Any:
        if name in renamed:
            warnings.warn(
                f"{package}.{name} is now {package}.{renamed[name]}; use the new name.",
                DeprecationWarning,
                stacklevel=2,
            )
            return namespace[renamed[name]]
        if name in gone:
            # Of an AttributeError, "from ... import ..." would leave nothing but the name.
            raise ImportError(f"{package}.{name} is gone: {gone[name]}.")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return get


def renamed_arguments(**names: str) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Let a function take keyword arguments by the names they had before, with a DeprecationWarning.

    Args:
        **names: the new name by the old one.
    """

    def decorate(function: Callable[_P, _R]) -> Callable[_P, _R]:
        @functools.wraps(function)
        def renaming(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            for old in names.keys() & kwargs.keys():
                warnings.warn(
                    f"{function.__name__}({old}=...) is now {names[old]}=...; use the new name.",
                    DeprecationWarning,
                    stacklevel=2,
                )
                kwargs.setdefault(names[old], kwargs.pop(old))
            return function(*args, **kwargs)

        return renaming

    return decorate
