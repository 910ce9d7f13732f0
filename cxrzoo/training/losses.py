"""Losses that leave unknown labels out."""

from typing import Any

from keras import ops

__all__ = ["masked_binary_crossentropy"]

# Keras's own epsilon for clipping probabilities away from 0 and 1.
_EPSILON = 1e-7


def masked_binary_crossentropy(y_true: Any, y_pred: Any) -> Any:
    """Gives the mean binary cross-entropy over the known cells of a batch.

    ``-(y log p + (1 - y) log(1 - p))``, section 3.2 of the paper, averaged over the cells whose
    target is not NaN; 0 for a batch in which nothing is known.

    Args:
        y_true: targets ``(b, k)`` of 1, 0 and NaN (not known).
        y_pred: scores ``(b, k)``, clipped to [1e-7, 1 - 1e-7] as Keras does.

    Returns:
        A scalar.
    """
    y_true = ops.cast(y_true, "float32")
    y_pred = ops.cast(y_pred, "float32")
    # TensorFlow's clip turns NaN into a bound, and a broken network would go on as if it were well.
    p = ops.where(ops.isnan(y_pred), y_pred, ops.clip(y_pred, _EPSILON, 1.0 - _EPSILON))
    known = ops.logical_not(ops.isnan(y_true))
    y = ops.where(known, y_true, 0.0)
    cells = -(y * ops.log(p) + (1.0 - y) * ops.log(1.0 - p))
    weight = ops.cast(known, "float32")
    return ops.sum(cells * weight) / ops.maximum(ops.sum(weight), 1.0)
