"""Records as batches that ``fit``, ``evaluate`` and ``predict`` of every backend take."""

import math
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Literal

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.arguments import check_channels, check_whole, checked_size
from cxrzoo.data.augment import AUGMENTATIONS, augmented
from cxrzoo.data.images import read_image
from cxrzoo.data.records import Records
from cxrzoo.errors import DataError, ImageError

__all__ = ["ImageDataset"]

_BATCHES_AHEAD = 2
"""Decoded while the model is busy: one to hand over at once, one in the making."""

_Batch = tuple[NDArray[np.uint8], NDArray[np.float32]]
_Key = tuple[int, int]  # epoch, number of the batch
_Started = tuple[NDArray[np.int64], list[Future[NDArray[np.uint8]]]]  # rows, images in the making


class ImageDataset(keras.utils.PyDataset):
    """Batches of records: uint8 pixels (b, h, w, channels) and float32 targets (b, k).

    The last batch may be smaller. With ``shuffle`` every epoch goes through a full permutation of the
    rows that depends on ``seed`` and ``epoch`` alone; augmentation depends on ``seed``, ``epoch`` and
    the row. So the same seed gives the same pixels in the same order on every backend, with any
    number of workers.

    Pass ``shuffle=False`` to ``fit``: Keras would else draw the order of the *batches* from Python's
    unseeded ``random``. Keras ends an epoch once before a fit begins, so the first epoch of a first
    ``fit`` is number 1; to continue a run in the order it would have had, set :attr:`epoch` at the
    beginning of each epoch, as in ``LambdaCallback(on_epoch_begin=...)``.

    Args:
        records: the rows; they keep their order unless ``shuffle`` is on.
        image_size: edge, or (height, width), in pixels.
        batch_size: images in a batch.
        shuffle: a new order each epoch.
        seed: not negative.
        augment: ``"none"``, ``"light"`` or ``"strong"``; ranges in ``cxrzoo.data.augment``.
        channels: 1, or 3 for the same grey three times.
        workers: threads that decode, also the next batches while the model is busy; if None one for
            each processor, eight at the most.

    Attributes:
        failure: the error of a batch that could not be read, else None. TensorFlow wraps what is raised
            inside ``fit``; here it stands as it was.

    Raises:
        DataError: an argument makes no sense, or there are no rows.
        ImageError: when a batch is read, a file that is no readable image.
    """

    _started: dict[_Key, _Started]
    _last: int

    def __init__(
        self,
        records: Records,
        *,
        image_size: int | tuple[int, int] = 224,
        batch_size: int = 64,
        shuffle: bool = False,
        seed: int = 0,
        augment: Literal["none", "light", "strong"] = "none",
        channels: Literal[1, 3] = 1,
        workers: int | None = None,
    ) -> None:
        check_whole("batch_size", batch_size, 1)
        check_whole("seed", seed, 0)
        if workers is None:
            workers = min(8, os.cpu_count() or 1)
        check_whole("workers", workers, 1)
        if augment not in AUGMENTATIONS:
            raise DataError(f"augment must be one of {', '.join(AUGMENTATIONS)}; got {augment!r}")
        check_channels(channels)
        if not len(records):
            raise DataError(f"there are no rows in {records!r}; a dataset needs one at least")
        # Keras gets no workers to start: its queue hands what was left of one pass to the next, so
        # that on JAX and PyTorch a fit would miss the first batch of each epoch.
        super().__init__(workers=1)
        self.records = records
        self.labels = records.labels
        self.image_size = checked_size(image_size)
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.augment = augment
        self.channels = channels
        self._threads = workers
        self.failure: ImageError | None = None
        self._forget()
        self.epoch = 0

    @property
    def epoch(self) -> int:
        """The number, from 0, that order and augmentation of the next batches follow from."""
        return self._epoch

    @epoch.setter
    def epoch(self, epoch: int) -> None:
        check_whole("epoch", epoch, 0)
        self._order = np.arange(len(self.records))
        if self.shuffle:
            self._order = np.random.default_rng([self.seed, epoch]).permutation(self._order)
        self._epoch = epoch

    def on_epoch_end(self) -> None:
        """Go on to the next epoch; Keras calls this."""
        self.epoch += 1

    def __len__(self) -> int:
        return math.ceil(len(self.records) / self.batch_size)

    def __getitem__(self, index: int) -> _Batch:
        if not 0 <= index < len(self):
            raise IndexError(f"there are {len(self)} batches; got number {index}")
        with self._lock:
            if self._process != os.getpid():
                self._forget()  # threads do not live on in a forked process
            key = (self._epoch, index)
            batch = self._started.pop(key, None) or self._start(key)
            # Ahead only of those who go through the batches in order.
            ahead = range(index + 1, min(index + 1 + _BATCHES_AHEAD, len(self)))
            wanted = [(self._epoch, i) for i in ahead] if index == self._last + 1 else []
            self._last = index
            self._started = {k: self._started.get(k) or self._start(k) for k in wanted}
        rows, images = batch
        pixels = np.empty((len(rows), *self.image_size, self.channels), np.uint8)
        for place, image in enumerate(images):
            try:
                pixels[place] = image.result()
            except ImageError as error:
                self.failure = error
                raise
        return pixels, self.records.targets[rows]

    def __getstate__(self) -> dict[str, Any]:
        # Threads and locks stay in the process that made them.
        own = ("_lock", "_pool", "_process", "_started", "_last")
        return {name: value for name, value in self.__dict__.items() if name not in own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()

    def _forget(self) -> None:
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="cxrzoo-decode")
        self._started = {}
        self._last = -1

    def _start(self, key: _Key) -> _Started:
        epoch, index = key
        rows = self._order[index * self.batch_size : (index + 1) * self.batch_size]
        return rows, [self._pool.submit(self._image, int(row), epoch) for row in rows]

    def _image(self, row: int, epoch: int) -> NDArray[np.uint8]:
        """One image (h, w, 1), which spreads over all channels."""
        image = read_image(self.records.images[row], self.image_size)
        ranges = AUGMENTATIONS[self.augment]
        if ranges is None:
            return image
        # NumPy takes [seed, epoch] and [seed, epoch, 0] for one seed: rows count from 1.
        rng = np.random.default_rng([self.seed, epoch, row + 1])
        return augmented(image[:, :, 0], ranges, rng)[:, :, None]
