"""The files of a directory as they were at one moment, whatever takes its place later."""

import errno
import os
import stat
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from cxrzoo.directories import is_directory
from cxrzoo.errors import ArtifactError

_TRIES: Final = 1000
_CAN_HOLD: Final = os.open in os.supports_dir_fd and hasattr(os, "pread")
_PIECE: Final = 1 << 20

_Identity = tuple[int, int, int, int]


class HeldFiles:
    """The named files of a directory, all opened in the same moment.

    A writer puts a new directory in the place of the old one and deletes that; what is open here stays
    readable, and stays of one model. A file that cannot be held (on Windows, or by a process that has too
    many files open) is read by its path, and refused if another description stands there by then.
    """

    __slots__ = ("__weakref__", "_described", "_directory", "_names", "_open")

    def __init__(self, directory: Path, names: Sequence[str]) -> None:
        """Open those of ``names`` that are there; the first one is the description.

        Raises:
            FileNotFoundError: there is no such directory.
            ArtifactError: other models take its place without an end.
        """
        self._directory, self._names = directory, tuple(names)
        for _ in range(_TRIES):
            found = (_opened if _CAN_HOLD else _not_held)(directory, self._names)
            if found is not None:
                break
        else:
            raise ArtifactError(f"{directory} is replaced all the time; stop what writes it.")
        self._open = found
        self._described = self._identity(found.get(self._names[0]))
        weakref.finalize(self, _close, found.values())

    def __reduce__(self) -> str:
        """Refuse to be copied: the files are closed together with this."""
        raise TypeError("open files cannot be copied or sent; open the model there")

    @property
    def names(self) -> tuple[str, ...]:
        """Which of the files are there, sorted."""
        return tuple(sorted(self._open))

    def size(self, name: str) -> int | None:
        """Return how many bytes a file has; None if there is none."""
        if name not in self._open:
            return None
        descriptor = self._open[name]
        if descriptor is None:
            return (self._directory / name).stat().st_size
        return os.fstat(descriptor).st_size

    def read(self, name: str, most: int) -> bytes:
        """Return a file's bytes, the first ``most`` of them.

        Raises:
            FileNotFoundError: there was no such file.
            ArtifactError: another model has taken the place of this one, and its files are gone.
        """
        if name not in self._open:
            raise FileNotFoundError(name)
        descriptor = self._open[name]
        if descriptor is not None:
            return _read(descriptor, most)
        try:
            with (self._directory / name).open("rb") as file:
                raw = file.read(most)
        except FileNotFoundError:
            if self._identity() == self._described:
                raise
            raw = b""
        if self._identity() != self._described:
            raise ArtifactError(
                f"{self._directory} was replaced by another model while it was read; open it again."
            )
        return raw

    def _identity(self, descriptor: int | None = None) -> _Identity | None:
        """Tell one description from another, by what no two files have in common."""
        try:
            path = self._directory / self._names[0]
            found = path.stat() if descriptor is None else os.fstat(descriptor)
        except OSError:
            return None
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _opened(directory: Path, names: Sequence[str]) -> dict[str, int | None] | None:
    """Open files of a directory, None for what cannot be held; or give None if it was replaced."""
    if not is_directory(directory):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(directory))
    try:
        folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:  # a writer is between two renames
        return None
    except OSError:  # one may look up names in it and not list them, or too many files are open
        return _not_held(directory, names)
    found: dict[str, int | None] = {}
    try:
        for name in names:
            try:
                descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK, dir_fd=folder)
            except OSError:
                if (directory / name).is_file():
                    found[name] = None
                continue
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                found[name] = descriptor
            else:
                os.close(descriptor)
        # Its files are deleted after it lost its name, so that here nothing was missed.
        if os.path.samestat(os.fstat(folder), directory.stat()):
            return found
    except FileNotFoundError:  # as above, of directory.stat
        pass
    finally:
        os.close(folder)
    _close(found.values())
    return None


def _not_held(directory: Path, names: Sequence[str]) -> dict[str, int | None]:
    return dict.fromkeys(name for name in names if (directory / name).is_file())


def _read(descriptor: int, most: int) -> bytes:
    # Not by the file's own position, which threads and forked processes share.
    pieces, size = [], 0
    expected = os.fstat(descriptor).st_size
    while size < most:
        wanted = min(most - size, max(expected - size, _PIECE), 1 << 30)
        piece = os.pread(descriptor, wanted, size)
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _close(descriptors: Iterable[int | None]) -> None:
    for descriptor in descriptors:
        if descriptor is not None:
            os.close(descriptor)
