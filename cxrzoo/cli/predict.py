"""``cxrzoo predict``: scores for image files."""

import json
import os
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
import numpy as np
from typing_extensions import override

from cxrzoo.cli.keras_quietly import import_keras
from cxrzoo.cli.options import model_option, on_error_option, refuse
from cxrzoo.cli.terminal import say
from cxrzoo.files import write_whole

if TYPE_CHECKING:
    import keras

    from cxrzoo.evaluation import Predictions
    from cxrzoo.images import ImageProblem
    from cxrzoo.inference import Scorer


def _now(new: str) -> Any:
    """Return a callback of an option that goes by another name now, and is taken all the same."""

    def tell(_: click.Context, option: click.Parameter, value: Any) -> Any:
        if value:
            say(f"{option.opts[0]} is now {new}; use the new name.", err=True)
        return value

    return tell


@click.command()
@click.argument("paths", nargs=-1, required=True)
@model_option
@click.option("--output", "-o", metavar="FILE", help="Write all scores to FILE.csv or FILE.json.")
@click.option("--top", type=click.IntRange(1), default=3, help="Labels shown a file.")
@click.option("--batch-size", type=click.IntRange(1), default=32, help="Images at a time.")
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
    help="What computes; auto: openvino if installed, else keras.",
)
@click.option(
    "--flip", is_flag=True, help="Mean over each image and its mirror image; twice the work."
)
@click.option("--mirror", is_flag=True, hidden=True, callback=_now("--flip"))
@click.option("--calibrate", is_flag=True, help="Map scores by the model's own calibration.")
@click.option(
    "--decide", is_flag=True, help="Add yes or no for each label, by the model's own thresholds."
)
@click.option(
    "--check-images", is_flag=True, help="Warn of images that a model should not be shown."
)
@click.option("--gate", is_flag=True, hidden=True, callback=_now("--check-images"))
@click.option("--json", "as_json", is_flag=True, help="Print all scores as JSON.")
def command(
    paths: tuple[str, ...],
    *,
    model: str,
    output: str | None,
    top: int,
    on_error: Literal["stop", "skip"],
    quarantine: str | None,
    engine: Literal["auto", "keras", "openvino"],
    flip: bool,
    mirror: bool,
    check_images: bool,
    gate: bool,
    as_json: bool,
    **options: Any,
) -> int:
    """Score images: PATHS are files, folders or patterns."""
    wrong = []
    if output is not None and Path(output).suffix.lower() not in {".csv", ".json"}:
        wrong.append(f"--output must end in .csv or .json; received {output!r}")
    if quarantine is not None and on_error != "skip":
        wrong.append("--quarantine goes with --on-error skip")
    refuse(*wrong)
    from cxrzoo.data import write_quarantine
    from cxrzoo.images import check_images as find_problems
    from cxrzoo.inference import expand_paths
    from cxrzoo.inference.files import folder_failures
    from cxrzoo.progress import bar

    folders: list[tuple[str, str]] = []
    files = expand_paths(
        paths, on_folder_error=folder_failures(folders) if on_error == "skip" else None
    )
    scorer = _opened(model, engine)
    with bar("scoring", len(files)) as advance_to:
        predictions = scorer.predict(
            files, on_error=on_error, flip=flip or mirror, on_batch=advance_to, **options
        )
    predictions = replace(predictions, failures=(*folders, *predictions.failures))
    _tell_skipped(predictions)
    if quarantine is not None:
        write_quarantine(quarantine, predictions.failures)
    checks = find_problems(predictions.images) if check_images or gate else None
    for check in checks or ():
        say(f"warning: {check}", err=True)
    key = "image_checks" if check_images else "findings"  # the old option keeps its old key
    if output is not None and output.lower().endswith(".csv"):
        predictions.to_csv(output)
    elif output is not None:
        write_whole(output, _as_json(predictions, checks, key))
    if as_json:
        say(_as_json(predictions, checks, key), nl=False)
    else:
        show(predictions, top)
    return 1 if predictions.failures else 0


def _opened(model: str, engine: Literal["auto", "keras", "openvino"]) -> "Scorer":
    """Open a scorer that imports Keras quietly, by OpenVINO's backend where OpenVINO will compute."""
    from cxrzoo.inference import Scorer
    from cxrzoo.inference.choice import engine_here

    class Quiet(Scorer):
        @property
        @override
        def model(self) -> "keras.Model":
            import_keras()  # while the first images are being decoded
            return super().model

    if backend := engine_here(engine).backend:
        os.environ["KERAS_BACKEND"] = backend
    return Quiet(model, engine)


def _as_json(predictions: "Predictions", checks: "list[ImageProblem] | None", key: str) -> str:
    content = predictions.as_dict()
    if checks is not None:
        content[key] = [asdict(check) for check in checks]
    return json.dumps(content, indent=2) + "\n"


def _tell_skipped(predictions: "Predictions") -> None:
    for _, reason in predictions.failures:
        say(f"skipped: {' '.join(reason.split())}", err=True)
    if skipped := len(predictions.failures):
        say(f"{skipped:,} of {skipped + len(predictions.images):,} files skipped", err=True)


def show(predictions: "Predictions", top: int) -> None:
    """Print the highest labels of each image, a line an image; '+' marks those decided yes."""
    labels = predictions.labels
    best = np.argsort(-predictions.scores, axis=1, kind="stable")[:, :top]
    wide = max((len(image) for image in predictions.images), default=5)
    cell = max(map(len, labels)) + 7  # a space, 0.123 and a mark
    none = np.zeros_like(predictions.scores)
    marks = np.where(
        (none if predictions.decisions is None else predictions.decisions) == 1, "+", ""
    )
    lines = (
        (image, *(f"{labels[i]} {row[i]:.3f}{mark[i]}" for i in places))
        for image, row, mark, places in zip(
            predictions.images, predictions.scores, marks, best, strict=True
        )
    )
    header = ("image", *(f"#{place + 1}" for place in range(best.shape[1])))
    for image, *cells in chain([header], lines):
        say("  ".join([image.ljust(wide), *(text.ljust(cell) for text in cells)]).rstrip())
