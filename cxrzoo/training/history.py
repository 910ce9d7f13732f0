"""The figures of each epoch, as a CSV that is whole whenever one looks."""

import csv
import io
from pathlib import Path
from typing import Any

import keras
from typing_extensions import override

from cxrzoo.errors import TrainingError
from cxrzoo.files import write_whole
from cxrzoo.opened import open_file
from cxrzoo.typed import check_arguments


class HistoryCSV(keras.callbacks.Callback):
    """Writes the figures of each epoch to a CSV, one row an epoch, the epochs counted from 1.

    It is written anew after each epoch and put in place as a whole; Keras's ``CSVLogger`` appends, and
    a process that is killed leaves half a row. Put it after the callbacks whose figures it takes.

    Args:
        path: the CSV; an older one is replaced after the first epoch.
    """

    def __init__(self, path: str | Path) -> None:
        check_arguments(HistoryCSV.__init__, locals(), TrainingError)
        super().__init__()
        self.path = Path(path)
        self.rows: list[dict[str, float]] = []

    @override
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        row = {name: float(value) for name, value in (logs or {}).items()}
        if "learning_rate" not in row:  # a schedule is not among the figures of fit
            rate = keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)
            row["learning_rate"] = float(rate)
        # A second fit with the same callback begins at the first epoch, or at the one it names.
        earlier = [row for row in self.rows if row["epoch"] <= epoch]
        self.rows = [*earlier, {"epoch": float(epoch + 1), **row}]
        write_whole(self.path, _csv(self.rows))


def read_history(path: Path) -> tuple[dict[str, float], ...]:
    """Return the figures of each epoch in ``history.csv``."""
    with io.TextIOWrapper(open_file(path, TrainingError), encoding="utf-8", newline="") as file:
        return tuple(
            {name: float(value) for name, value in row.items()} for row in csv.DictReader(file)
        )


def _csv(rows: list[dict[str, float]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: int(v) if name == "epoch" else repr(v) for name, v in row.items()})
    return text.getvalue()
