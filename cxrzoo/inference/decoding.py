"""Images as batches of pixels, decoded by threads while something else happens."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import ImageError
from cxrzoo.images import ImageSpec
from cxrzoo.images.ahead import Ahead

Source = str | os.PathLike[str] | bytes
"""A file, or its content."""

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
        source = sources[i]
        name = f"bytes[{i}]" if isinstance(source, bytes) else os.fspath(source)
        try:
            return name, spec.read(source)
        except ImageError as error:
            if isinstance(source, bytes):
                error = ImageError(f"{name}: {str(error).removeprefix('the bytes: ')}")
            return name, error

    ahead = max(2, _BYTES_AHEAD // (batch_size * spec.height * spec.width * spec.channels))
    places = range(len(sources))
    jobs = ((None, [(i,) for i in places[at : at + batch_size]]) for at in places[::batch_size])
    with ThreadPoolExecutor(_DECODERS, "cxrzoo-decoding") as pool:
        batches = Ahead(pool, decode, jobs, ahead)
        try:
            yield ([future.result() for future in futures] for _, futures in batches)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
