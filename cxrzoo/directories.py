"""A directory that is either the old one or the whole new one, even if its writer is killed.

::

    .NAME.1a2b3c4d.partial      being written; deleted if its writer is killed
    .NAME.1a2b3c4d.replaced     whole: what is about to change places with NAME, then the old one
    .NAME.1a2b3c4d.partial.old  the old one, where nothing can be exchanged; put back if there is no NAME

Linux and macOS exchange two directories in one step. Elsewhere the old one is renamed away and the new
one renamed to its place; who finds the place empty waits for a living writer, and puts the old one back
after a killed one.
"""

import ctypes
import errno
import os
import re
import shutil
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from cxrzoo.beside import PARTIAL, if_abandoned, lock, name_beside, stands_at

_OLD: Final = f"{PARTIAL}.old"
_REPLACED: Final = ".replaced"
_TRIES: Final = 1000
_PATIENCE: Final = 10.0
"""Seconds that a living writer is waited for, which needs microseconds for two renames."""

_LOOKS: Final = 100

_AT_FDCWD: Final = -100
_EXCHANGE: Final = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS
_RENAMEAT2: Final = {"x86_64": 316, "aarch64": 276, "riscv64": 276, "ppc64le": 357, "s390x": 347}
"""Numbers of the system call, for C libraries that have no function for it."""


@contextmanager
def new_beside(target: Path, *, own: Callable[[Path], bool]) -> Iterator[Path]:
    """Give an empty folder beside ``target``; what is left of it at the end is deleted.

    What killed writers of the same name left is cleaned up first, and the old directory is put back if
    one of them had moved it away.

    Args:
        target: the directory, or the file, that is to be replaced.
        own: whether an entry of a replaced directory may be deleted with it; see :func:`put_in_place`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    put_back(target)
    for left in _beside(target, PARTIAL, _OLD, _REPLACED):
        with if_abandoned(left) as abandoned:
            if abandoned and left.name.endswith(PARTIAL):
                shutil.rmtree(left, ignore_errors=True)
            elif abandoned and target.is_dir():
                with suppress(OSError):  # two of one name: both stay
                    _dissolve(left, target, own)
    folder, descriptor = _begun(target)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if descriptor is not None:
            os.close(descriptor)


def put_in_place(new: Path, target: Path, *, own: Callable[[Path], bool]) -> None:
    """Put the folder ``new`` of :func:`new_beside` in the place of ``target``.

    Entries of the old directory that are not ``own`` are somebody else's: they are moved to the new one.

    Raises:
        OSError: it cannot be done, and ``target`` is as it was; or (ENOTEMPTY) it was done, and something
            could not be moved over and lies in the folder that the error names.
    """
    if target.is_dir():
        shutil.copymode(target, new)
        to_disk(new)  # a power cut shall not cost the old one
    for _ in range(_TRIES):
        try:
            old = _replace(new, target, own)
        except OSError as error:
            # Another writer was there first, or took away what was there.
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT) or not new.exists():
                raise
            continue
        if old is not None:
            _dissolve(old, target, own)
        return
    raise OSError(errno.EBUSY, "other writers keep replacing it", str(target))


def put_back(target: Path) -> None:
    """Put back what a writer had moved away when it was killed, if nothing stands at ``target``."""
    until = time.monotonic() + _PATIENCE
    while not os.path.lexists(target) and (moved := _beside(target, _OLD)):
        latest = max(moved, key=_changed)
        if _written(latest.with_suffix("")) and time.monotonic() < until:
            time.sleep(0.001)
            continue
        with suppress(OSError):  # another one was faster
            latest.rename(target)
        return


def is_directory(path: Path) -> bool:
    """Say whether there is a directory; one that a killed writer had moved away is put back."""
    target, absent = Path(os.path.realpath(path)), 0
    for _ in range(_LOOKS):
        if path.is_dir():
            return True
        # Where nothing can be exchanged, one writer after the other may be between two renames, and a
        # list of names that change meanwhile may lack one.
        absent += not _beside(target, PARTIAL, _OLD, _REPLACED)
        if absent == 6:
            break
        put_back(target)
        time.sleep(0.001)
    return path.is_dir()


def _written(partial: Path) -> bool:
    """Say whether a living writer is about to rename this folder."""
    with if_abandoned(partial) as abandoned:
        return partial.exists() and not abandoned


def _begun(target: Path) -> tuple[Path, int | None]:
    """Make a folder beside, and open it with its lock taken, where the system can."""
    while True:
        folder = _fresh(target, PARTIAL)
        folder.mkdir()
        try:
            descriptor = os.open(folder, os.O_RDONLY)
        except PermissionError:  # Windows opens no folders
            return folder, None
        except FileNotFoundError:
            continue
        lock(descriptor, wait=True)
        # Another writer may have taken it for abandoned before it was locked.
        if stands_at(descriptor, folder):
            return folder, descriptor
        os.close(descriptor)


def _fresh(target: Path, ending: str) -> Path:
    return target.with_name(f"{name_beside(target)}.{uuid.uuid4().hex[:8]}{ending}")


def _beside(target: Path, *endings: str) -> list[Path]:
    """List the folders that writers of ``target`` left or are at."""
    pattern = re.compile(
        rf"{re.escape(name_beside(target))}\.[a-z0-9_]{{8}}({'|'.join(map(re.escape, endings))})"
    )
    try:
        found = [path for path in target.parent.iterdir() if pattern.fullmatch(path.name)]
    except OSError:
        return []
    return sorted(path for path in found if path.is_dir() and not path.is_symlink())


def _replace(new: Path, target: Path, own: Callable[[Path], bool]) -> Path | None:
    """Rename ``new`` to ``target``, and return where the old directory is now, if there was one."""
    if not os.path.lexists(target):
        new.rename(target)
        return None
    # From here on it may be the old one, with what is not ours in it, that has this name.
    old = new.with_suffix(_REPLACED)
    new.rename(old)
    try:
        exchanged = _exchange(old, target)
    except OSError:
        old.rename(new)
        raise
    if not exchanged:
        old.rename(new)
        old = new.with_name(f"{new.name}.old")
        target.rename(old)
        try:
            new.rename(target)
        except OSError:
            with suppress(OSError):
                old.rename(target)
            if old.exists():  # another writer's stands there, and this one is the older
                with suppress(OSError):
                    _dissolve(old, target, own)
            raise
    return old


def _dissolve(old: Path, target: Path, own: Callable[[Path], bool]) -> None:
    """Move over what is not ``own`` of a replaced directory, and delete the rest.

    Raises:
        OSError: (ENOTEMPTY) something could not be moved over; it stays where it is.
    """
    try:
        if old.name.endswith(_OLD):  # from here on it is not whole, and must not be put back
            old = old.rename(_fresh(target, _REPLACED))
        entries = sorted(old.iterdir())
    except FileNotFoundError:  # another writer, cleaning up, was faster
        return
    left = [one.name for one in entries if not own(one) and not _moved(one, target / one.name)]
    for entry in filter(own, entries):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            with suppress(OSError):
                entry.unlink()
    with suppress(OSError):  # nothing but what is own is ever deleted
        old.rmdir()
    if left:
        names = ", ".join(left)
        raise OSError(errno.ENOTEMPTY, f"could not move over {names:.200}", str(old))


def _moved(entry: Path, place: Path) -> bool:
    """Rename an entry, unless something has that name; True too if another writer was faster."""
    for _ in range(_TRIES):
        if os.path.lexists(place):
            break
        try:
            entry.rename(place)
        except FileNotFoundError:  # or a writer is between two renames
            if not os.path.lexists(entry):
                break
            time.sleep(0.001)
        except OSError:
            break
    return not os.path.lexists(entry)


def _exchange(one: Path, other: Path) -> bool:
    """Let two directories change places in one step; False where the system cannot.

    Raises:
        FileNotFoundError: one of them is not there.
    """
    function, arguments = _EXCHANGERS.get(sys.platform, _none)()
    if function is None:
        return False
    first, second = os.fsencode(one), os.fsencode(other)
    ctypes.set_errno(0)
    if function(*arguments(first, second)) == 0:
        return True
    if ctypes.get_errno() == errno.ENOENT:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(other))
    # EINVAL, ENOSYS, ENOTSUP, EPERM in some containers: two renames do, or say what is wrong.
    return False


_Exchanger = tuple[Any, Callable[[bytes, bytes], tuple[Any, ...]]]


def _none() -> _Exchanger:
    return None, lambda *_: ()


def _linux() -> _Exchanger:
    library = ctypes.CDLL(None, use_errno=True)
    if hasattr(library, "renameat2"):
        return library.renameat2, lambda a, b: (_AT_FDCWD, a, _AT_FDCWD, b, _EXCHANGE)
    number = _RENAMEAT2.get(os.uname().machine)
    call = None if number is None else library.syscall
    return call, lambda a, b: (ctypes.c_long(number or 0), _AT_FDCWD, a, _AT_FDCWD, b, _EXCHANGE)


def _macos() -> _Exchanger:
    library = ctypes.CDLL(None, use_errno=True)
    return getattr(library, "renamex_np", None), lambda a, b: (a, b, _EXCHANGE)


_EXCHANGERS: Final = {"linux": _linux, "darwin": _macos}


def to_disk(folder: Path) -> None:
    """Have the files of a folder on the disk, and then their names, as far as the system can."""
    inside = [path for path in folder.rglob("*") if path.is_file() or path.is_dir()]
    for path in (*inside, folder):
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _changed(path: Path) -> int:
    try:
        return path.stat().st_ctime_ns
    except OSError:
        return 0
