"""A stranger's file: opened once, a regular file only, read at places that lie within it."""

import hashlib
import os
import threading
import weakref
from pathlib import Path
from typing import Final

import numpy as np

from cxrzoo.errors import ArtifactNotFoundError, TensorError
from cxrzoo.opened import open_file

MAX_FILE_BYTES: Final = 4 << 30
"""The most bytes of a file: the largest of the published chest X-ray weights take 1 GB."""


class OpenedFile:
    """A regular file that stays open until nothing refers to it.

    Raises:
        ArtifactNotFoundError: there is no such file, or it is no regular file.
        TensorError: it is larger than ``MAX_FILE_BYTES``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = open_file(path, _no_weights).detach()
        weakref.finalize(self, self._file.close)
        self._lock = threading.Lock()
        self._found = self._stamp()
        self.size: Final = self._found[0]
        if self.size > MAX_FILE_BYTES:
            raise TensorError(
                f"the file takes {self.size} bytes; the most that is read is {MAX_FILE_BYTES}."
            )

    def read(self, offset: int, length: int) -> bytes:
        """Read exactly ``length`` bytes at ``offset``.

        Raises:
            TensorError: they do not lie within the file, or the file has changed.
        """
        self._require_within(offset, length)
        buffer = bytearray(length)
        self._fill(offset, memoryview(buffer))
        return bytes(buffer)

    def numbers(self, offset: int, count: int, dtype: str) -> np.ndarray:
        """Read ``count`` numbers of a NumPy type at ``offset``, as a flat array.

        Raises:
            TensorError: they do not lie within the file, or the file has changed.
        """
        kind = np.dtype(dtype)
        self._require_within(offset, count * kind.itemsize)
        values = np.empty(count, kind)
        self._fill(offset, values.view(np.uint8).data)
        return values

    def sha256(self) -> str:
        """Return the SHA-256 of the whole file, read in pieces."""
        found = hashlib.sha256()
        buffer = memoryview(bytearray(1 << 20))
        for offset in range(0, self.size, len(buffer)):
            piece = buffer[: min(len(buffer), self.size - offset)]
            self._fill(offset, piece)
            found.update(piece)
        return found.hexdigest()

    def _require_within(self, offset: int, length: int) -> None:
        if not (0 <= offset <= self.size and 0 <= length <= self.size - offset):
            raise TensorError(
                f"{length} bytes are announced at {offset}; the file ends at {self.size}. "
                "Fetch the file again."
            )

    def _fill(self, offset: int, target: memoryview) -> None:
        try:
            with self._lock:
                self._file.seek(offset)
                done = 0
                while done < len(target):
                    n = self._file.readinto(target[done:])
                    if not n:
                        break
                    done += n
            changed = done < len(target) or self._stamp() != self._found
        except OSError as error:
            raise TensorError(f"the file cannot be read: {error.strerror}.") from None
        if changed:
            raise TensorError("the file changed while it was read; convert a copy that stays.")

    def _stamp(self) -> tuple[int, int]:
        found = os.fstat(self._file.fileno())
        return found.st_size, found.st_mtime_ns


def _no_weights(reason: str) -> ArtifactNotFoundError:
    return ArtifactNotFoundError(f"{reason}: give a file of weights.")
