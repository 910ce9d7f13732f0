"""Records as batches that ``fit``, ``evaluate`` and ``predict`` of every backend take."""

import math
import multiprocessing
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any, Literal

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.augment import AUGMENTATIONS, Augmentation
from cxrzoo.data.columns import LabelledImages
from cxrzoo.data.feeds import PixelSource, RowSource, Shard, receive_source, received_pixels
from cxrzoo.data.packs.pack import cached_pack
from cxrzoo.errors import DataError, ImageError
from cxrzoo.images.ahead import Ahead
from cxrzoo.images.spec import ImageSpec, requested_spec
from cxrzoo.lazy import renamed_arguments
from cxrzoo.sizes import check_whole
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments

_BATCHES_AHEAD = 2
"""Made while the model is busy: one to hand over at once, one in the making."""

_Batch = tuple[NDArray[np.uint8], NDArray[np.float32]]
_Rows = NDArray[np.int64]
_Begun = tuple[_Rows, list[Future[NDArray[np.uint8]]]]  # a batch, its pixels in the making


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
        image_size: edge, or (height, width), in pixels; 224 if None and ``image_spec`` does not say.
        batch_size: images in a batch.
        shuffle: a new order each epoch.
        seed: not negative.
        augment: ``"none"``, ``"light"`` or ``"strong"``, or an ``Augmentation`` of your own; ranges
            in ``cxrzoo.data.augment``.
        channels: 1, the default, or 3 for the same grey three times.
        aspect: ``"stretch"``, the default, ``"pad"`` or ``"crop"``; see :class:`cxrzoo.images.ImageSpec`.
        image_spec: size, channels and aspect in one, as ``model.cxrzoo.image_spec`` has them.
        cache: a directory; the images are packed into it now (:func:`cxrzoo.data.pack`), or a pack
            that holds them is there already, and batches come from its memory map.
        workers: threads that make the next batches while the model is busy; if None one for each
            processor, eight at the most.
        use_multiprocessing: processes in place of the threads. They are started anew: a script that
            asks for them keeps its own doings under ``if __name__ == "__main__":``.
        shard: of several processes that train together, the part of each batch that this one reads;
            ``batch_size`` is that of all together.

    Attributes:
        image_spec: how each image is read.
        failure: the error of a batch that could not be read, else None. TensorFlow wraps what is raised
            inside ``fit``; here it stands as it was.

    Warns:
        PixelScaleWarning: when a batch is read, its pixels are 0 and 1 alone: they were scaled before
            they were stored; once for each data set.

    Raises:
        DataError: an argument makes no sense, or there are no rows.
        ImageError: when a batch is read, or packed, a file that is no readable image.
    """

    _pass: Ahead[_Rows, NDArray[np.uint8]]
    _next: tuple[int, int]  # epoch and batch that the pass gives next

    @renamed_arguments(share="shard")
    def __init__(
        self,
        records: LabelledImages,
        *,
        image_size: int | tuple[int, int] | None = None,
        batch_size: int = 64,
        shuffle: bool = False,
        seed: int = 0,
        augment: Literal["none", "light", "strong"] | Augmentation = "none",
        channels: Literal[1, 3] | None = None,
        aspect: Literal["stretch", "pad", "crop"] | None = None,
        image_spec: ImageSpec | None = None,
        cache: str | os.PathLike[str] | None = None,
        workers: int | None = None,
        use_multiprocessing: bool = False,
        shard: Shard | None = None,
    ) -> None:
        check_arguments(ImageDataset.__init__, locals())
        check_whole("batch_size", batch_size, 1)
        check_whole("seed", seed, 0)
        if workers is None:
            workers = min(8, os.cpu_count() or 1)
        check_whole("workers", workers, 1)
        if not isinstance(augment, Augmentation) and augment not in AUGMENTATIONS:
            raise DataError(
                f"augment must be one of {', '.join(AUGMENTATIONS)}; got {shown(augment)}"
            )
        spec = requested_spec(image_spec, image_size=image_size, channels=channels, aspect=aspect)
        if not len(records):
            raise DataError(f"there are no rows in {records!r}; a dataset needs one at least")
        self.shard = Shard(0, 1) if shard is None else shard
        self.shard.check(len(records), batch_size)
        # Keras gets no workers to start: its queue hands what was left of one pass to the next, so
        # that on JAX and PyTorch a fit would miss the first batch of each epoch.
        super().__init__(workers=1, use_multiprocessing=False)
        self.records = records
        self.labels = records.labels
        self.image_spec = spec
        self.image_size, self.channels, self.aspect = spec.size, spec.channels, spec.aspect
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.augment = augment
        self.pack = None if cache is None else cached_pack(records, cache, image_spec=spec)
        self._source = PixelSource(
            images=records.images,
            image_spec=spec,
            augment=augment if isinstance(augment, Augmentation) else AUGMENTATIONS[augment],
            seed=seed,
            pack=self.pack,
            pack_rows=None if self.pack is None else self.pack.rows(records),
        )
        self._pool_size = workers  # not _workers: that is Keras's own
        self._in_processes = use_multiprocessing
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
        self._order = self._order_of(epoch)
        self._epoch = epoch

    def on_epoch_end(self) -> None:
        """Go on to the next epoch; Keras calls this."""
        self.epoch += 1

    def batches(self, epoch: int) -> Iterator[_Batch]:
        """Give all batches of an epoch in its order, whatever epoch the data set is in."""
        return map(self._read, self._begin(epoch, 0, _BATCHES_AHEAD))

    def as_tf_dataset(self) -> Any:
        """Return a ``tf.data.Dataset`` of the batches; each time it is gone through is one epoch more."""
        from cxrzoo.data.feeds_tensorflow import tensorflow_batches  # noqa: PLC0415 - only when used

        shapes = (self.image_spec.shape, (len(self.labels),))
        return tensorflow_batches(self.batches, self.epoch, len(self), shapes)

    def as_torch_dataset(self) -> Any:
        """Return the rows, in the records' order, as a PyTorch data set for a ``DataLoader``."""
        from cxrzoo.data.feeds_torch import TorchRows  # noqa: PLC0415 - only when used

        return TorchRows(self.as_grain_source())

    def as_grain_source(self) -> RowSource:
        """Return the rows, in the records' order, as a random-access source: ``len`` and ``[i]``.

        Order and batches are the reader's; augmentation is that of the epoch the data set is in.
        """
        return RowSource(self._source, self.records.targets, self.epoch)

    def __len__(self) -> int:
        whole = len(self.records) // self.shard.parts * self.shard.parts
        return math.ceil(whole / self.batch_size)

    def __getitem__(self, index: int) -> _Batch:
        if not 0 <= index < len(self):
            raise IndexError(f"there are {len(self)} batches; got number {index}")
        with self._lock:
            if self._process != os.getpid():
                self._forget()  # threads do not live on in a forked process
            in_order = (self._epoch, index) == self._next
            if not in_order:
                self._pass.cancel()
                self._pass = self._begin(self._epoch, index)
            # Ahead only of those who go through the batches in order.
            self._pass.ahead = _BATCHES_AHEAD if in_order or index == 0 else 0
            batch = next(self._pass)
            self._next = self._epoch, index + 1
        return self._read(batch)

    def __getstate__(self) -> dict[str, Any]:
        # Threads and locks stay in the process that made them.
        own = ("_lock", "_pool", "_process", "_pass", "_next")
        return {name: value for name, value in self.__dict__.items() if name not in own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()

    def _forget(self) -> None:
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._pool = self._new_pool()
        self._pass = self._begin(0, len(self))
        self._next = -1, -1  # nobody goes through them yet

    def _new_pool(self) -> Executor:
        if not self._in_processes:
            return ThreadPoolExecutor(self._pool_size, thread_name_prefix="cxrzoo-decode")
        # Not forked: the backends' threads do not live on in a fork, and what they held stays held.
        return ProcessPoolExecutor(
            self._pool_size,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=receive_source,
            initargs=(self._source,),
        )

    def _order_of(self, epoch: int) -> NDArray[np.int64]:
        if self.shuffle:
            return np.random.default_rng([self.seed, epoch]).permutation(len(self.records))
        return np.arange(len(self.records))

    def _begin(self, epoch: int, first: int, ahead: int = 0) -> Ahead[_Rows, NDArray[np.uint8]]:
        """Return the batches of an epoch from ``first`` on, the next ones begun ``ahead``."""
        pixels = received_pixels if self._in_processes else self._source.pixels
        return Ahead(self._pool, pixels, self._jobs(epoch, first), ahead)

    def _jobs(self, epoch: int, first: int) -> Iterator[tuple[_Rows, list[tuple[_Rows, int]]]]:
        order = self._order if epoch == self._epoch else self._order_of(epoch)
        # One task an image where there is work to share, one a batch where it is copied alone.
        copied = self.pack is not None and self._source.augment is None
        for start in range(first * self.batch_size, len(self) * self.batch_size, self.batch_size):
            rows = self.shard.of(order[start : start + self.batch_size])
            parts = [rows] if copied else np.split(rows, len(rows))
            yield rows, [(part, epoch) for part in parts]

    def _read(self, batch: _Begun) -> _Batch:
        rows, parts = batch
        try:
            pixels = [part.result() for part in parts]
        except ImageError as error:
            self.failure = error
            raise
        whole = pixels[0] if len(pixels) == 1 else np.concatenate(pixels)
        self._source.check_scale(whole)
        return whole, self.records.targets[rows]
