"""Losses that leave unknown labels out: a NaN target adds nothing, neither loss nor gradient."""

from typing import Any, Final

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike, NDArray
from typing_extensions import override

from cxrzoo.cells import numbers
from cxrzoo.errors import TrainingError
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments

# Keras's own epsilon for clipping probabilities away from 0 and 1.
_EPSILON: Final = 1e-7

_LARGEST_WEIGHT: Final = 1_000_000
_LARGEST_GAMMA: Final = 100
"""Of the exponents; the paper's are up to 7."""


def masked_binary_crossentropy(y_true: Any, y_pred: Any) -> Any:
    """Return the binary cross-entropy over the known cells of a batch, image by image.

    ``-(y log p + (1 - y) log(1 - p))``, section 3.2 of the paper. The mean of the values, which Keras
    takes, is the mean over all cells of the batch whose target is not NaN; 0 if nothing is known.

    Args:
        y_true: targets ``(b, k)`` of 1, 0 and NaN (not known).
        y_pred: scores ``(b, k)``, clipped to [1e-7, 1 - 1e-7] as Keras does.

    Returns:
        One value an image, ``(b,)``.
    """
    y, p, known = _cells(y_true, y_pred)
    return _by_image(-(y * ops.log(p) + (1.0 - y) * ops.log(1.0 - p)), known)


class MaskedBinaryCrossentropy(keras.losses.Loss):
    """Binary cross-entropy over the known cells, weighted if asked for.

    Args:
        positive_weights: one factor a label for the cells whose target is 1, such as
            :func:`balancing_weights` gives; None for 1.

    Raises:
        TrainingError: the weights are not one positive and finite number a label; or ``label_smoothing``,
            which the loss had before, is given.
    """

    def __init__(
        self, positive_weights: ArrayLike | None = None, *, label_smoothing: float = 0.0
    ) -> None:
        check_arguments(MaskedBinaryCrossentropy.__init__, locals(), TrainingError)
        super().__init__(name="masked_binary_crossentropy", reduction="sum_over_batch_size")
        try:
            weights = np.ones(()) if positive_weights is None else numbers(positive_weights)
        except ValueError as error:
            raise TrainingError(f"positive_weights must be positive numbers: {error}") from None
        # It came first: of a single number nobody can tell whether it is meant as a weight.
        if label_smoothing or (positive_weights is not None and weights.ndim != 1):
            raise TrainingError(
                "MaskedBinaryCrossentropy has no label_smoothing any more: smooth the targets, "
                "y * (1 - s) + s / 2. positive_weights are one number a label."
            )
        with np.errstate(over="ignore", under="ignore"):  # what is no number then is refused
            weights = weights.astype("float32")
        if not (np.isfinite(weights).all() and (weights > 0).all()):
            raise TrainingError(
                f"positive_weights must be positive numbers; received {shown(positive_weights)}."
            )
        self.positive_weights = weights

    @override
    def call(self, y_true: Any, y_pred: Any) -> Any:
        y, p, known = _cells(y_true, y_pred)
        weights = ops.convert_to_tensor(self.positive_weights)
        cells = -(weights * y * ops.log(p) + (1.0 - y) * ops.log(1.0 - p))
        return _by_image(cells, known)


class MaskedAsymmetricLoss(keras.losses.Loss):
    """Asymmetric loss over the known cells: easy negatives count less than positives.

    ``-y (1 - p)^a log p - (1 - y) q^b log(1 - q)`` with ``q = max(p - margin, 0)``; Ridnik et al.,
    "Asymmetric loss for multi-label classification", ICCV 2021, equations 6 and 7.

    Args:
        gamma_positive: the exponent a.
        gamma_negative: the exponent b.
        margin: negatives scored below it are left out.
    """

    def __init__(
        self, gamma_positive: float = 0.0, gamma_negative: float = 4.0, margin: float = 0.05
    ) -> None:
        check_arguments(MaskedAsymmetricLoss.__init__, locals(), TrainingError)
        for name, value in (("gamma_positive", gamma_positive), ("gamma_negative", gamma_negative)):
            if not 0 <= value <= _LARGEST_GAMMA:
                raise TrainingError(
                    f"{name} must lie in [0, {_LARGEST_GAMMA}]; received {shown(value)}."
                )
        if not 0 <= margin < 1:
            raise TrainingError(f"margin must lie in [0, 1); received {shown(margin)}.")
        super().__init__(name="masked_asymmetric_loss", reduction="sum_over_batch_size")
        self.gamma_positive = gamma_positive
        self.gamma_negative = gamma_negative
        self.margin = margin

    @override
    def call(self, y_true: Any, y_pred: Any) -> Any:
        y, p, known = _cells(y_true, y_pred)
        q = ops.clip(p - self.margin, _EPSILON, 1.0)
        positive = y * (1.0 - p) ** self.gamma_positive * ops.log(p)
        negative = (1.0 - y) * q**self.gamma_negative * ops.log(1.0 - q)
        return _by_image(-(positive + negative), known)


def balancing_weights(targets: ArrayLike, *, most: float = 20.0) -> NDArray[np.float32]:
    """Return negatives / positives of each label, ``(k,)``, from targets ``(n, k)`` with NaN.

    Args:
        targets: 1, 0 and NaN.
        most: no weight is larger, nor smaller than its reciprocal; a label without positives gets 1.
    """
    check_arguments(balancing_weights, locals(), TrainingError)
    if not 1 <= most <= _LARGEST_WEIGHT:
        raise TrainingError(f"most must lie in [1, {_LARGEST_WEIGHT}]; received {shown(most)}.")
    try:
        targets = numbers(targets)
    except ValueError as error:
        raise TrainingError(f"targets must be 1, 0 or NaN, (n, k): {error}") from None
    strange = ~((targets == 0) | (targets == 1) | np.isnan(targets))
    if targets.ndim != 2 or not targets.size or strange.any():
        raise TrainingError(
            "targets must be 1, 0 or NaN, (n, k), of one image and one label at the least; received "
            f"{targets.shape}" + (f" with {targets[strange][0]:g}" if strange.any() else "")
        )
    positives, negatives = (targets == 1).sum(axis=0), (targets == 0).sum(axis=0)
    weights = np.where(positives > 0, negatives / np.maximum(positives, 1), 1.0)
    return np.clip(weights, 1 / most, most).astype("float32")


def _cells(y_true: Any, y_pred: Any) -> tuple[Any, Any, Any]:
    """Return targets with NaN as 0, clipped scores, and 1 where the target is known."""
    try:
        y_true, y_pred = (_floats(one) for one in (y_true, y_pred))
    except Exception as error:  # a backend refuses what is no tensor in its own ways
        raise TrainingError(f"y_true and y_pred must be numbers, (b, k): {error!s:.200}") from error
    shapes = tuple(y_true.shape), tuple(y_pred.shape)
    if len(shapes[0]) != len(shapes[1]) or not shapes[0] or not all(map(_alike, *shapes)):
        raise TrainingError(f"y_true and y_pred must have one shape, (b, k); received {shapes}.")
    # TensorFlow's clip turns NaN into a bound, and a broken network would go on as if it were well.
    p = ops.where(ops.isnan(y_pred), y_pred, ops.clip(y_pred, _EPSILON, 1.0 - _EPSILON))
    known = ops.logical_not(ops.isnan(y_true))
    return ops.where(known, y_true, 0.0), p, ops.cast(known, "float32")


def _floats(values: Any) -> Any:
    tensor = ops.convert_to_tensor(values)
    if "complex" in str(tensor.dtype):
        raise TypeError("they are complex")
    return ops.cast(tensor, "float32")


def _alike(one: int | None, other: int | None) -> bool:
    return one == other or None in (one, other) or 1 in (one, other)


def _by_image(cells: Any, known: Any) -> Any:
    """Return one value an image, whose mean is the mean over the known cells of the batch.

    Not a scalar: of one, Keras would add up the gradients of several TensorFlow devices.
    """
    images = ops.cast(ops.shape(cells)[0], "float32")
    per_cell = images / ops.maximum(ops.sum(known), 1.0)
    return ops.sum(cells * known, axis=-1) * per_cell
