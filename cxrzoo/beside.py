"""What is being written lies beside, under a name of its own, locked for as long as its writer lives.

A writer that is killed leaves it there, and the system ends the lock: the next writer of the same name
sees by it what may be deleted, and what another one is still at.
"""

import hashlib
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment] # typeshed has it everywhere but there

PARTIAL: Final = ".partial"
"""Ending of what is being written; what a stop leaves of it is deleted."""

LOCKS: Final = fcntl is not None
"""Whether the system has locks that end with their process."""

_LONGEST: Final = 200  # bytes; a name has 255 at most, and something is put before and after it
_DAY: Final = 24 * 60 * 60.0


def name_beside(target: Path) -> str:
    """Return how the names beside ``target`` begin: hidden, and short enough to be added to."""
    name = target.name
    if len(os.fsencode(name)) > _LONGEST:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()[:32]
    return f".{name}"


def lock(descriptor: int, *, wait: bool = False) -> bool | None:
    """Take the lock of an open file or folder; None where the file system or Windows has none."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def stands_at(descriptor: int, path: Path) -> bool:
    """Say whether what was opened is still what has that name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except OSError:
        return False


@contextmanager
def if_abandoned(path: Path) -> Iterator[bool]:
    """Say whether nobody writes what is at ``path`` any more; while the block lasts, nobody begins to.

    Without locks it is what has not been touched for a day.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags) if LOCKS else None
    except OSError:  # there is nothing, or it is not ours
        yield False
        return
    if descriptor is None:
        yield _is_old(path)
        return
    try:
        locked = lock(descriptor)
        yield (_is_old(path) if locked is None else locked) and stands_at(descriptor, path)
    finally:
        os.close(descriptor)


def delete_abandoned(path: Path) -> bool:
    """Delete a file that a killed writer left; False where another one holds it, or it stays."""
    with if_abandoned(path) as abandoned:
        try:
            if abandoned and stat.S_ISREG(path.lstat().st_mode):
                path.unlink()
                return True
        except OSError:
            pass
    return False


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.lstat().st_mtime > _DAY
    except OSError:
        return False
