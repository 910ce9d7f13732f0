"""What a model's description adds to its scores: calibrated probabilities, and yes or no."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import ModelError
from cxrzoo.evaluation import Calibration, Predictions
from cxrzoo.pretrained import ModelConfig
from cxrzoo.typed import check_arguments


def calibrated(predictions: Predictions, config: ModelConfig) -> Predictions:
    """Return the same predictions with the scores mapped by the model's own calibration.

    Args:
        predictions: of this model, as :class:`Scorer` and :func:`predict_files` give them.
        config: the model's description, ``model.cxrzoo``. Labels that it has no line for keep their
            scores.

    Raises:
        ModelError: the model carries no calibration.
    """
    check_arguments(calibrated, locals())
    scores = calibration_of(config).apply(predictions.scores)
    return replace(predictions, scores=scores.astype(np.float32))


def decisions(predictions: Predictions, config: ModelConfig) -> NDArray[np.float64]:
    """Return ``(n, k)`` of 1 (yes: the score is at or above the label's threshold), 0 (no) and NaN.

    Args:
        predictions: of this model, not calibrated: thresholds lie on the scale of its scores.
        config: the model's description, ``model.cxrzoo``. Labels without a threshold get NaN.

    Raises:
        ModelError: the model carries no thresholds.
    """
    check_arguments(decisions, locals())
    limits = thresholds_of(config)
    return np.where(np.isnan(limits), np.nan, predictions.scores >= limits)


def calibration_of(config: ModelConfig) -> Calibration:
    """Return a model's own calibration.

    Raises:
        ModelError: it carries none.
    """
    if not config.calibration:
        raise _carries_no("calibration", "fit_calibration")
    return Calibration.from_dict(config.calibration, labels=config.labels)


def thresholds_of(config: ModelConfig) -> NDArray[np.float64]:
    """Return a model's own thresholds, ``(k,)``, NaN for a label without one.

    Raises:
        ModelError: it carries none.
    """
    if not config.thresholds:
        raise _carries_no("thresholds", "choose_thresholds")
    return np.array([config.thresholds.get(label, np.nan) for label in config.labels])


def _carries_no(what: str, made_by: str) -> ModelError:
    return ModelError(
        f"this model carries no {what}; make some on a validation part with "
        f"cxrzoo.evaluation.{made_by}, put them into model.cxrzoo and save it again."
    )
