"""One packer a directory at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows; there two packers at once are the user's to avoid
    fcntl = None  # type: ignore[assignment] # typeshed has it everywhere but there


@contextmanager
def only_packer(directory: Path) -> Iterator[None]:
    """Wait until no other process packs into the directory; the system ends a dead one's lock."""
    if fcntl is None:
        yield
        return
    folder = os.open(directory, os.O_RDONLY)
    try:
        # Some network file systems have no locks; packing alone is right there too.
        with suppress(OSError):
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
