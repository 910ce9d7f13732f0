"""Predictions in a CSV, whatever made them, joined to the truth by image name."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data import Records
from cxrzoo.data.csv_table import read_columns, read_header
from cxrzoo.data.tables import IMAGE_COLUMNS
from cxrzoo.errors import EvaluationError, TableError

__all__ = ["Predictions", "join", "read_predictions"]


@dataclass(frozen=True, eq=False)
class Predictions:
    """Scores of named images.

    Attributes:
        images: ``n`` file names without folders.
        labels: The ``k`` labels that the file has scores for.
        y_score: ``(n, k)``.
    """

    images: tuple[str, ...]
    labels: tuple[str, ...]
    y_score: NDArray[np.float64]


def read_predictions(
    path: str | PathLike[str], *, labels: Sequence[str], image_column: str | None = None
) -> Predictions:
    """The scores of a CSV, plain or gzipped.

    Args:
        path: A table with one row an image.
        labels: The labels of the truth. A label's column is called ``prob_LABEL`` or ``LABEL``, blanks
            written as they are or as ``_``; labels without a column are left out.
        image_column: The column of image names or paths; None takes the first of the usual names, and
            without any the first column that is no label.

    Raises:
        DataNotFoundError: There is no such file.
        TableError: It has no column of any label, a score is no number, or an image comes twice.
    """
    table = Path(path)
    header = read_header(table)
    column_of = {
        label: column for label in labels if (column := _label_column(label, header)) is not None
    }
    if not column_of:
        raise TableError(
            f"{table} has scores for none of the labels {', '.join(labels)}: expected columns such as "
            f"'prob_{labels[0]}' or {labels[0]!r}, got {', '.join(map(repr, header[:20]))}"
        )
    names = image_column or _image_column(table, header, set(column_of.values()))
    columns = read_columns(table, [names, *column_of.values()])
    images = tuple(base_name(name) for name in columns[names])
    _refuse_twice(table, images)
    scores = [_numbers(table, column, columns[column], images) for column in column_of.values()]
    return Predictions(images, tuple(column_of), np.column_stack(scores))


def join(predictions: Predictions, truth: Records) -> Records:
    """The rows and labels of the truth that the predictions are of, in their order.

    Images of the truth that nobody predicted are left out.

    Raises:
        EvaluationError: Predictions of images that the truth does not have, or of which it has two.
    """
    names = [base_name(name) for name in truth.images]
    at = {name: i for i, name in enumerate(names)}
    if len(at) != len(names):
        times = Counter(names)
        twice = [name for name in predictions.images if times[name] > 1]
        if twice:
            raise EvaluationError(
                f"the truth has several rows for {len(twice):,} of the predicted images, e.g. "
                f"{_examples(twice)}; one row an image is expected"
            )
    if missing := [name for name in predictions.images if name not in at]:
        raise EvaluationError(
            f"the truth has no row for {len(missing):,} of {len(predictions.images):,} predicted images, "
            f"e.g. {_examples(missing)}; names are compared without folders, e.g. {names[0]}"
        )
    return truth[np.array([at[name] for name in predictions.images])].relabel(predictions.labels)


def base_name(path: str) -> str:
    """The file name of a path of any system."""
    return re.split(r"[/\\]", path)[-1]


def _label_column(label: str, header: Sequence[str]) -> str | None:
    spellings = (label, label.replace(" ", "_"))
    wanted = [f"{prefix}{name}" for prefix in ("prob_", "") for name in spellings]
    return next((column for column in wanted if column in header), None)


def _image_column(table: Path, header: Sequence[str], taken: set[str]) -> str:
    usual = [name for name in IMAGE_COLUMNS if name in header]
    others = [name for name in header if name not in taken]
    if not (usual or others):
        raise TableError(f"{table} has no column of image names beside {', '.join(sorted(taken))}")
    return (usual or others)[0]


def _numbers(
    table: Path, column: str, cells: Sequence[str], images: Sequence[str]
) -> NDArray[np.float64]:
    try:
        return np.array([float(cell) for cell in cells])
    except ValueError:
        row = next(i for i, cell in enumerate(cells) if not _is_number(cell))
        raise TableError(
            f"{table}, column {column!r}: expected a number for {images[row]!r}, got {cells[row]!r}"
        ) from None


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _refuse_twice(table: Path, images: Sequence[str]) -> None:
    seen: set[str] = set()
    twice = [name for name in images if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
    if twice:
        raise TableError(
            f"{table}: {len(twice):,} of {len(images):,} rows name an image that came before, e.g. "
            f"{_examples(twice)}; one row an image is expected"
        )


def _examples(names: Sequence[str]) -> str:
    return ", ".join(names[:3])
