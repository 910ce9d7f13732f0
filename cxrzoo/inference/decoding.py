"""Image files as batches of pixels, decoded by threads while something else happens."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import ImageError
from cxrzoo.images import read_image
from cxrzoo.pretrained import ModelConfig

__all__ = ["Batch", "decoding"]

Batch = list[tuple[str, NDArray[np.uint8] | ImageError]]
"""Files in order, each with its pixels ``(h, w, c)`` or the reason why there are none."""

_DECODERS: Final = min(8, os.cpu_count() or 1)

_BYTES_AHEAD: Final = 64 * 2**20
"""Pixels held at most, but for three batches: what two processors decode while Keras is imported."""


@contextmanager
def decoding(
    files: Sequence[str], config: ModelConfig, batch_size: int
) -> Iterator[Iterator[Batch]]:
    """Begins at once to decode files as a model takes them, and gives their batches in order.

    It needs the model's description alone: Keras and the model can be loaded meanwhile. What has not
    been decoded when the context ends is not decoded.

    Args:
        files: paths of images.
        config: says the size, the channels and the ``aspect``.
        batch_size: files at a time, 1 or more.
    """
    height, width, channels = config.arguments["input_shape"]

    def decode(file: str) -> NDArray[np.uint8] | ImageError:
        try:
            return read_image(file, (height, width), channels=channels, aspect=config.aspect)
        except ImageError as error:
            return error

    ahead = max(3, _BYTES_AHEAD // (batch_size * height * width * channels))
    starts = iter(range(0, len(files), batch_size))
    waiting: deque[list[tuple[str, Future[NDArray[np.uint8] | ImageError]]]] = deque()
    with ThreadPoolExecutor(_DECODERS, "cxrzoo-decoding") as pool:

        def submit() -> None:
            for start in starts:
                batch = files[start : start + batch_size]
                waiting.append([(file, pool.submit(decode, file)) for file in batch])
                if len(waiting) == ahead:
                    return

        def in_order() -> Iterator[Batch]:
            while waiting:
                batch = [(file, future.result()) for file, future in waiting.popleft()]
                submit()
                yield batch

        submit()
        try:
            yield in_order()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
