"""Scores of files as a CSV, as JSON and as lines for a person."""

import csv
import io
import json
from dataclasses import asdict
from itertools import chain
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from cxrzoo.files import write_whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cxrzoo.images import ImageProblem
    from cxrzoo.inference import Predictions

__all__ = ["scores_as_json", "show", "write_scores"]


def write_scores(
    output: str,
    predictions: "Predictions",
    said: "NDArray[np.float64] | None",
    findings: "list[ImageProblem] | None",
) -> None:
    """Writes all scores, and what was decided, as the name's ending says: .csv or .json."""
    write_whole(
        output,
        _as_csv(predictions, said)
        if output.lower().endswith(".csv")
        else scores_as_json(predictions, said, findings),
    )


def _as_csv(predictions: "Predictions", said: "NDArray[np.float64] | None") -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    decided = [] if said is None else [f"yes_{label}" for label in predictions.labels]
    writer.writerow(["image", *(f"prob_{label}" for label in predictions.labels), *decided])
    for i, (file, scores) in enumerate(zip(predictions.files, predictions.scores, strict=True)):
        row = [] if said is None else [_yes(value, "") for value in said[i]]
        writer.writerow([file, *(f"{score:.7g}" for score in scores), *row])
    return text.getvalue()


def _yes(value: float, unknown: str | None) -> int | str | None:
    return unknown if np.isnan(value) else int(value)


def scores_as_json(
    predictions: "Predictions",
    said: "NDArray[np.float64] | None",
    findings: "list[ImageProblem] | None",
) -> str:
    """Gives all scores, what was decided, what failed and what the gate found."""
    content: dict[str, Any] = {
        "labels": list(predictions.labels),
        "predictions": [
            {"image": file, "scores": [round(float(score), 7) for score in scores]}
            for file, scores in zip(predictions.files, predictions.scores, strict=True)
        ],
        "failures": [{"image": file, "reason": reason} for file, reason in predictions.failures],
    }
    if said is not None:
        for prediction, row in zip(content["predictions"], said, strict=True):
            prediction["yes"] = [_yes(value, None) for value in row]
    if findings is not None:
        content["findings"] = [asdict(finding) for finding in findings]
    return json.dumps(content, indent=2) + "\n"


def show(predictions: "Predictions", top: int, said: "NDArray[np.float64] | None" = None) -> None:
    """Prints the highest labels of each file, a line a file; '+' marks those decided yes."""
    labels = predictions.labels
    best = np.argsort(-predictions.scores, axis=1, kind="stable")[:, :top]
    wide = max((len(file) for file in predictions.files), default=5)
    cell = max(map(len, labels)) + 7  # a space, 0.123 and a mark
    marks = np.where(np.zeros(predictions.scores.shape) if said is None else said == 1, "+", "")
    lines = (
        (file, *(f"{labels[i]} {row[i]:.3f}{mark[i]}" for i in places))
        for file, row, mark, places in zip(
            predictions.files, predictions.scores, marks, best, strict=True
        )
    )
    for file, *cells in chain(
        [("image", *(f"#{place + 1}" for place in range(best.shape[1])))], lines
    ):
        click.echo("  ".join([file.ljust(wide), *(text.ljust(cell) for text in cells)]).rstrip())
