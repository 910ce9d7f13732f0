"""Callback presets: plain Keras callbacks that work in any ``fit``, on every backend."""

import io
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import keras
from typing_extensions import override

from cxrzoo.errors import MissingExtraError, TrainingError
from cxrzoo.files import write_whole
from cxrzoo.text import shown
from cxrzoo.training.history import HistoryCSV
from cxrzoo.training.validation import ValidationAUC
from cxrzoo.typed import check_arguments

BEST_WEIGHTS: Final = "best.weights.h5"

# The paper names the three callbacks and no figure; these are ours. Its runs of 1 to 3 epochs end
# before EarlyStopping can act. 'modern' waits longer and lowers the rate more gently.
_PATIENCE: Final = {
    "paper": {"stop": 3, "plateau": 1, "factor": 0.1},
    "modern": {"stop": 5, "plateau": 2, "factor": 0.3},
}

# An earlier Keras takes no open file for a name.
_KERAS_WRITES_TO_MEMORY: Final = tuple(map(int, keras.__version__.split(".")[:2])) >= (3, 10)


class ModelCheckpoint(keras.callbacks.ModelCheckpoint):
    """Keras's callback of this name, for the best weights, whose file is whole whenever one looks.

    Keras lets HDF5 write to the disk. Where that is full, HDF5 leaves a broken file and ends the process
    with a segmentation fault. Here the file is made in memory and put in place as a whole.
    """

    best: float | None

    @override
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        value = (logs or {}).get(self.monitor)
        if value is None:
            raise TrainingError(
                f"ModelCheckpoint found no {self.monitor!r} among the figures of epoch {epoch + 1}; put "
                "the callbacks of a preset in the order in which callback_preset gives them."
            )
        if self.best is None or value > self.best:
            write_whole(self.filepath, _weights_file(self.model))
            self.best = value


class _Memory(io.BytesIO):
    """Memory that has a name as Keras wants it."""

    @override
    def __str__(self) -> str:
        return f"memory/{BEST_WEIGHTS}"


def _weights_file(model: keras.Model) -> bytes:
    if _KERAS_WRITES_TO_MEMORY:
        memory = _Memory()
        model.save_weights(memory)
        return memory.getvalue()
    with TemporaryDirectory(prefix="cxrzoo-") as folder:
        path = Path(folder, BEST_WEIGHTS)
        model.save_weights(path)
        return path.read_bytes()


def callback_preset(
    name: str,
    directory: str | Path,
    validation: Any = None,
    *,
    history: str | Path | None = None,
    plateau: bool = True,
    tensorboard: bool = False,
) -> list[keras.callbacks.Callback]:
    """Return the callbacks of a preset, all monitoring the exact validation AUC.

    In this order, as each reads what those before it wrote into an epoch's figures:

    - ``ValidationAUC`` measures ``val_auc`` and ``val_loss``.
    - ``ModelCheckpoint`` keeps the best epoch's weights as ``best.weights.h5``, a file that is whole
      whenever one looks, also on a full disk. Weights only: an optimizer's state is of no use to a
      model that is chosen and done.
    - ``EarlyStopping`` ends training; the model then has the last epoch's weights, not the best's.
    - ``ReduceLROnPlateau`` lowers the learning rate, never below 1e-7, where a step of Adam no longer
      changes a float32 weight of ordinary size.
    - ``HistoryCSV`` writes ``history.csv``, learning rate and all.
    - ``TensorBoard``, if asked for, logs the same figures.

    They monitor ``val_auc``, to be maximised, and not the loss: on rare findings a loss falls by
    learning how rare they are, and the ranking of the images need not get better.

    Args:
        name: ``"paper"`` stops after 3 epochs without a better AUC and divides the learning rate by
            10 after 1, for runs of the paper's length; ``"modern"`` stops after 5 and multiplies it
            by 0.3 after 2, so that a validation part of a few hundred images, whose AUC jumps by
            chance, ends nothing too early, and a rate is lowered twice before training ends.
        directory: where the files go; it is made.
        validation: batches ``(x, y)`` by index, such as ``records.dataset(...)``.
        history: another place for the CSV.
        plateau: False leaves ``ReduceLROnPlateau`` out, for an optimizer that has a schedule.
        tensorboard: also write ``directory/tensorboard`` for TensorBoard, the figures of each epoch and
            no graph or profile. Keras writes these files with TensorFlow, whatever the backend.

    Raises:
        TrainingError: there is no such preset.
        MissingExtraError: ``tensorboard`` without the packages that it takes.
    """
    check_arguments(callback_preset, locals(), TrainingError)
    if name not in _PATIENCE:
        raise TrainingError(
            f"there is no callback preset {shown(name)}; there are {', '.join(_PATIENCE)}."
        )
    patience = _PATIENCE[name]
    directory = Path(directory)
    logs = [_tensorboard(directory / "tensorboard")] if tensorboard else []
    directory.mkdir(parents=True, exist_ok=True)
    monitor: dict[str, Any] = {"monitor": "val_auc", "mode": "max"}
    reduce = keras.callbacks.ReduceLROnPlateau(
        patience=patience["plateau"], factor=patience["factor"], min_lr=1e-7, **monitor
    )
    return [
        ValidationAUC(validation),
        ModelCheckpoint(
            str(directory / BEST_WEIGHTS), save_best_only=True, save_weights_only=True, **monitor
        ),
        keras.callbacks.EarlyStopping(patience=patience["stop"], **monitor),
        *([reduce] if plateau else []),
        HistoryCSV(directory / "history.csv" if history is None else history),
        *logs,
    ]


def _tensorboard(directory: Path) -> keras.callbacks.Callback:
    if missing := [name for name in ("tensorflow", "tensorboard") if find_spec(name) is None]:
        raise MissingExtraError(
            f"TensorBoard's files are written by tensorflow and tensorboard; {' and '.join(missing)} "
            'is not installed: pip install "cxrzoo[tensorboard]", or leave tensorboard=True out; '
            "history.csv has the same figures."
        )
    return keras.callbacks.TensorBoard(
        str(directory), write_graph=False, profile_batch=0, update_freq="epoch"
    )
