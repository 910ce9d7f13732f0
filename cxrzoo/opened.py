"""A path that somebody gave, opened for reading: a regular file, or one clear error of the caller's kind.

Nothing here waits for a pipe's writer, reads a device, or lets through what the system says of a name
that is none.
"""

import errno
import os
import stat
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import Final

from cxrzoo.text import visible

Error = Callable[[str], Exception]
"""Makes the error of a message."""

_SHOWN: Final = 200
"""Characters of a path that a message holds."""

# A pipe may take the file's place between the look and the opening: that must not wait. Windows must
# not translate line ends.
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_REASONS: Final = {
    errno.ENOENT: "no such file",
    errno.ENOTDIR: "no such file: what stands for its folder is none",
    errno.ELOOP: "not a file but links that lead round in a circle",
    errno.ENAMETOOLONG: "not a file: the system takes no name of this length",
    errno.EACCES: "you may not read it",
}
_NOWHERE: Final = frozenset({errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG})
_ABSENT: Final = frozenset({errno.ENOENT, errno.ENOTDIR})


def given_path(path: str | os.PathLike[str], error: Error) -> Path:
    """Return a path with ``~`` or ``~name`` at its start put in, whether or not something is there.

    Raises:
        Exception: what ``error`` makes: there is no such user, or nothing can be there: the name is too
            long or holds a null character, its links lead round in a circle, its folder is a file.
    """
    name = shown_path(path)
    try:
        given = Path(path).expanduser()
        os.stat(given)  # noqa: PTH116 - Path.stat is no other
    except RuntimeError:
        raise error(
            f"{name}: no such user; write './~name' for a file whose name starts so"
        ) from None
    except ValueError:
        raise error(f"{name}: no path holds a null character") from None
    except OSError as found:
        if found.errno in _NOWHERE:
            raise error(f"{name}: {_REASONS[found.errno]}") from None
    return given


def is_file(path: str | os.PathLike[str]) -> bool:
    """Return whether this is a regular file; False for whatever is no path."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises for some names


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Return whether this is a folder; False for whatever is no path."""
    return os.path.isdir(path)  # noqa: PTH112 - as above


def open_file(
    path: str | os.PathLike[str], error: Error, absent: Error | None = None
) -> BufferedReader:
    """Open a regular file to read its bytes.

    Args:
        path: the file; ``~`` at its start is not put in.
        error: makes the error of a message that starts with the path.
        absent: makes that of a file that is not there; ``error`` if None.

    Raises:
        Exception: what ``error`` or ``absent`` makes: no such file, a folder, pipe, socket or device, or
            a name that the system does not take.
    """
    try:
        return _opened(path)
    except _RefusedError as refused:
        kind = absent if refused.absent and absent is not None else error
        raise kind(f"{shown_path(path)}: {refused}") from None


def require_file(path: str | os.PathLike[str], error: Error, absent: Error | None = None) -> None:
    """Raise as :func:`open_file` does unless it would open, for what opens files by their names."""
    open_file(path, error, absent).close()


def read_file(
    path: str | os.PathLike[str], limit: int, error: Error, absent: Error | None = None
) -> bytes:
    """Return the bytes of a regular file of ``limit`` bytes at the most; raises as :func:`open_file`."""
    with open_file(path, error, absent) as file:
        try:
            raw = read_at_most(file, limit)
        except OSError as found:
            raise error(f"{shown_path(path)}: cannot be read ({found.strerror})") from None
    if raw is None:
        raise error(
            f"{shown_path(path)}: larger than the {limit:,} bytes that are read of such a file"
        )
    return raw


def read_at_most(file: BufferedReader, limit: int) -> bytes | None:
    """Return the bytes of an opened file, or None where there are more than ``limit``."""
    size = os.fstat(file.fileno()).st_size
    if size > limit:
        return None
    raw = file.read(size + 1)
    if len(raw) > size:  # it grows, or is of a kind that does not tell its size
        raw += file.read(limit + 1 - len(raw))
    return raw if len(raw) <= limit else None


def shown_path(path: object) -> str:
    """Return a path for a message: in one line, and cut if it is long."""
    text = visible(str(path))
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


class _RefusedError(Exception):
    def __init__(self, reason: str, *, absent: bool = False) -> None:
        super().__init__(reason)
        self.absent = absent


def _opened(path: str | os.PathLike[str]) -> BufferedReader:
    path = os.fspath(path)  # a number would be some file that is open already
    try:
        _require_regular(os.stat(path).st_mode)  # noqa: PTH116 - Path("") is the folder one stands in
        descriptor = os.open(path, _FLAGS)
        try:
            _require_regular(os.fstat(descriptor).st_mode)
            return os.fdopen(descriptor, "rb")
        except BaseException:
            os.close(descriptor)
            raise
    except OSError as found:
        number = found.errno or 0
        reason = _REASONS.get(number) or f"cannot be opened ({found.strerror})"
        raise _RefusedError(reason, absent=number in _ABSENT) from None
    except ValueError:
        raise _RefusedError("no such file: no name holds a null character", absent=True) from None


def _require_regular(mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = next((kind for is_kind, kind in _KINDS if is_kind(mode)), "something else")
        raise _RefusedError(f"not a file but {kind}")
