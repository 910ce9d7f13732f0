"""Several devices and processes with JAX; the only module of this floor that imports JAX."""

import atexit
import os
import sys
from collections.abc import Callable
from typing import Any, Final

import jax
import keras
import numpy as np
from jax.experimental import multihost_utils
from numpy.typing import NDArray

from cxrzoo.errors import TrainingError
from cxrzoo.training.devices import Devices

HEARTBEAT_SECONDS: Final = 30
"""A process of which nothing is heard for so long is taken for dead, and ends the others."""

# The names are Keras's own: keras.distribution.initialize reads the same.
_ADDRESSES: Final = "KERAS_DISTRIBUTION_JOB_ADDRESSES"
_NUMBER: Final = "KERAS_DISTRIBUTION_NUM_PROCESSES"
_PROCESS: Final = "KERAS_DISTRIBUTION_PROCESS_ID"


def jax_devices(*, several_processes: bool) -> Devices:
    """Open the devices of this process, or of all processes.

    Raises:
        TrainingError: the processes do not find one another, or have unlike numbers of devices.
    """
    if several_processes and not jax.distributed.is_initialized():
        _join()
    count, here, processes = jax.device_count(), jax.local_device_count(), jax.process_count()
    if here * processes != count:
        raise TrainingError(
            f"every process must have the same number of devices; process {jax.process_index()} of "
            f"{processes} has {here} of {count}."
        )
    distribution = keras.distribution.DataParallel(auto_shard_dataset=False)

    def scorer(model: keras.Model) -> Callable[[Any], NDArray[np.float32]]:
        return _scorer(model, distribution)

    return Devices(
        count=count,
        process=jax.process_index(),
        processes=processes,
        scope=distribution.scope,
        **({"wait": multihost_utils.sync_global_devices, "leave": _leave} if processes > 1 else {}),
        scorer=scorer,
    )


def _scorer(model: keras.Model, distribution: Any) -> Callable[[Any], NDArray[np.float32]]:
    """Score a global batch. ``model.predict`` cannot: its result stays divided among processes."""
    whole = keras.distribution.TensorLayout([None, None], distribution.device_mesh).backend_layout

    def forward(trainable: Any, other: Any, pixels: Any) -> Any:
        return model.stateless_call(trainable, other, pixels, training=False)[0]

    compiled = jax.jit(forward, out_shardings=whole)

    def score(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        layout = distribution.get_data_layout(pixels.shape).backend_layout
        batch = jax.make_array_from_process_local_data(layout, pixels)
        trainable = [variable.value for variable in model.trainable_variables]
        other = [variable.value for variable in model.non_trainable_variables]
        return np.asarray(compiled(trainable, other, batch))

    return score


def _join() -> None:
    """Join the processes, as ``keras.distribution.initialize`` does, with shorter patience."""
    if jax.__version_info__ < (0, 7):
        raise TrainingError(
            f"several processes need JAX 0.7 or later; this is {jax.__version__}. "
            "Upgrade with pip install --upgrade jax."
        )
    given = {name: os.environ.get(name) for name in (_ADDRESSES, _NUMBER, _PROCESS)}
    addresses, number, process = given.values()
    try:
        jax.distributed.initialize(
            coordinator_address=addresses and addresses.split(",")[0],
            num_processes=None if number is None else int(number),
            process_id=None if process is None else int(process),
            heartbeat_timeout_seconds=HEARTBEAT_SECONDS,
        )
    except (ValueError, RuntimeError) as error:
        raise TrainingError(
            f"the processes do not find one another ({error}). Start them with srun or mpirun, or "
            f"set {', '.join(given)} in each, and call train before anything else is computed."
        ) from error


def _leave() -> None:
    # Last registered, first called: before JAX would wait minutes for the others to end as well.
    atexit.register(_end_now)


def _end_now() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)
