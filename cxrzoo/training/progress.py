"""How a run shows itself: a live bar on a terminal, one plain line an epoch elsewhere, on stderr."""

import math
from typing import Any

import keras
import numpy as np
from rich.console import Console
from typing_extensions import override

from cxrzoo.errors import DivergedError
from cxrzoo.progress import progress_bar
from cxrzoo.text import for_terminal

_STOPPED = (
    "the run is stopped and its last finished epoch is kept. Lower the learning rate, or look for "
    "broken weights or images."
)


class Progressing(keras.callbacks.Callback):
    """Shows the epoch, its loss and the validation figures.

    Args:
        console: where to; a terminal gets a live bar.
        epochs: epochs at the most.
    """

    def __init__(self, console: Console, epochs: int) -> None:
        super().__init__()
        self.console = console
        self.epochs = epochs
        self.bar = progress_bar("steps", console)

    @override
    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.bar.start()

    @override
    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.task = self.bar.add_task(
            f"epoch {epoch + 1}/{self.epochs}", total=self.params["steps"]
        )

    @override
    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.bar.update(self.task, completed=batch + 1)

    @override
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.bar.remove_task(self.task)
        figures = "  ".join(f"{name} {float(value):.4g}" for name, value in (logs or {}).items())
        say(self.console, f"epoch {epoch + 1}/{self.epochs}  {figures}")

    def close(self) -> None:
        """Take the bar away, also after an error."""
        self.bar.stop()


class StopOnNaN(keras.callbacks.Callback):
    """Ends a run whose loss or weights are no longer numbers, and says where."""

    epoch = 0

    @override
    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.epoch = epoch

    @override
    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        loss = float((logs or {}).get("loss", 0.0))
        if not math.isfinite(loss):
            raise DivergedError(
                f"the loss became {loss} in epoch {self.epoch + 1}, batch {batch + 1}: {_STOPPED}"
            )

    @override
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        # Some backends' ReLU and pooling swallow NaN, so that the loss stays a number.
        for variable in self.model.weights:
            if not np.isfinite(keras.ops.convert_to_numpy(variable)).all():
                raise DivergedError(
                    f"{variable.path} became not finite in epoch {epoch + 1}, by batch "
                    f"{self.params['steps']}: {_STOPPED}"
                )


def say(console: Console, text: str) -> None:
    """Print a line; what is in it is neither markup nor acts on the terminal."""
    console.print(for_terminal(text), markup=False, highlight=False)
