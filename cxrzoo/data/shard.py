"""Which rows of each batch one of several processes reads."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import DataError


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
        if not 0 <= self.process < self.processes or self.parts % self.processes:
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
