"""Images as batches of pixels, decoded by threads while something else happens."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import DataError, ImageError
from cxrzoo.images import ImageSpec
from cxrzoo.images.ahead import Ahead
from cxrzoo.text import shown
from cxrzoo.typed import require_kind

Source = str | os.PathLike[str] | bytes
"""A file, or its content."""

Pixels = TypeVar("Pixels")

Batch = list[tuple[str, NDArray[np.uint8] | ImageError]]
"""Images in order, each by name with its pixels ``(h, w, c)`` or the reason why there are none."""

_DECODERS: Final = min(8, os.cpu_count() or 1)

_BYTES_AHEAD: Final = 64 * 2**20
"""Pixels held at most, but for three batches: what two processors decode while Keras is imported."""


@contextmanager
def decoding(
    sources: Sequence[Source], spec: ImageSpec, batch_size: int
) -> Iterator[Iterator[Batch]]:
    """Begin at once to decode images as a model sees them, and give their batches in order.

    Keras and the model can be loaded meanwhile. What has not been decoded when the context ends is not
    decoded.

    Args:
        sources: paths of images, or their bytes, which go by the name ``"bytes[i]"``.
        spec: what the model sees.
        batch_size: images at a time, 1 or more.
    """
    import_module("cxrzoo.images.reading")  # Pillow, before threads and Keras import it at once

    def decode(i: int) -> tuple[str, NDArray[np.uint8] | ImageError]:
        return read_named(sources[i], i, spec.read)

    ahead = max(2, _BYTES_AHEAD // (batch_size * spec.height * spec.width * spec.channels))
    places = range(len(sources))
    jobs = ((None, [(i,) for i in places[at : at + batch_size]]) for at in places[::batch_size])
    with ThreadPoolExecutor(_DECODERS, "cxrzoo-decoding") as pool:
        batches = Ahead(pool, decode, jobs, ahead)
        try:
            yield ([future.result() for future in futures] for _, futures in batches)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def read_named(
    source: Source, i: int, read: Callable[[Source], Pixels]
) -> tuple[str, Pixels | ImageError]:
    """Return a source's name, and what was read of it or the reason why there is nothing.

    Args:
        source: a path, or the bytes of a file, which go by the name ``"bytes[i]"``.
        i: its place in the list.
        read: what reads a source.
    """
    name = f"bytes[{i}]" if isinstance(source, bytes) else os.fspath(source)
    try:
        return name, read(source)
    except ImageError as error:
        if isinstance(source, bytes):
            error = ImageError(f"{name}: {str(error).removeprefix('the bytes: ')}")
        return name, error


def listed_sources(name: str, sources: Any) -> list[Source]:
    """Return one source or many as a list.

    Args:
        name: of the argument that they were given as.
        sources: a path, the bytes of a file, or an iterable of those, no mapping.

    Raises:
        DataError: they are something else.
    """
    if isinstance(sources, str | os.PathLike | bytes):
        return [sources]
    wrong = DataError(f"{name} must be files, or their bytes; received {shown(sources)}")
    if isinstance(sources, Mapping) or not isinstance(sources, Iterable):
        raise wrong
    try:
        listed = [*sources]
    except Exception as error:  # tensors that are no list have many ways to say so
        raise wrong from error
    for source in listed:
        require_kind(name, source, (str, os.PathLike, bytes), "paths, or bytes of files")
    return listed
