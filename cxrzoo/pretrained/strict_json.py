"""JSON as a published model may hold it: bounded, without duplicate keys, NaN or deep nesting."""

import json
from pathlib import Path
from typing import Any, NoReturn

from cxrzoo.errors import ArtifactNotFoundError, ConfigError

__all__ = ["MAX_BYTES", "dump", "load_object", "read_object"]

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 8


def read_object(path: Path) -> dict[str, Any]:
    """Reads one JSON object from a file of at most 4 MiB.

    Raises:
        ArtifactNotFoundError: there is no such file.
        ConfigError: the file is too large or is not one strict JSON object.
    """
    if not path.is_file():
        raise ArtifactNotFoundError(
            f"{path} is not there: a cxrzoo model directory holds {path.name}. "
            "Write one with cxrzoo.save_pretrained(model, directory)."
        )
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    return load_object(raw, source=str(path))


def load_object(raw: bytes, *, source: str) -> dict[str, Any]:
    """Parses one JSON object; ``source`` names it in errors.

    Raises:
        ConfigError: too large, not UTF-8, not JSON, not an object, nested more than eight deep, a
            duplicate key, or a number that is not finite.
    """
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"{source} is larger than {MAX_BYTES} bytes, the most that is read.")

    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=lambda pairs: _unique(pairs, source),
            parse_constant=lambda text: _not_finite(text, source),
        )
        # 1e999 and half a surrogate pair can be read but never written again.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
        depth = _depth(value)
    except RecursionError:
        raise ConfigError(f"{source} is nested too deep.") from None
    except ConfigError:
        raise
    except ValueError as error:  # JSONDecodeError, UnicodeDecodeError, integers of 5,000 digits
        raise ConfigError(f"{source} is not JSON in UTF-8: {error!s:.300}.") from None
    if not isinstance(value, dict):
        raise ConfigError(f"{source} holds a {type(value).__name__} where an object was expected.")
    if depth > MAX_DEPTH:
        raise ConfigError(f"{source} is nested more than {MAX_DEPTH} deep.")
    return value


def dump(value: Any) -> str:
    """Gives ``value`` as JSON text, two spaces deep, ending in a newline."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _unique(pairs: list[tuple[str, Any]], source: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ConfigError(f"{source} has the key {key[:80]!r} twice.")
        found[key] = value
    return found


def _not_finite(text: str, source: str) -> NoReturn:
    raise ConfigError(f"{source} holds {text}: numbers must be finite.")


def _depth(value: Any) -> int:
    children = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    )
    return 1 + max((_depth(child) for child in children), default=0)
