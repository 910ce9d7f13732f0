"""Which rows of a batch a process reads, and their pixels, from their files or from a pack."""

import operator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.augment import Augmentation, augmented
from cxrzoo.data.packs.mapped import Pack
from cxrzoo.errors import DataError
from cxrzoo.images.ranges import ScaleCheck
from cxrzoo.images.spec import ImageSpec
from cxrzoo.sizes import check_whole

_MOST: Final = 1_000_000
"""Processes and devices."""


@dataclass(frozen=True, slots=True)
class Shard:
    """The part of every batch that is this process's: together the processes read the whole batch.

    A batch is the same rows as in one process, cut into equal parts in the order of the processes. Equal
    parts need a number of rows that all devices divide, so the last batch of an epoch is cut to a
    multiple of the devices: at most ``devices - 1`` rows are left out, with ``shuffle`` other ones in
    each epoch.

    Args:
        process: index of this process, from 0.
        processes: how many there are.
        devices: devices of all processes together; None is one each.

    Raises:
        DataError: the numbers do not fit one another.
    """

    process: int
    processes: int
    devices: int | None = None

    def __post_init__(self) -> None:
        check_whole("process", self.process, 0, most=_MOST)
        check_whole("processes", self.processes, 1, most=_MOST)
        if self.devices is not None:
            check_whole("devices", self.devices, 1, most=_MOST)
        if self.process >= self.processes or self.parts % self.processes:
            raise DataError(
                f"process {self.process} of {self.processes} on {self.parts} devices is no equal "
                "shard: count processes from 0, and give each the same number of devices"
            )

    @property
    def parts(self) -> int:
        """Into how many parts a batch is divided in all."""
        return self.processes if self.devices is None else self.devices

    def of(self, batch: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return this process's rows (b / processes,) of the rows of a batch (b,)."""
        each = len(batch) // self.parts * self.parts // self.processes
        return batch[self.process * each : (self.process + 1) * each]

    def check(self, rows: int, batch_size: int) -> None:
        """Refuse batches that cannot be divided.

        Raises:
            DataError: what was expected and what came.
        """
        if batch_size % self.parts:
            raise DataError(
                f"batch_size must be a multiple of the {self.parts} devices; got {batch_size}"
            )
        if rows < self.parts:
            raise DataError(f"there are {rows} rows for {self.parts} devices; each needs one")


@dataclass(frozen=True, eq=False, repr=False)
class PixelSource:
    """Where the pixels of each row come from; small enough to be sent to other processes.

    Attributes:
        images: paths, (n,).
        image_spec: how each image is read.
        augment: ranges of the changes, or None.
        seed: of the changes.
        pack: the pack to read from, or None to read the files.
        pack_rows: the pack's row of each image, (n,); None without a pack.
        check_scale: warns once of pixels that were scaled before they were stored.
    """

    images: NDArray[np.object_]
    image_spec: ImageSpec
    augment: Augmentation | None
    seed: int
    pack: Pack | None
    pack_rows: NDArray[np.int64] | None
    check_scale: ScaleCheck = field(default_factory=ScaleCheck)

    @cached_property
    def _one_channel(self) -> ImageSpec:
        return replace(self.image_spec, channels=1)

    def pixels(self, rows: NDArray[np.int64], epoch: int) -> NDArray[np.uint8]:
        """Return these rows as they are in this epoch: pixels uint8 (b, h, w, channels).

        Raises:
            ImageError: a file that is no readable image.
        """
        if self.pack is None or self.pack_rows is None:
            grey = np.empty((len(rows), *self._one_channel.shape), np.uint8)
            for place, row in zip(grey, rows.tolist(), strict=True):
                place[:] = self._one_channel.read(self.images[row])
        else:
            grey = self.pack.pixels(self.pack_rows[rows])
        if self.augment is not None:
            for place, row in zip(grey, rows.tolist(), strict=True):
                # NumPy takes [seed, epoch] and [seed, epoch, 0] for one seed: rows count from 1.
                rng = np.random.default_rng([self.seed, epoch, row + 1])
                place[:, :, 0] = augmented(place[:, :, 0], self.augment, rng)
        channels = self.image_spec.channels
        return grey if channels == 1 else np.repeat(grey, channels, axis=3)


@dataclass(frozen=True, eq=False)
class RowSource:
    """Random access to single rows, as grain's data sources have it: ``len(source)``, ``source[i]``.

    ``source[i]`` is row i of the records, whatever order the data set has: pixels uint8
    (h, w, channels) and targets float32 (k,). It can be sent to other processes.

    Raises:
        ImageError: when a row is read, a file that is no readable image.
    """

    source: PixelSource
    targets: NDArray[np.float32]
    epoch: int

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: SupportsIndex) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        row = operator.index(index)
        if not 0 <= row < len(self):
            raise IndexError(f"there are {len(self)} rows; got number {row}")
        pixels = self.source.pixels(np.array([row]), self.epoch)[0]
        self.source.check_scale(pixels)
        return pixels, self.targets[row].copy()

    def __repr__(self) -> str:
        return f"RowSource({len(self):,} rows, epoch {self.epoch})"


_received: list[PixelSource] = []


def receive_source(source: PixelSource) -> None:
    """Keep in a worker process what all its tasks read from: sent once, not with every task."""
    _received[:] = [source]


def received_pixels(rows: NDArray[np.int64], epoch: int) -> NDArray[np.uint8]:
    """Return, in a worker process, the pixels of these rows from the source that it was sent."""
    return _received[0].pixels(rows, epoch)
