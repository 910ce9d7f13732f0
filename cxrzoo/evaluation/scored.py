"""Truth and scores of the same images, checked once and then trusted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from numbers import Integral
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxrzoo.cells import identifiers, to_array
from cxrzoo.data.image_names import image_names, match_images
from cxrzoo.errors import EvaluationError, LabelError
from cxrzoo.evaluation.predictions import Predictions
from cxrzoo.labels import checked_labels, match_labels
from cxrzoo.named import matrix, row_names, same_rows
from cxrzoo.text import shown


@dataclass(frozen=True, eq=False)
class Scored:
    """Truth and scores of ``n`` images and ``k`` labels; every cell has been checked.

    Attributes:
        labels: The ``k`` names.
        y_true: ``(n, k)`` float64 of 1, 0 and NaN (not known).
        y_score: ``(n, k)`` float64, finite; larger means more likely.
        groups: ``(n,)`` patients, or None where every image stands for itself.
        images: The ``n`` image names, or empty where nobody gave them.
    """

    labels: tuple[str, ...]
    y_true: NDArray[np.float64]
    y_score: NDArray[np.float64]
    groups: NDArray[np.generic] | None = None
    images: tuple[str, ...] = field(default=())

    @cached_property
    def units(self) -> tuple[NDArray[np.intp], int]:
        """Which unit of resampling each image belongs to, ``(n,)``, and how many units there are."""
        if self.groups is None:
            return np.arange(len(self.y_true)), len(self.y_true)
        names, codes = np.unique(self.groups, return_inverse=True)
        return codes.reshape(-1).astype(np.intp), len(names)

    @property
    def unit(self) -> Literal["patient", "image"]:
        """The unit of resampling in words."""
        return "image" if self.groups is None else "patient"

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """``(n, k)``: where the truth is known."""
        return ~np.isnan(self.y_true)

    @property
    def are_probabilities(self) -> bool:
        """Whether every score lies in [0, 1]; logits do not."""
        return bool(self.y_score.size and self.y_score.min() >= 0 and self.y_score.max() <= 1)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the labels, the truth and the ranks of the scores.

        Ranks, so that a recalibrated copy of the same predictions is still recognised.
        """
        digest = sha256("\n".join(self.labels).encode())
        digest.update(np.nan_to_num(self.y_true, nan=2).astype(np.uint8).tobytes())
        for column in self.y_score.T:
            ranks = np.unique(column, return_inverse=True)[1]
            digest.update(ranks.astype("<i8").tobytes())
        return digest.hexdigest()

    def with_scores(self, y_score: NDArray[np.float64]) -> "Scored":
        """Return the same images and truth under other scores."""
        return Scored(self.labels, self.y_true, y_score, self.groups, self.images)


def check_scored(
    y_true: ArrayLike,
    y_score: ArrayLike | Predictions,
    *,
    labels: Sequence[str],
    groups: ArrayLike | None = None,
    images: Sequence[str] | None = None,
) -> Scored:
    """Return the arrays as a `Scored`, or raise one `EvaluationError` that says what is wrong with them.

    One label may come as ``(n,)`` arrays. Predictions know their labels and images; frames their columns
    and rows, by which they are brought into the order of ``labels`` and of each other.
    """
    try:
        names = checked_labels(_numbers_as_names(labels))
    except LabelError as error:
        raise EvaluationError(str(error)) from None
    if isinstance(y_score, Predictions):
        y_score = _in_order_of(y_true, y_score)
        images = _unique(y_score.images) if images is None else images
        y_score = _columns(y_score, names)
    parts = same_rows({"y_true": y_true, "y_score": y_score, "groups": groups}, EvaluationError)
    truth, scores = (_matrix(parts[name], name, names) for name in ("y_true", "y_score"))
    if truth.shape != scores.shape:
        raise EvaluationError(
            f"y_true and y_score must have the same shape, got {truth.shape} and {scores.shape}"
        )
    if not len(truth):
        raise EvaluationError("there is no image to measure: y_true and y_score have no row")
    _check_cells(truth, scores, names)
    return Scored(
        *(names, truth, scores),
        groups=check_groups(parts["groups"], len(truth)),
        images=_check_images(images, truth),
    )


def _numbers_as_names(labels: Any) -> Any:
    """Return labels with whole numbers, as frames number their columns, as text."""
    if not isinstance(labels, Iterable) or isinstance(labels, str):
        return labels
    return [str(one) if isinstance(one, Integral) else one for one in labels]


def _columns(predictions: Predictions, labels: tuple[str, ...]) -> NDArray[Any]:
    """Return the scores of these labels, ``(n, k)``."""
    found = match_labels(labels, predictions.labels, where="the predictions", error=EvaluationError)
    if absent := [label for label in labels if label not in found]:
        raise EvaluationError(
            f"the predictions have no scores for {', '.join(absent)}; "
            f"they have {', '.join(predictions.labels)}"
        )
    return predictions.scores[:, [predictions.labels.index(found[label]) for label in labels]]


def _in_order_of(y_true: Any, predictions: Predictions) -> Predictions:
    """Return predictions in the order of a truth that names its rows by image."""
    rows = row_names(y_true)
    if rows is None or len(rows) != len(predictions.images) or not isinstance(rows[0], str):
        return predictions
    order, several = match_images(list(map(str, rows)), list(predictions.images))
    if not several and (order >= 0).all() and len(np.unique(order)) == len(rows):
        return predictions.take(order)
    raise EvaluationError(
        f"the index of y_true does not name the images of the predictions: it has {rows[0]!r:.80}, "
        f"they have {predictions.images[0]!r:.80}. If both are in the same order, pass y_true without "
        "an index: to_numpy()"
    )


def _unique(images: Sequence[str]) -> list[str] | None:
    names = image_names(images)
    return names if len(set(names)) == len(names) else None


def _matrix(values: Any, name: str, labels: tuple[str, ...]) -> NDArray[np.float64]:
    array = matrix(values, labels, name, EvaluationError)
    if array.ndim == 1 and len(labels) == 1:
        array = array[:, None]
    if array.ndim != 2 or array.shape[1] != len(labels):
        raise EvaluationError(
            f"{name} must have shape (n, {len(labels)}), one column for each of the {len(labels)} "
            f"labels, got {array.shape}"
        )
    return array


def _check_cells(
    truth: NDArray[np.float64], scores: NDArray[np.float64], labels: tuple[str, ...]
) -> None:
    strange = ~((truth == 0) | (truth == 1) | np.isnan(truth))
    if strange.any():
        row, column = np.argwhere(strange)[0]
        raise EvaluationError(
            f"y_true must be 0, 1 or NaN (not known); {int(strange.sum())} cells are not, the first "
            f"is {truth[row, column]:g} in row {row} for {labels[column]}"
        )
    broken = ~np.isfinite(scores)
    if broken.any():
        row, column = np.argwhere(broken)[0]
        raise EvaluationError(
            f"y_score must be finite; {int(broken.sum())} cells are not, the first is "
            f"{scores[row, column]} in row {row} for {labels[column]}"
        )


def check_groups(groups: Any, n: int) -> NDArray[np.generic] | None:
    """Return who each of ``n`` images is of; one of no known patient stands for itself.

    Raises:
        EvaluationError: They are no ``n`` identifiers.
    """
    if groups is None:
        return None
    try:
        array = to_array(groups)
        if array.dtype.kind in "iu" and not np.ma.isMaskedArray(array) and array.shape == (n,):
            return array
        names = identifiers(groups)
    except ValueError as error:
        raise EvaluationError(f"groups must be one patient for each image: {error}") from None
    if len(names) != n:
        raise EvaluationError(
            f"groups must have shape ({n},), one patient for each image, got {np.shape(groups)}"
        )
    return np.array([f"\0{i}" if name is None else name for i, name in enumerate(names)])


def _check_images(images: Sequence[str] | None, truth: NDArray[np.float64]) -> tuple[str, ...]:
    if images is None:
        return ()
    try:
        names = tuple(name or "" for name in identifiers(images))
    except ValueError as error:
        raise EvaluationError(f"images must be {len(truth)} names: {error}") from None
    if len(names) != len(truth):
        raise EvaluationError(
            f"images must be {len(truth)} names, one for each row, got {len(names)}"
        )
    if len(set(names)) != len(names):
        raise EvaluationError(
            f"images must differ from one another; {len(names) - len(set(names))} names came again"
        )
    return names


def check_choice(name: str, value: Any, literal: Any) -> None:
    """Refuse a value of the argument ``name`` that is not one of a Literal's.

    Raises:
        EvaluationError: It is not.
    """
    if not isinstance(value, str) or value not in get_args(literal):
        raise EvaluationError(
            f"{name} must be one of {', '.join(get_args(literal))}, got {shown(value)}"
        )
