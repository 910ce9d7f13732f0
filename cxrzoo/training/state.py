"""The state of a run after its last finished epoch: one file, written whole or not at all.

It holds every variable that training changes (weights, optimizer, random seeds), what the other
callbacks remember, and the history; with it a run that was killed goes on as if nothing had been.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save
from typing_extensions import override

from cxrzoo.errors import TrainingError
from cxrzoo.files import write_whole
from cxrzoo.models import variables_by_name
from cxrzoo.opened import require_file
from cxrzoo.training.history import HistoryCSV

# What these Keras callbacks carry from epoch to epoch.
_REMEMBERED: Final = {
    keras.callbacks.ModelCheckpoint: ("best",),
    keras.callbacks.EarlyStopping: ("best", "wait", "best_epoch"),
    keras.callbacks.ReduceLROnPlateau: ("best", "wait", "cooldown_counter"),
}


_BY_PLACE: Final = re.compile(r"(model|optimizer)/\d{4,}/")


class EpochState(keras.callbacks.Callback):
    """Keeps the state of a run after each epoch and puts it back; goes last in the list.

    Args:
        path: the state file.
        dataset: the training batches; its ``epoch`` is set, so that order and augmentation depend on
            the number of the epoch alone.
        peers: the callbacks whose memory belongs to the run, its :class:`HistoryCSV` among them, which
            has written the epoch when the state is: a state is never ahead of its history.
        seed: of the run; each epoch's random numbers follow from it and the epoch's number.
        writes: False in the processes that only read the state; one process of a run writes it.
    """

    def __init__(
        self,
        path: Path,
        dataset: Any,
        peers: Sequence[keras.callbacks.Callback],
        seed: int,
        *,
        writes: bool = True,
    ) -> None:
        super().__init__()
        self.path = path
        self.dataset = dataset
        self.peers = peers
        self.seed = seed
        self.history = next(peer for peer in peers if isinstance(peer, HistoryCSV))
        self.writes = writes
        self.memory: dict[str, dict[str, Any]] = {}
        self.values: dict[str, np.ndarray] = {}

    def restore(self, model: keras.Model) -> bool:
        """Read the last state, if there is one, for a compiled model; return whether training had ended.

        The values are put into the model when training begins: what ``fit`` does before that, on
        some backends, draws from the model's random seeds.

        Raises:
            TrainingError: the state does not fit the model.
        """
        if not self.path.exists():
            return False
        require_file(self.path, TrainingError)
        model.optimizer.build(model.trainable_variables)
        variables = _variables(model)
        try:
            with safe_open(self.path, framework="np") as file:
                state = json.loads(file.metadata()["state"])
                values = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            values = _renamed(values, variables)
        except (SafetensorError, OSError, KeyError, ValueError) as error:
            raise TrainingError(f"{self.path} cannot be read ({error}); start anew.") from None
        shapes = {name: tuple(variable.shape) for name, variable in variables.items()}
        if shapes != {name: value.shape for name, value in values.items()}:
            raise TrainingError(
                f"{self.path} belongs to another model; choose another output directory."
            )
        self.values = values
        self.history.rows, self.memory = state["history"], state["callbacks"]
        return bool(state["stopped"])

    @override
    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self.values:
            for name, variable in _variables(self.model).items():
                variable.assign(self.values[name])
        for peer in self.peers:
            for name, value in self.memory.get(type(peer).__name__, {}).items():
                setattr(peer, name, value)

    @override
    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.dataset.epoch = epoch
        # PyTorch's dropout draws from the process, whose past a resumed run does not share.
        keras.utils.set_random_seed(
            int(np.random.SeedSequence([self.seed, epoch]).generate_state(1)[0])
        )

    @override
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if not self.writes:
            return
        self.memory = {
            type(peer).__name__: {name: _plain(getattr(peer, name)) for name in _remembered(peer)}
            for peer in self.peers
        }
        state = {
            "history": self.history.rows,
            "callbacks": self.memory,
            "stopped": bool(self.model.stop_training),
        }
        values = {
            name: np.asarray(keras.ops.convert_to_numpy(variable), order="C")
            for name, variable in _variables(self.model).items()
        }
        write_whole(self.path, save(values, metadata={"state": json.dumps(state)}))


def _remembered(callback: keras.callbacks.Callback) -> tuple[str, ...]:
    return next((names for kind, names in _REMEMBERED.items() if isinstance(callback, kind)), ())


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else float(value)


def _variables(model: keras.Model) -> dict[str, keras.Variable]:
    """Return every variable that training changes: the model's by name, the optimizer's by place.

    An optimizer's names are made of the paths of the model's variables, which may count instances.
    """
    of_model = variables_by_name(model.variables)
    of_optimizer = enumerate(model.optimizer.variables)
    return {
        **{f"model/{name}": variable for name, variable in of_model.items()},
        **{f"optimizer/{place:04d}": variable for place, variable in of_optimizer},
    }


def _renamed(
    values: dict[str, np.ndarray], variables: dict[str, keras.Variable]
) -> dict[str, np.ndarray]:
    """Return a state under today's names: at first, all were ``kind/place/variable``."""
    if len(values) != len(variables) or not all(_BY_PLACE.match(name) for name in values):
        return values
    return dict(zip(variables, (values[name] for name in sorted(values)), strict=True))
