"""The shards of a pack: decoded in parallel, each written whole or not at all."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import file_digest, sha256
from io import BytesIO
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.packs.index import PackIndex, shard_name
from cxrzoo.errors import DataError, ImageError
from cxrzoo.files import whole_file
from cxrzoo.images.ahead import Ahead
from cxrzoo.opened import is_file, open_file

try:
    import fcntl
except ImportError:  # Windows; there two packers at once are the user's to avoid
    fcntl = None  # type: ignore[assignment] # typeshed has it everywhere but there

_CHUNK_PIXELS = 2**18
"""A task decodes this much, or one image: small ones would else wait for the queue more than decode."""

_Failures = list[tuple[int, str]]  # row, reason
_Read = Callable[[NDArray[np.uint8], range], tuple[int, _Failures]]  # also how many rows there were
_Shard = tuple[int, NDArray[np.uint8]]  # which, and its pixels in the making


@dataclass(frozen=True)
class Shards:
    """The hash of each shard, and the rows that could not be read with their reasons."""

    sha256: tuple[str, ...]
    failures: tuple[tuple[int, str], ...]


def write_shards(
    images: NDArray[np.object_],
    index: PackIndex,
    directory: Path,
    *,
    workers: int,
    on_error: Literal["stop", "skip"],
    on_rows: Callable[[int], None],
) -> Shards:
    """Write the shards that are not there yet and return the hashes of all.

    ``on_rows`` is called with how many rows are done, whenever some were decoded or found there.

    Raises:
        ImageError: a file cannot be read and ``on_error`` is ``"stop"``.
        DataError: the disk is full or the directory cannot be written to; finished shards stay.
    """
    hashes: list[str] = [""] * index.n_shards
    failures: _Failures = []
    read = _reader(images, index, on_error)
    missing = []
    done = 0
    for shard in range(index.n_shards):
        rows = index.shard_rows(shard)
        path = directory / shard_name(shard)
        if (old := _finished(path, index, shard)) is None:
            missing.append(shard)
            continue
        hashes[shard] = sha256_of(path)
        # Only the black ones may be files that could not be read: they are read once more.
        black = np.flatnonzero(~old.reshape(len(old), -1).any(axis=1))
        for row in black.tolist():
            again = np.empty((1, index.height, index.width), np.uint8)
            failures += read(again, rows[row : row + 1])[1]
        done += len(rows)
        on_rows(done)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="cxrzoo-pack")
    try:
        # One shard is written while the next is decoded.
        for (shard, pixels), tasks in Ahead(pool, read, _jobs(index, missing), 1):
            for task in tasks:
                rows_read, unread = task.result()
                failures += unread
                done += rows_read
                on_rows(done)
            hashes[shard] = _write(directory / shard_name(shard), pixels)
    finally:
        pool.shutdown(cancel_futures=True)
    return Shards(tuple(hashes), tuple(sorted(failures)))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, read piece by piece."""
    with open_file(path, DataError) as file:
        return file_digest(file, "sha256").hexdigest()


@contextmanager
def write_beside(path: Path) -> Iterator[Callable[[bytes | memoryview], object]]:
    """Give a function that writes to a new file; at the end it takes the place of ``path``.

    Raises:
        DataError: the disk is full or the directory cannot be written to.
    """
    try:
        with whole_file(path, durable=True) as file:
            yield file.write
    except OSError as error:
        raise DataError(
            f"cannot write {path} ({error.strerror or error}); finished shards are kept: once there "
            "is room and leave to write, the same command goes on from there"
        ) from error


def _reader(
    images: NDArray[np.object_], index: PackIndex, on_error: Literal["stop", "skip"]
) -> _Read:
    """Return a function that fills pixels (m, h, w) with m rows and says which could not be read."""
    spec = index.image_spec

    def read(pixels: NDArray[np.uint8], rows: range) -> tuple[int, _Failures]:
        failures = []
        for place, row in zip(pixels, rows, strict=True):
            try:
                place[:] = spec.read(images[row])[:, :, 0]
            except ImageError as error:
                if on_error == "stop":
                    raise
                place[:] = 0
                failures.append((row, str(error)))
        return len(rows), failures

    return read


def _jobs(
    index: PackIndex, missing: list[int]
) -> Iterator[tuple[_Shard, list[tuple[NDArray[np.uint8], range]]]]:
    """Give each missing shard, and the parts of it that are decoded at a time."""
    chunk = max(1, _CHUNK_PIXELS // (index.height * index.width))
    for shard in missing:
        rows, pixels = index.shard_rows(shard), np.empty(index.shard_shape(shard), np.uint8)
        starts = range(0, len(rows), chunk)
        yield (shard, pixels), [(pixels[i : i + chunk], rows[i : i + chunk]) for i in starts]


def _write(path: Path, pixels: NDArray[np.uint8]) -> str:
    header = BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": pixels.shape}
    )
    with write_beside(path) as write:
        digest = sha256()
        for piece in (memoryview(header.getvalue()), pixels.data.cast("B")):
            write(piece)
            digest.update(piece)
    return digest.hexdigest()


def _finished(path: Path, index: PackIndex, shard: int) -> NDArray[np.uint8] | None:
    """Return the pixels of a shard that is there and whole, else None."""
    if not is_file(path):
        return None
    try:
        pixels: NDArray[np.uint8] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        return None
    return pixels if pixels.shape == index.shard_shape(shard) and pixels.dtype == np.uint8 else None


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
