"""``cxrzoo predict``: scores for image files."""

import csv
import io
import json
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
import numpy as np

from cxrzoo.cli.keras_quietly import import_keras
from cxrzoo.cli.options import on_error_option
from cxrzoo.files import write_whole

if TYPE_CHECKING:
    from cxrzoo.data import Finding
    from cxrzoo.inference import Predictions

__all__ = ["command", "show"]


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "--model",
    "-m",
    default="nih-mini",
    show_default=True,
    metavar="MODEL",
    help="A release, hf://org/name, or a directory.",
)
@click.option("--output", "-o", metavar="FILE", help="Write all scores to FILE.csv or FILE.json.")
@click.option(
    "--top", type=click.IntRange(1), default=3, show_default=True, help="Labels shown a file."
)
@click.option(
    "--batch-size", type=click.IntRange(1), default=32, show_default=True, help="Images at a time."
)
@on_error_option
@click.option(
    "--quarantine",
    metavar="FILE",
    help="With --on-error skip: write a CSV of the files that were skipped, and why.",
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "keras", "openvino"]),
    default="auto",
    show_default=True,
    help="What computes; auto: openvino if installed and the files are many, else keras.",
)
@click.option("--gate", is_flag=True, help="Warn of images that a model should not be shown.")
@click.option("--json", "as_json", is_flag=True, help="Print all scores as JSON.")
def command(
    paths: tuple[str, ...],
    *,
    model: str,
    output: str | None,
    top: int,
    batch_size: int,
    on_error: Literal["stop", "skip"],
    quarantine: str | None,
    engine: Literal["auto", "keras", "openvino"],
    gate: bool,
    as_json: bool,
) -> int:
    """Score images: PATHS are files, folders or patterns."""
    if output is not None and Path(output).suffix.lower() not in {".csv", ".json"}:
        raise click.UsageError(f"--output must end in .csv or .json; received {output!r}.")
    if quarantine is not None and on_error != "skip":
        raise click.UsageError("--quarantine goes with --on-error skip.")
    import_keras()
    from cxrzoo.artifacts import from_pretrained  # noqa: PLC0415 - after Keras was asked to be quiet
    from cxrzoo.cli.bar import bar  # noqa: PLC0415
    from cxrzoo.data import inspect, write_quarantine  # noqa: PLC0415
    from cxrzoo.inference import expand_paths, predict_files  # noqa: PLC0415

    files = expand_paths(paths)
    loaded = from_pretrained(model)
    with bar("scoring", len(files)) as advance_to:
        predictions = predict_files(
            loaded,
            files,
            batch_size=batch_size,
            on_error=on_error,
            engine=engine,
            on_batch=advance_to,
        )
    for _, reason in predictions.failures:
        click.echo(f"skipped: {' '.join(reason.split())}", err=True)
    if predictions.failures:
        click.echo(f"{len(predictions.failures):,} of {len(files):,} files skipped", err=True)
    if quarantine is not None:
        write_quarantine(quarantine, predictions.failures)
    findings = inspect(predictions.files) if gate else None
    for finding in findings or ():
        click.echo(f"warning: {finding}", err=True)
    if output is not None:
        write_whole(
            output,
            _as_csv(predictions)
            if output.lower().endswith(".csv")
            else _as_json(predictions, findings),
        )
    if as_json:
        click.echo(_as_json(predictions, findings), nl=False)
    else:
        show(predictions, top)
    return 1 if predictions.failures else 0


def _as_csv(predictions: "Predictions") -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["image", *(f"prob_{label}" for label in predictions.labels)])
    for file, scores in zip(predictions.files, predictions.scores, strict=True):
        writer.writerow([file, *(f"{score:.7g}" for score in scores)])
    return text.getvalue()


def _as_json(predictions: "Predictions", findings: "list[Finding] | None") -> str:
    content: dict[str, Any] = {
        "labels": list(predictions.labels),
        "predictions": [
            {"image": file, "scores": [round(float(score), 7) for score in scores]}
            for file, scores in zip(predictions.files, predictions.scores, strict=True)
        ],
        "failures": [{"image": file, "reason": reason} for file, reason in predictions.failures],
    }
    if findings is not None:
        content["findings"] = [asdict(finding) for finding in findings]
    return json.dumps(content, indent=2) + "\n"


def show(predictions: "Predictions", top: int) -> None:
    """Prints the highest labels of each file, a line a file."""
    labels = predictions.labels
    best = np.argsort(-predictions.scores, axis=1, kind="stable")[:, :top]
    wide = max((len(file) for file in predictions.files), default=5)
    cell = max(map(len, labels)) + 6  # a space and 0.123
    lines = (
        (file, *(f"{labels[i]} {row[i]:.3f}" for i in places))
        for file, row, places in zip(predictions.files, predictions.scores, best, strict=True)
    )
    for file, *cells in chain(
        [("image", *(f"#{place + 1}" for place in range(best.shape[1])))], lines
    ):
        click.echo("  ".join([file.ljust(wide), *(text.ljust(cell) for text in cells)]).rstrip())
