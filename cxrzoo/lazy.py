"""Names and modules imported when they are first used, and names as they were before (PEP 562)."""

import functools
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")
_T = TypeVar("_T")


def lazy_names(
    package: str,
    names: Mapping[str, Iterable[str]],
    *,
    renamed: Mapping[str, str] | None = None,
    gone: Mapping[str, str] | None = None,
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return a package's ``__getattr__``, ``__dir__`` and ``__all__``.

    Its modules are imported when they are used too: after ``import cxrzoo`` there is
    ``cxrzoo.training``. Sub-packages and the modules of ``names`` are listed by ``dir``; the others,
    of which some need an extra, are found all the same.

    Args:
        package: its name.
        names: names by the module below it in which they are found.
        renamed: the full new name by the old one, which goes on working with a DeprecationWarning.
        gone: what to do instead, by a name that is no longer there.
    """
    namespace = vars(sys.modules[package])
    homes = {name: f"{package}.{home}" for home, found in names.items() for name in found}

    def get(name: str) -> Any:
        if name in homes:
            namespace[name] = getattr(import_module(homes[name]), name)
            return namespace[name]
        if name in (renamed or {}):
            new = (renamed or {})[name]
            warnings.warn(
                f"{package}.{name} is now {new}; use the new name.",
                DeprecationWarning,
                stacklevel=2,
            )
            home, _, last = new.rpartition(".")
            return getattr(import_module(home), last)
        if name in (gone or {}):
            # Of an AttributeError, "from ... import ..." would leave nothing but the name.
            raise ImportError(f"{package}.{name} is gone: {(gone or {})[name]}.")
        if name in modules():
            return import_module(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    def modules() -> dict[str, bool]:
        """Return whether each module of the package is a package itself."""
        found = iter_modules(namespace["__path__"])
        return {one.name: one.ispkg for one in found if not one.name.startswith("_")}

    def listed() -> list[str]:
        shown = {
            module for module, is_package in modules().items() if is_package or module in names
        }
        return sorted({*namespace, *homes, *shown})

    return get, listed, sorted(homes)


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
                if names[old] in kwargs:
                    raise TypeError(f"give {names[old]}=... alone: {old}=... is its old name.")
                kwargs[names[old]] = kwargs.pop(old)
            return function(*args, **kwargs)

        return renaming

    return decorate


def renamed_fields(**names: str) -> Callable[[type[_T]], type[_T]]:
    """Let a dataclass be made and read by the names that fields had before, with a DeprecationWarning.

    ``dataclasses.replace`` takes them too.

    Args:
        **names: the new name by the old one.
    """

    def decorate(kind: type[_T]) -> type[_T]:
        kind.__init__ = renamed_arguments(**names)(kind.__init__)  # type: ignore[method-assign]
        for old, new in names.items():
            setattr(kind, old, _old_field(old, new))
        return kind

    return decorate


def _old_field(old: str, new: str) -> property:
    def get(instance: Any) -> Any:
        kind = type(instance).__name__
        message = f"{kind}.{old} is now {kind}.{new}; use the new name."
        warnings.warn(message, DeprecationWarning, stacklevel=2)
        return getattr(instance, new)

    return property(get)
