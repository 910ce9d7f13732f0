"""Training on several devices: opening them, and what their processes do together.

What divides the work is the backend's own: ``keras.distribution.DataParallel`` on JAX and
``MirroredStrategy`` on TensorFlow. Here stands what a run must know of it.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, get_args

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.data import Records
from cxrzoo.errors import CxrZooError, TrainingError, argument
from cxrzoo.text import shown
from cxrzoo.training.devices import Devices
from cxrzoo.training.parts import batches_of
from cxrzoo.training.recipe import Recipe

Distribute = Literal["devices", "processes"]

_EXAMPLE: Final = "examples/train_ddp.py"

_SEEN_WITHIN: Final = 60.0
"""Seconds; network file systems show a new file to other hosts after some, NFS after 60 at most."""


def open_devices(distribute: Distribute | None) -> Devices:
    """Open what to train on; for several processes it must come before anything is computed.

    Args:
        distribute: None, the one device that Keras takes; ``"devices"``, all of this host; or
            ``"processes"``, all of several processes.

    Raises:
        TrainingError: the backend has no such way, or the processes do not find one another.
    """
    if distribute is None:
        return Devices()
    if distribute not in get_args(Distribute):
        raise TrainingError(
            f"distribute must be one of {', '.join(get_args(Distribute))}, or None; "
            f"got {shown(distribute)}."
        )
    backend = keras.backend.backend()
    if backend == "jax":
        from cxrzoo.training.distribute_jax import jax_devices  # noqa: PLC0415 - of one backend

        return jax_devices(several_processes=distribute == "processes")
    if backend == "tensorflow" and distribute == "devices":
        from cxrzoo.training.distribute_tensorflow import (  # noqa: PLC0415 - of one backend
            tensorflow_devices,
        )

        return tensorflow_devices()
    if backend == "torch":
        raise TrainingError(
            "Keras does not train on several devices with the backend torch. Take "
            f"DistributedDataParallel around a model, as in {_EXAMPLE}, or KERAS_BACKEND=jax."
        )
    raise TrainingError(
        f"Keras does not train in several processes with the backend {backend}; take "
        f"KERAS_BACKEND=jax, or {argument('distribute', 'devices')} on one host with tensorflow."
    )


@contextmanager
def together(devices: Devices) -> Iterator[None]:
    """End every process when one has ended: the others would wait for it for ever.

    Raises:
        TrainingError: the backend can no longer reach another process.
    """
    try:
        yield
    except BaseException as error:
        devices.leave()
        unreachable = isinstance(error, (ValueError, RuntimeError))
        if devices.processes == 1 or isinstance(error, CxrZooError) or not unreachable:
            raise
        first_line = str(error).partition("\n")[0]
        raise TrainingError(
            f"process {devices.process} of {devices.processes} was stopped, most likely because "
            f"another one ended ({first_line:.200}). See what the others say, then start "
            "all of them again: the run goes on after its last finished epoch."
        ) from error


def written_by(devices: Devices, path: Path, write: Callable[[], Any]) -> None:
    """Let the first process write; the others wait until they see the file.

    Raises:
        TrainingError: another process does not see it.
    """
    if devices.first:
        write()
    devices.wait(path.name)
    patience = time.monotonic() + _SEEN_WITHIN
    while not path.exists():
        if time.monotonic() > patience:
            raise TrainingError(
                f"process {devices.process} does not see {path}, which process 0 has written; choose "
                "an output directory on a file system that all processes share."
            )
        time.sleep(0.2)


@contextmanager
def writable(devices: Devices, directory: Path) -> Iterator[Path]:
    """Give the directory to the first process, and to any other one that is thrown away.

    So all processes have the same callbacks, and only the first one's leave anything.
    """
    if devices.first:
        yield directory
    else:
        with tempfile.TemporaryDirectory(prefix="cxrzoo-") as elsewhere:
            yield Path(elsewhere)


class SharedValidation:
    """Measures the whole validation part, each process reading and scoring its share of it.

    Called with a model, it gives targets and scores ``(n, k)``, the same in every process, every image
    once. Rows that only fill up the last batch for the devices are read twice and left out again.
    """

    def __init__(self, devices: Devices, records: Records, recipe: Recipe, cache: Any) -> None:
        filled = -(-len(records) // devices.count) * devices.count
        rows = np.minimum(np.arange(filled), len(records) - 1)
        self._batches = batches_of(records[rows], recipe, cache, shard=devices.shard)
        self._targets = records.targets
        self._devices = devices
        self._score: Callable[[Any], NDArray[np.float32]] | None = None

    @property
    def failure(self) -> Exception | None:
        """The error of an image that could not be read, else None."""
        return self._batches.failure

    def __call__(self, model: keras.Model) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return targets and the model's scores, both (n, k), in the records' order."""
        score = self._score = self._score or self._devices.scorer(model)
        scores = [score(self._batches[index][0]) for index in range(len(self._batches))]
        return self._targets, np.concatenate(scores)[: len(self._targets)]
