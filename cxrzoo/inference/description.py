"""What a model's description adds to its scores: calibrated probabilities, and yes or no."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import ModelError
from cxrzoo.evaluation import Calibration
from cxrzoo.inference.files import Predictions
from cxrzoo.pretrained import ModelConfig

__all__ = ["calibrated", "carried", "decisions"]


_MADE_BY: Final = {"calibration": "fit_calibration", "thresholds": "choose_thresholds"}


def carried(config: ModelConfig, what: Literal["calibration", "thresholds"]) -> Mapping[str, Any]:
    """Gives a model's own calibration or thresholds by label.

    Raises:
        ModelError: it carries none.
    """
    found: Mapping[str, Any] | None = getattr(config, what)
    if not found:
        raise ModelError(
            f"this model carries no {what}; make some on a validation part with "
            f"cxrzoo.evaluation.{_MADE_BY[what]}, put them into model.cxrzoo and save it again."
        )
    return found


def calibrated(predictions: Predictions, config: ModelConfig) -> Predictions:
    """Gives the same predictions with the scores mapped by the model's own calibration.

    Args:
        predictions: of this model, as :func:`predict_files` gave them.
        config: the model's description, ``model.cxrzoo``. Labels that it has no line for keep their
            scores.

    Raises:
        ModelError: the model carries no calibration.
    """
    own = Calibration.from_dict(carried(config, "calibration"), labels=predictions.labels)
    return replace(predictions, scores=own.apply(predictions.scores).astype(np.float32))


def decisions(predictions: Predictions, config: ModelConfig) -> NDArray[np.float64]:
    """Gives ``(n, k)`` of 1 (yes: the score is at or above the label's threshold), 0 (no) and NaN.

    Args:
        predictions: of this model, not calibrated: thresholds lie on the scale of its scores.
        config: the model's description, ``model.cxrzoo``. Labels without a threshold get NaN.

    Raises:
        ModelError: the model carries no thresholds.
    """
    thresholds = carried(config, "thresholds")
    limits = np.array([thresholds.get(label, np.nan) for label in predictions.labels])
    return np.where(np.isnan(limits), np.nan, predictions.scores >= limits)
