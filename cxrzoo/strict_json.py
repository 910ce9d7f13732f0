"""JSON to frozen dataclasses and back, strictly: the object, or one error that says where and why.

The annotations of a dataclass are the schema. A nested dataclass is an object, a tuple a list, a
``Mapping[str, ...]`` an object of any keys, and a float that is not finite is null. A field that takes no
part in comparison is not in the document.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from math import isfinite, nan
from os import PathLike
from pathlib import Path
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from cxrzoo.opened import Error, read_file

MAX_BYTES: Final = 4 * 1024 * 1024
"""The most that is read of a document, unless its reader says otherwise."""

_MAX_DEPTH: Final = 8
_MAX_INTEGER: Final = 1 << 128  # what NumPy draws as a seed is below it
_WORDS: Final[dict[Any, str]] = {
    int: "a whole number",
    str: "text",
    bool: "true or false",
    float: "a number or null",
    Any: "finite numbers of at most 128 bits",
}

_T = TypeVar("_T")


class _RefusedError(Exception):
    """What is wrong, as a sentence that follows the name of the document."""


def formerly(*names: str) -> dict[str, tuple[str, ...]]:
    """Return a field's metadata that has it read under its old names too."""
    return {"formerly": names}


def encoded(write: Callable[[Any], str], read: Callable[[str], Any]) -> dict[str, Any]:
    """Return the metadata of a field that is text in the document.

    Args:
        write: gives the text of a value.
        read: gives the value of a text, or raises ValueError; a text that ``write`` would spell
            otherwise is refused too.
    """
    return {"encoded": (write, read)}


def read_bytes(
    path: Path, max_bytes: int = MAX_BYTES, *, error: Error, absent: Error | None = None
) -> bytes:
    """Read what :func:`parse_object` will take, of a regular file alone.

    Raises:
        Exception: what ``error`` makes, or ``absent`` if there is no such file.
    """
    return read_file(path, max_bytes, error, absent)


def text_of(source: str | PathLike[str], max_bytes: int, *, error: Error) -> str | bytes:
    """Return the text of an object, or what is in the file of that name.

    Raises:
        Exception: what ``error`` makes: the file cannot be read.
    """
    if isinstance(source, str) and source.lstrip()[:1] == "{":
        return source
    return read_bytes(Path(source), max_bytes, error=error)


def parse_object(
    raw: bytes | str, *, source: str, error: Error, max_bytes: int = MAX_BYTES
) -> dict[str, Any]:
    """Parse one JSON object; ``source`` names it in errors, which ``error`` makes of a message.

    Refused are documents that are too large, no UTF-8, no JSON or no object, more than eight levels, a
    key twice, half a surrogate pair, numbers that are not finite and integers of more than 128 bits.
    """
    try:
        value = _parsed(raw, max_bytes)
    except _RefusedError as refused:
        raise error(f"{source}{refused}.") from None
    except RecursionError:
        raise error(f"{source} is nested too deep.") from None
    except ValueError as wrong:  # JSONDecodeError, UnicodeError
        raise error(f"{source} is not JSON in UTF-8: {wrong!s:.300}.") from None
    return value


def from_plain(
    kind: type[_T],
    value: Any,
    *,
    source: str,
    error: Error,
    where: str = "",
    complete: bool = False,
) -> _T:
    """Make a dataclass of what :func:`parse_object` gave.

    Args:
        kind: the dataclass; a ValueError of its own checks is reported like a wrong type.
        value: the object as it was parsed.
        source: names the document in errors.
        error: makes the error of a message.
        where: the path of ``value`` within the document.
        complete: whether every key must be there, those of fields with a default too.
    """
    try:
        return _built(kind, value, where, complete=complete)  # type: ignore[no-any-return]
    except _RefusedError as refused:
        raise error(f"{source}{refused}.") from None


def to_plain(value: Any) -> Any:
    """Return a value as JSON has it: a dataclass as a dict, a tuple as a list, NaN as None."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, dict | MappingProxyType):
        return {name: to_plain(item) for name, item in value.items()}
    if not is_dataclass(value) or isinstance(value, type):
        return value
    return {
        item.name: item.metadata.get("encoded", (to_plain,))[0](getattr(value, item.name))
        for item in _fields(type(value))
    }


def dump(value: Any, *, indent: int = 2, ascii_only: bool = False) -> str:
    """Return a dataclass, or a dict that holds some, as strict JSON that ends in a newline."""
    text = json.dumps(
        value, default=to_plain, indent=indent, ensure_ascii=ascii_only, allow_nan=False
    )
    return text + "\n"


def _parsed(raw: bytes | str, max_bytes: int) -> dict[str, Any]:
    if len(raw) > max_bytes:
        raise _RefusedError(f" is larger than {max_bytes} bytes, the most that is read")
    text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
    value = json.loads(
        text,
        object_pairs_hook=_unique,
        parse_constant=_not_finite,
        parse_float=_finite,
        parse_int=_bounded,
    )
    if not isinstance(value, dict):
        raise _RefusedError(f" holds a {type(value).__name__} where an object was expected")
    if _depth(value) > _MAX_DEPTH:
        raise _RefusedError(f" is nested more than {_MAX_DEPTH} deep")
    if (
        "\\ud" in text or "\\uD" in text
    ):  # half a surrogate pair can be read, but never written again
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        ((twice, _),) = Counter(key for key, _ in pairs).most_common(1)
        raise _RefusedError(f" has the key {twice[:80]!r} twice")
    return found


def _not_finite(text: str) -> float:
    raise _RefusedError(f" holds {text[:80]}: numbers must be finite")


def _finite(text: str) -> float:
    return number if isfinite(number := float(text)) else _not_finite(text)


def _bounded(text: str) -> int:
    if len(text) > 40 or abs(number := int(text)) >= _MAX_INTEGER:
        raise _RefusedError(f" holds an integer of {len(text)} digits")
    return number


def _depth(value: dict[str, Any] | list[Any]) -> int:
    children = value.values() if isinstance(value, dict) else value
    return 1 + max((_depth(one) for one in children if isinstance(one, dict | list)), default=0)


@cache
def _fields(kind: type) -> tuple[Field[Any], ...]:
    return tuple(item for item in fields(kind) if item.compare)


@cache
def _types(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _built(kind: Any, value: Any, where: str, *, complete: bool) -> Any:
    """Return ``value`` as the annotated type ``kind``; ``where`` is its path in the document."""
    origin, inner = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _built_dataclass(kind, value, where, complete=complete)
    if origin in (Union, UnionType):
        if value is None and NoneType in inner:
            return None
        (other,) = (one for one in inner if one is not NoneType)
        return _built(other, value, where, complete=complete)
    if origin is tuple and isinstance(value, list):
        kinds = inner[:1] * len(value) if inner[1:] == (...,) else inner
        if len(kinds) == len(value):
            items = enumerate(zip(kinds, value, strict=True))
            return tuple(_built(k, v, f"{where}[{i}]", complete=complete) for i, (k, v) in items)
    if origin is Mapping and isinstance(value, Mapping):
        return {
            name: _built(inner[1], item, f"{where}[{name[:80]!r}]", complete=complete)
            for name, item in value.items()
        }
    if not _fits(kind, value):
        raise _RefusedError(f": {where} cannot be {value!r:.80}: expected {_expected(kind)}")
    return value if kind is not float else nan if value is None else float(value)


def _fits(kind: Any, value: Any) -> bool:
    given: Any = type(value)
    if (given is int and abs(value) >= _MAX_INTEGER) or (given is float and not isfinite(value)):
        return False
    if get_origin(kind) is Literal:
        return any(type(one) is given and one == value for one in get_args(kind))
    return kind is Any or (given in (int, float, NoneType) if kind is float else given is kind)


def _expected(kind: Any) -> str:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return f"one of {', '.join(map(repr, inner))}"
    if origin is tuple:
        return "a list" if inner[1:] == (...,) else f"a list of {len(inner)}"
    return "an object" if origin is Mapping else _WORDS[kind]


def _built_dataclass(kind: Any, value: Any, where: str, *, complete: bool) -> Any:
    if not isinstance(value, Mapping):
        raise _RefusedError(f": {where or 'it'} cannot be {value!r:.80}: expected an object")
    within = f" in {where}" if where else ""
    known = {item.name: item for item in _fields(kind)}
    renamed = {
        old: name for name, item in known.items() for old in item.metadata.get("formerly", ())
    }
    found: dict[str, Any] = {}
    for given, item in value.items():
        name = renamed.get(given, given)
        if name not in known:
            raise _RefusedError(
                f" has an unknown key {given[:80]!r}{within}; known are {sorted(known)}"
            )
        if name in found:
            raise _RefusedError(f" has the key {name!r}{within} under its old name too")
        path = f"{where}.{given}" if where else given
        found[name] = _built_field(kind, known[name], item, path, complete=complete)
    for name, item in known.items():
        optional = not complete and not (item.default is item.default_factory is MISSING)
        if name not in found and not optional:
            raise _RefusedError(f" lacks the key {name!r}{within}")
    try:
        return kind(**found)
    except ValueError as error:
        raise _RefusedError(f": {where}{': ' if where else ''}{error}") from None


def _built_field(kind: Any, item: Field[Any], value: Any, path: str, *, complete: bool) -> Any:
    if "encoded" not in item.metadata:
        return _built(_types(kind)[item.name], value, path, complete=complete)
    write, read = item.metadata["encoded"]
    text = _built(str, value, path, complete=complete)
    try:
        found = read(text)
    except ValueError as error:
        raise _RefusedError(f": {path} cannot be {text!r:.80}: {error!s:.200}") from None
    if write(found) != text:
        raise _RefusedError(f": {path} cannot be {text!r:.80}: it would be written otherwise")
    return found
