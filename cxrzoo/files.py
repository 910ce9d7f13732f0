"""A file that is either the old one or the whole new one."""

import os
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from cxrzoo.beside import LOCKS, PARTIAL, delete_abandoned, lock, name_beside, stands_at


def write_whole(path: str | PathLike[str], content: bytes | str) -> Path:
    """Write beside ``path`` and rename, as :func:`whole_file` does; text is UTF-8."""
    raw = content.encode("utf-8") if isinstance(content, str) else content
    with whole_file(path) as file:
        file.write(raw)
    return Path(path)


@contextmanager
def whole_file(path: str | PathLike[str], *, durable: bool = False) -> Iterator[BinaryIO]:
    """Give a new file that takes the place of ``path`` when the block ends without an error.

    Missing folders are made. A link stays, and what it points to is replaced; the mode of a file that is
    replaced stays too. Threads and processes may write one file at once: the last one wins, each whole.
    A device or a pipe, such as ``/dev/stdout``, is written to as it is.

    Raises:
        OSError: the disk is full, or the file may not be written; its ``filename`` is ``path``, or the
            folder that could not be made.

    Args:
        path: where to.
        durable: have the bytes on the disk before the name. Where a file is replaced that is so in any
            case: a power cut shall not cost the old one. A new file has nothing to lose by it.

    Raises:
        OSError: the disk is full, or the file may not be written; its ``filename`` is ``path``, or the
            folder that could not be made.
    """
    there = _status(Path(path))
    if there is not None and not (stat.S_ISREG(there.st_mode) or stat.S_ISDIR(there.st_mode)):
        with Path(path).open("wb") as file:
            yield file
        return
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _beside_and_renamed(target, there, durable=durable) as file:
            yield file
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


@contextmanager
def _beside_and_renamed(
    target: Path, there: os.stat_result | None, *, durable: bool
) -> Iterator[BinaryIO]:
    beside, descriptor, slot = _begun(target)
    with os.fdopen(descriptor, "wb") as file:
        try:
            yield file
            file.flush()
            if there is not None and hasattr(os, "fchmod"):
                with suppress(OSError):  # of a file system without modes
                    os.fchmod(file.fileno(), stat.S_IMODE(there.st_mode))
            if durable or there is not None:
                os.fsync(file.fileno())
            if not LOCKS:
                file.close()  # Windows renames no open file
            beside.replace(target)
        except BaseException:
            with suppress(OSError):  # a full disk refuses what is still to be written
                if not LOCKS:
                    file.close()
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            with suppress(OSError):
                file.close()
            raise
    for later in (_beside(target, n) for n in count(slot + 1)):
        if not (LOCKS and os.path.lexists(later)):
            break
        delete_abandoned(later)


def _begun(target: Path) -> tuple[Path, int, int]:
    """Make the first file beside that nobody is writing; return its path, it opened, and its number.

    The names are always the same few: what a killed process left is found without listing the folder,
    which may hold a hundred thousand files.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    slot = 0
    while True:
        beside = _beside(target, slot)
        try:
            descriptor = os.open(beside, flags, 0o666)
        except FileExistsError:
            slot += not delete_abandoned(beside)
            continue
        # Another writer may have taken it for abandoned before it was locked.
        if lock(descriptor) is not False and stands_at(descriptor, beside):
            return beside, descriptor, slot
        os.close(descriptor)


def _beside(target: Path, slot: int) -> Path:
    if not LOCKS:  # nobody could tell whose it is
        return target.with_name(f"{name_beside(target)}.{uuid.uuid4().hex[:8]}{PARTIAL}")
    return target.with_name(f"{name_beside(target)}{f'.{slot}' if slot else ''}{PARTIAL}")


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None
