"""Scores of named images: what a model gave, what a CSV has, and as a CSV again."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.csv_table import read_columns, read_header
from cxrzoo.data.image_names import image_key, image_names, named_before
from cxrzoo.data.tables import IMAGE_COLUMNS
from cxrzoo.errors import TableError
from cxrzoo.files import write_whole
from cxrzoo.lazy import renamed_fields


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
    """

    images: tuple[str, ...]
    labels: tuple[str, ...]
    scores: NDArray[np.floating[Any]]
    failures: tuple[tuple[str, str], ...] = ()
    decisions: NDArray[np.float64] | None = None

    def to_csv(self, path: str | PathLike[str] | None = None) -> str:
        """Return the table that `read_predictions` reads, written to ``path`` when given.

        Columns are ``image``, ``prob_LABEL`` for each label and, where something was decided,
        ``yes_LABEL``: 1, 0, or blank for a label without a threshold.
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        decided = [] if self.decisions is None else [f"yes_{label}" for label in self.labels]
        writer.writerow(["image", *(f"prob_{label}" for label in self.labels), *decided])
        for image, scores, yes in zip(self.images, self.scores, self._decided(), strict=True):
            cells = ["" if one is None else one for one in yes]
            writer.writerow([image, *(f"{score:.7g}" for score in scores), *cells])
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
        labels: The labels of the truth. A label's column is called ``prob_LABEL`` or ``LABEL``, blanks
            written as they are or as ``_``; labels without a column are left out.
        image_column: The column of image names or paths; None takes the first of the usual names, and
            without any the first column that is no label.

    Raises:
        DataNotFoundError: There is no such file.
        TableError: It has no column of any label, a score is no number, or an image comes twice.
    """
    found = read_scores(path, labels=labels, image_column=image_column)
    return replace(found, images=tuple(image_names(found.images)))


def read_scores(
    path: str | PathLike[str], *, labels: Sequence[str], image_column: str | None = None
) -> Predictions:
    """Read what :func:`read_predictions` does, with images named as the table has them."""
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
    images = tuple(columns[names])
    _refuse_twice(table, images)
    scores = [_numbers(table, column, columns[column], images) for column in column_of.values()]
    return Predictions(images, tuple(column_of), np.column_stack(scores))


def base_name(path: str) -> str:
    """Return the file name of a path of any system."""
    return image_key(path, 1)


def _label_column(label: str, header: Sequence[str]) -> str | None:
    spellings = (label, label.replace(" ", "_"))
    wanted = [f"{prefix}{name}" for prefix in ("prob_", "") for name in spellings]
    return next((column for column in wanted if column in header), None)


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
    if twice := named_before(images):
        raise TableError(
            f"{table}: {len(twice):,} of {len(images):,} rows name an image that came before, "
            f"e.g. {first_names(image_names(twice))}; one row an image is expected"
        )


def first_names(names: Sequence[str]) -> str:
    """Return a few of these names for a message."""
    return ", ".join(names[:3])
