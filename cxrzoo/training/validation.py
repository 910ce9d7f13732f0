"""The exact validation AUC that the other callbacks monitor."""

from typing import Any

import keras
import numpy as np
from typing_extensions import override

from cxrzoo.errors import DivergedError, TrainingError
from cxrzoo.evaluation.statistics.auc import roc_auc


class ValidationAUC(keras.callbacks.Callback):
    """Measures the validation part after each epoch: ``val_auc`` and ``val_loss``.

    ``val_auc`` is the exact ROC AUC (every score compared with every other, ties as one half), averaged
    over the labels that have both classes; NaN targets are left out. Keras's own ``AUC`` metric bins
    scores by threshold and averages batches. ``val_loss`` is the masked binary cross-entropy of the
    same predictions.

    Put it before the callbacks that monitor it.

    Args:
        validation: batches ``(x, y)`` by index, such as ``records.dataset(...)``, not shuffled; or a
            function that gives a model's targets and scores, both ``(n, k)``.
    """

    def __init__(self, validation: Any = None) -> None:
        super().__init__()
        self.validation = validation

    @override
    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self.validation is None:
            raise TrainingError(
                "ValidationAUC has no validation data: pass "
                "callback_preset(name, directory, validation=records.dataset(...))."
            )

    @override
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        y_true, y_score = self._scores()
        if not np.isfinite(y_score).all():
            raise DivergedError(
                f"the scores of the validation part became not finite in epoch {epoch + 1}: lower the "
                "learning rate, or look for broken weights or images."
            )
        per_label = roc_auc(y_true, y_score)
        if logs is None or np.isnan(per_label).all():
            raise TrainingError(
                "no label has both a positive and a negative image in the validation part: there is "
                "no AUC to monitor. Take a larger validation part."
            )
        logs["val_auc"] = float(np.nanmean(per_label))
        logs["val_loss"] = _binary_crossentropy(y_true, y_score)

    def _scores(self) -> tuple[np.ndarray, np.ndarray]:
        if callable(self.validation):
            y_true, y_score = self.validation(self.model)
            return y_true, y_score
        truths, scores = [], []
        for index in range(len(self.validation)):
            x, y = self.validation[index]
            truths.append(y)
            scores.append(self.model.predict_on_batch(x))
        return np.concatenate(truths), np.concatenate(scores)


def _binary_crossentropy(y_true: np.ndarray, y_score: np.ndarray) -> float:
    """Return the number that ``masked_binary_crossentropy`` gives, in NumPy and over all batches."""
    known = ~np.isnan(y_true)
    y, p = y_true[known], np.clip(y_score[known].astype(np.float64), 1e-7, 1 - 1e-7)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log1p(-p)))
