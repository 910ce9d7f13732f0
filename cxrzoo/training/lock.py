"""One process at a time trains in a directory."""

import json
import os
import socket
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from cxrzoo.errors import CxrZooWarning, TrainingError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_FILE: Final = ".lock"
"""In a run's directory while a process trains there; says which one."""

_HOLDER_BYTES: Final = 1000


@contextmanager
def only_trainer(directory: Path) -> Iterator[None]:
    """Keep other processes from training in a directory; it is made.

    The lock is the system's and ends with the process, however that ends. A file that a killed process
    left is therefore no lock, and is used again.

    Raises:
        TrainingError: another process trains in it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / LOCK_FILE
    file = _locked(path)
    try:
        yield
    finally:
        # As long as it is locked, the file with this name is ours. Windows deletes no open file.
        if sys.platform != "win32":
            _delete(path)
        os.close(file)
        if sys.platform == "win32":
            _delete(path)


def _locked(path: Path) -> int:
    """Open the lock file, locked, as a descriptor."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(file)
        except (BlockingIOError, PermissionError):
            holder = _holder(file)
            os.close(file)
            raise TrainingError(
                f"{path.parent} is in use: {holder} trains in it. Wait until it has ended, then give "
                "the same command again, or choose another output directory."
            ) from None
        except OSError as error:
            warnings.warn(
                f"the file system of {path.parent} has no locks ({error.strerror or error}): see to it "
                "that no other process trains in this directory.",
                CxrZooWarning,
                stacklevel=2,
            )
        if _is_at(path, file):
            with suppress(OSError):  # on a full disk the lock holds without
                os.truncate(file, 0)
                name = {"process": os.getpid(), "host": socket.gethostname()}
                os.write(file, json.dumps(name).encode())
            return file
        os.close(file)  # who held it has deleted it just now


def _lock(file: int) -> None:
    if sys.platform == "win32":
        os.lseek(file, _HOLDER_BYTES, os.SEEK_SET)  # what is locked there cannot be read
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        os.lseek(file, 0, os.SEEK_SET)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_at(path: Path, file: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except OSError:
        return False


def _holder(file: int) -> str:
    try:
        os.lseek(file, 0, os.SEEK_SET)
        name = json.loads(os.read(file, _HOLDER_BYTES))
        return f"process {int(name['process'])} on {name['host']!s:.100}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


def _delete(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)
