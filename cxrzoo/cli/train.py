"""``cxrzoo train``: one run by a recipe."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import click

from cxrzoo.cli.keras_quietly import import_keras
from cxrzoo.cli.options import DataArguments, data_options
from cxrzoo.cli.terminal import say
from cxrzoo.images.spec import ASPECTS


@click.command()
@data_options()
@click.option("--recipe", default="modern", help="Name of a recipe.")
@click.option("--output", required=True, metavar="DIR", help="Directory of the run.")
@click.option("--seed", default=0, help="Seed of the run.")
@click.option(
    "--weights",
    metavar="WHAT",
    help="Start from: none, imagenet, a backbone's FILE.safetensors, or a saved model.",
)
@click.option("--image-size", type=int, help="Side of the input in pixels.")
@click.option("--alpha", type=float, help="Width of MobileNet.")
@click.option("--epochs", type=int, help="Epochs at the most.")
@click.option("--batch-size", type=int, help="Images a step.")
@click.option("--learning-rate", type=float, help="Learning rate at the start.")
@click.option(
    "--aspect", type=click.Choice(ASPECTS), help="What becomes of an image that is not square."
)
@click.option(
    "--precision",
    type=click.Choice(["float32", "mixed_bfloat16", "mixed_float16"]),
    help="Compute in 16 bits where the device is faster so.",
)
@click.option("--cache", metavar="DIR", help="Decode the images once, into DIR; see cxrzoo pack.")
@click.option(
    "--distribute",
    type=click.Choice(["devices", "processes"]),
    help="Train on all devices of this host, or of several processes that run the same command.",
)
@click.option("--allow-leakage", is_flag=True, help="Train although patients stand on both sides.")
@click.option("--no-resume", is_flag=True, help="Refuse a directory that holds this run already.")
@click.option("--json", "as_json", is_flag=True, help="Print the validation report as JSON.")
def command(
    *,
    source: DataArguments,
    recipe: str,
    output: str,
    seed: int,
    weights: str | None,
    alpha: float | None,
    cache: str | None,
    distribute: Literal["devices", "processes"] | None,
    allow_leakage: bool,
    no_resume: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Train a model by a recipe and leave it, measured, in a directory.

    A run that was stopped goes on after its last finished epoch when the same command is given again.
    """
    changes = {name: value for name, value in options.items() if value is not None}
    parts = source.part(source.read())
    import_keras()
    from cxrzoo.training import find_recipe, train

    chosen = find_recipe(recipe)
    if weights is not None:
        changes["weights"] = None if weights == "none" else weights
    if alpha is not None:
        changes["arguments"] = {**chosen.arguments, "alpha": alpha}
    run = train(
        replace(chosen, **changes),
        parts.train,
        parts.validation,
        Path(output),
        resume=not no_resume,
        seed=seed,
        split=parts.name,
        allow_leakage=allow_leakage,
        cache=cache,
        distribute=distribute,
    )
    if as_json:
        say(json.dumps(json.loads(run.report.to_json()), indent=2))
        return
    say(run.report.to_markdown(details=False))
    say(f"The model is in {run.directory / 'model'}.")
