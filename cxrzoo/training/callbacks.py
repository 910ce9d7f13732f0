"""Callback presets: plain Keras callbacks that work in any ``fit``."""

from pathlib import Path
from typing import Any, Final

import keras

from cxrzoo.errors import TrainingError
from cxrzoo.training.validation import ValidationAUC

__all__ = ["BEST_WEIGHTS", "callback_preset"]

BEST_WEIGHTS: Final = "best.weights.h5"

# The paper names the three callbacks and no figure; these are ours. Its runs of 1 to 3 epochs end
# before EarlyStopping can act. 'modern' waits longer and lowers the rate more gently.
_PATIENCE: Final = {
    "paper": {"stop": 3, "plateau": 1, "factor": 0.1},
    "modern": {"stop": 5, "plateau": 2, "factor": 0.3},
}


def callback_preset(
    name: str, directory: str | Path, validation: Any = None
) -> list[keras.callbacks.Callback]:
    """Gives the callbacks of a preset, all monitoring the exact validation AUC.

    ``ValidationAUC`` comes first, then ``ModelCheckpoint`` (the best weights, as ``best.weights.h5``),
    ``EarlyStopping`` and ``ReduceLROnPlateau``; ``val_auc`` is maximised.

    Args:
        name: ``"paper"`` stops after 3 epochs without a better AUC and divides the learning rate by
            10 after 1; ``"modern"`` stops after 5 and multiplies it by 0.3 after 2.
        directory: where the best weights go; it is made.
        validation: batches ``(x, y)`` by index, such as ``records.dataset(...)``.

    Raises:
        TrainingError: there is no such preset.
    """
    if name not in _PATIENCE:
        raise TrainingError(
            f"there is no callback preset {name!r:.100}; there are {', '.join(_PATIENCE)}."
        )
    patience = _PATIENCE[name]
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    monitor: dict[str, Any] = {"monitor": "val_auc", "mode": "max"}
    return [
        ValidationAUC(validation),
        keras.callbacks.ModelCheckpoint(
            str(directory / BEST_WEIGHTS), save_best_only=True, save_weights_only=True, **monitor
        ),
        keras.callbacks.EarlyStopping(patience=patience["stop"], **monitor),
        keras.callbacks.ReduceLROnPlateau(
            patience=patience["plateau"], factor=patience["factor"], min_lr=1e-7, **monitor
        ),
    ]
