"""Scores of named images: what a model gave, what a CSV has, and as a CSV again."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.cells import number
from cxrzoo.data.csv_table import each_once, read_columns, read_header
from cxrzoo.data.image_names import image_key, image_names, named_before
from cxrzoo.data.tables import IMAGE_COLUMNS
from cxrzoo.errors import EvaluationError, TableError
from cxrzoo.files import write_whole
from cxrzoo.labels import checked_labels, match_labels
from cxrzoo.lazy import renamed_fields
from cxrzoo.named import matrix
from cxrzoo.text import for_csv, shown, visible
from cxrzoo.typed import check_arguments, check_fields

_PREFIX: Final = "prob_"


@renamed_fields(files="images", y_score="scores")
@dataclass(frozen=True, eq=False)
class Predictions:
    """Scores of named images, and why others have none.

    Attributes:
        images: The ``n`` images that have scores, in the order asked for: paths, or file names.
        labels: The ``k`` names.
        scores: ``(n, k)``; larger means more likely.
        failures: ``(image, reason)`` of those that could not be read.
        decisions: ``(n, k)`` of 1 (yes), 0 (no) and NaN (the label has no threshold), or None where
            nothing was decided.
        unmatched: Columns of the file that were no label asked for, and neither the images' nor the
            decisions'.

    Raises:
        EvaluationError: The scores are not ``(n, k)`` numbers; a frame's columns are read by name.
    """

    images: tuple[str, ...]
    labels: tuple[str, ...]
    scores: NDArray[np.floating[Any]]
    failures: tuple[tuple[str, str], ...] = ()
    decisions: NDArray[np.float64] | None = None
    unmatched: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_fields(self, EvaluationError)
        scores: Any = self.scores
        if not isinstance(scores, np.ndarray) or scores.dtype.kind != "f":
            scores = matrix(scores, self.labels, "scores", EvaluationError)
            object.__setattr__(self, "scores", scores)
        if self.decisions is not None:
            decisions = matrix(self.decisions, self.labels, "decisions", EvaluationError)
            if decisions.shape != scores.shape:
                raise EvaluationError(
                    f"decisions must have the shape of the scores, {scores.shape}; got {decisions.shape}"
                )
            object.__setattr__(self, "decisions", decisions)
        if scores.shape != (shape := (len(self.images), len(self.labels))):
            raise EvaluationError(
                f"scores must have shape {shape}, one row an image and one column a label, got "
                f"{scores.shape}"
            )

    def take(self, rows: Sequence[int] | NDArray[np.integer[Any]]) -> "Predictions":
        """Return the predictions of some images, by their place, in this order."""
        order = np.asarray(rows, np.intp)
        return replace(
            self,
            images=tuple(self.images[i] for i in order),
            scores=self.scores[order],
            decisions=None if self.decisions is None else self.decisions[order],
        )

    def to_csv(self, path: str | PathLike[str] | None = None) -> str:
        """Return the table that `read_predictions` reads, written to ``path`` when given.

        Columns are ``image``, ``prob_LABEL`` for each label and, where something was decided,
        ``yes_LABEL``: 1, 0, or blank for a label without a threshold.
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        labels = [visible(label) for label in self.labels]
        decided = [] if self.decisions is None else [f"yes_{label}" for label in labels]
        writer.writerow(["image", *(f"{_PREFIX}{label}" for label in labels), *decided])
        for image, scores, yes in zip(self.images, self.scores, self._decided(), strict=True):
            cells = ["" if one is None else one for one in yes]
            writer.writerow([for_csv(image), *(f"{score:.7g}" for score in scores), *cells])
        if path is not None:
            write_whole(path, text.getvalue())
        return text.getvalue()

    def as_dict(self) -> dict[str, Any]:
        """Return everything as lists and dictionaries of JSON, with None for an undecided label."""
        rows: list[dict[str, Any]] = [
            {"image": image, "scores": [round(float(score), 7) for score in scores]}
            for image, scores in zip(self.images, self.scores, strict=True)
        ]
        if self.decisions is not None:
            for row, yes in zip(rows, self._decided(), strict=True):
                row["yes"] = yes
        failures = [{"image": image, "reason": reason} for image, reason in self.failures]
        return {"labels": list(self.labels), "predictions": rows, "failures": failures}

    def _decided(self) -> list[list[int | None]]:
        if self.decisions is None:
            return [[]] * len(self.images)
        return [[None if np.isnan(one) else int(one) for one in row] for row in self.decisions]


def read_predictions(
    path: str | PathLike[str], *, labels: Sequence[str], image_column: str | None = None
) -> Predictions:
    """Read the scores of a CSV, plain or gzipped; images are file names.

    Where file names repeat, as many folders stand before them as tell the images apart.

    Args:
        path: A table with one row an image.
        labels: The labels of the truth. A label's column is called ``prob_LABEL`` or ``LABEL``, in any
            spelling that :func:`cxrzoo.labels.label_key` takes for the same; labels without a column are
            left out, columns that are no label are named in ``unmatched``.
        image_column: The column of image names or paths; None takes the first of the usual names, and
            without any the first column that is no label.

    Raises:
        DataNotFoundError: There is no such file.
        TableError: It has no column of any label, a score is no number, or an image comes twice.
    """
    check_arguments(read_predictions, locals(), EvaluationError)
    found = read_scores(path, labels=checked_labels(labels), image_column=image_column)
    return replace(found, images=tuple(image_names(found.images)))


def read_scores(
    path: str | PathLike[str], *, labels: Sequence[str], image_column: str | None = None
) -> Predictions:
    """Read what :func:`read_predictions` does, with images named as the table has them."""
    table = Path(path)
    header = read_header(table)
    column_of = score_columns(labels, header, table)
    if not column_of:
        raise TableError(
            f"{table} has scores for none of the labels {', '.join(labels)}: expected columns such as "
            f"'{_PREFIX}{labels[0]}' or {labels[0]!r}, got {', '.join(map(repr, header[:20]))}"
        )
    names = image_column or _image_column(table, header, set(column_of.values()))
    used = {names, *column_of.values()}
    unmatched = tuple(
        column
        for column in filter(None, header)
        if column not in used and not column.startswith("yes_")
    )
    columns = read_columns(table, [names, *column_of.values()])
    images = tuple(columns[names])
    _refuse_twice(table, images)
    scores = [_numbers(table, column, columns[column], images) for column in column_of.values()]
    return Predictions(images, tuple(column_of), np.column_stack(scores), unmatched=unmatched)


def base_name(path: str) -> str:
    """Return the file name of a path of any system."""
    return image_key(path, 1)


def score_columns(labels: Sequence[str], header: Sequence[str], table: Path) -> dict[str, str]:
    """Return the column of each label that has one: ``prob_LABEL``, else ``LABEL``.

    Raises:
        TableError: Two columns are one label's.
    """
    prefixed = {
        column.removeprefix(_PREFIX): column for column in header if column.startswith(_PREFIX)
    }
    plain = [column for column in header if not column.startswith((_PREFIX, "yes_"))]
    found = match_labels(labels, prefixed, where=str(table), error=TableError)
    others = match_labels(
        [label for label in labels if label not in found], plain, where=str(table), error=TableError
    )
    columns = {label: prefixed[name] for label, name in found.items()} | others
    return {label: columns[label] for label in labels if label in columns}


def _image_column(table: Path, header: Sequence[str], of_labels: set[str]) -> str:
    usual = [name for name in IMAGE_COLUMNS if name in header]
    others = [name for name in header if name not in of_labels]
    if not (usual or others):
        raise TableError(
            f"{table} has no column of image names beside {', '.join(sorted(of_labels))}"
        )
    return (usual or others)[0]


def _numbers(
    table: Path, column: str, cells: Sequence[str], images: Sequence[str]
) -> NDArray[np.float64]:
    scores = each_once(cells, number)
    if None in scores:
        row = scores.index(None)
        raise TableError(
            f"{table}, column {column!r}: expected a number for {images[row]!r}, got {shown(cells[row])}"
        )
    return np.array(scores, np.float64)


def _refuse_twice(table: Path, images: Sequence[str]) -> None:
    if twice := named_before(images):
        raise TableError(
            f"{table}: {len(twice):,} of {len(images):,} rows name an image that came before, "
            f"e.g. {first_names(image_names(twice))}; one row an image is expected"
        )


def first_names(names: Sequence[str]) -> str:
    """Return a few of these names for a message."""
    return ", ".join(names[:3])
