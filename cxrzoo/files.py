"""A file that is either the old one or the whole new one."""

import os
from contextlib import suppress
from glob import escape
from io import BufferedWriter
from os import PathLike
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows; there what a killed writer leaves stays
    fcntl = None  # type: ignore[assignment] # typeshed has it everywhere but there


def write_whole(path: str | PathLike[str], content: bytes | str) -> Path:
    """Write beside ``path`` and rename; missing folders are made, text is UTF-8.

    What a killed writer left beside the same file is deleted.

    Raises:
        OSError: the disk is full, or the file may not be written; its ``filename`` is ``path``, or the
            folder that could not be made.
    """
    target = Path(path)
    raw = content.encode("utf-8") if isinstance(content, str) else content
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _delete_abandoned(target)
        beside = target.with_name(f".{target.name}.{os.getpid()}.partial")
        try:
            with _opened(beside) as file:
                file.write(raw)
                file.flush()
                if fcntl is not None:  # Windows renames no open file
                    beside.replace(target)
            if fcntl is None:
                beside.replace(target)
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(target)) from error
    return target


def _opened(beside: Path) -> BufferedWriter:
    """Open a new file with a lock, which ends with its process: an unlocked one is abandoned."""
    while True:
        file = beside.open("wb")
        if fcntl is None:
            return file
        with suppress(OSError):  # some network file systems have no locks
            fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:  # nobody deleted it before it was locked
            return file
        file.close()


def _delete_abandoned(target: Path) -> None:
    if fcntl is None:
        return
    for path in target.parent.glob(f".{escape(target.name)}.*.partial"):
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
