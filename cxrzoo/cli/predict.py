"""``cxrzoo predict``: scores for image files."""

import os
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from cxrzoo.cli.keras_quietly import import_keras
from cxrzoo.cli.options import on_error_option
from cxrzoo.cli.scores import scores_as_json, show, write_scores

if TYPE_CHECKING:
    from cxrzoo.inference import Predictions

__all__ = ["command"]


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
    help="What computes; auto: openvino if installed, else keras.",
)
@click.option(
    "--mirror", is_flag=True, help="Mean over each image and its mirror image; twice the work."
)
@click.option("--calibrate", is_flag=True, help="Map scores by the model's own calibration.")
@click.option(
    "--decide", is_flag=True, help="Add yes or no for each label, by the model's own thresholds."
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
    mirror: bool,
    calibrate: bool,
    decide: bool,
    gate: bool,
    as_json: bool,
) -> int:
    """Score images: PATHS are files, folders or patterns."""
    if output is not None and Path(output).suffix.lower() not in {".csv", ".json"}:
        raise click.UsageError(f"--output must end in .csv or .json; received {output!r}.")
    if quarantine is not None and on_error != "skip":
        raise click.UsageError("--quarantine goes with --on-error skip.")
    from cxrzoo.data import write_quarantine
    from cxrzoo.images import check_images
    from cxrzoo.inference import calibrated, carried, decisions, expand_paths
    from cxrzoo.inference.decoding import decoding
    from cxrzoo.inference.files import predict_batches
    from cxrzoo.pretrained import open_artifact

    files = expand_paths(paths)
    artifact = open_artifact(model)
    config = artifact.config
    # Told before an hour of scoring, not after it.
    if calibrate:
        carried(config, "calibration")
    if decide:
        carried(config, "thresholds")
    with decoding(files, config, batch_size) as batches:
        _choose_backend(engine)
        import_keras()
        from cxrzoo.models import build_artifact
        from cxrzoo.progress import bar

        loaded = build_artifact(artifact)
        with bar("scoring", len(files)) as advance_to:
            predictions = predict_batches(
                loaded,
                batches,
                n=len(files),
                batch_size=batch_size,
                on_error=on_error,
                engine=engine,
                mirror=mirror,
                on_batch=advance_to,
            )
    said = decisions(predictions, config) if decide else None
    if calibrate:
        predictions = calibrated(predictions, config)
    _tell_skipped(predictions)
    if quarantine is not None:
        write_quarantine(quarantine, predictions.failures)
    findings = check_images(predictions.files) if gate else None
    for finding in findings or ():
        click.echo(f"warning: {finding}", err=True)
    if output is not None:
        write_scores(output, predictions, said, findings)
    if as_json:
        click.echo(scores_as_json(predictions, said, findings), nl=False)
    else:
        show(predictions, top, said)
    return 1 if predictions.failures else 0


def _choose_backend(engine: str) -> None:
    """Has Keras build the model on its OpenVINO backend where OpenVINO will compute.

    It is ready before TensorFlow would be imported. A backend that was asked for stays.
    """
    if engine == "keras" or find_spec("openvino") is None or "keras" in sys.modules:
        return
    major, minor = map(int, version("keras").split(".")[:2])
    if (major, minor) >= (3, 13):  # before, it lacks layers
        os.environ.setdefault("KERAS_BACKEND", "openvino")


def _tell_skipped(predictions: "Predictions") -> None:
    for _, reason in predictions.failures:
        click.echo(f"skipped: {' '.join(reason.split())}", err=True)
    if skipped := len(predictions.failures):
        click.echo(f"{skipped:,} of {skipped + len(predictions.files):,} files skipped", err=True)
