"""What a run is trained on: one device, several of this host, or those of several processes."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.data import Shard


def _nothing(*_: str) -> None:
    """There is nobody to wait for, and nobody who waits."""


@dataclass(frozen=True)
class Devices:
    """What a run is trained on.

    Attributes:
        count: devices of all processes together.
        process: number of this process; 0 writes the run's directory.
        processes: how many there are.
        scope: the context in which the model is built and trained.
        wait: waits until every process has come to the place of this name.
        leave: after an error, lets this process end without waiting for the others.
        scorer: gives, for a model, the function from this process's rows of a batch to the scores of
            the whole batch.
    """

    count: int = 1
    process: int = 0
    processes: int = 1
    scope: Callable[[], AbstractContextManager[Any]] = nullcontext
    wait: Callable[[str], None] = _nothing
    leave: Callable[[], None] = _nothing
    scorer: Callable[[keras.Model], Callable[[Any], NDArray[np.float32]]] = attrgetter(
        "predict_on_batch"
    )

    @property
    def first(self) -> bool:
        """Whether this is the process that writes."""
        return self.process == 0

    @property
    def shard(self) -> Shard:
        """The part of each batch that this process reads."""
        return Shard(self.process, self.processes, self.count)
