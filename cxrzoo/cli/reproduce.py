"""``cxrzoo reproduce``: the paper's rows on a data set, with ours beside them."""

from pathlib import Path
from typing import Any

import click

from cxrzoo.cli.keras_quietly import import_keras
from cxrzoo.cli.options import DataArguments, data_options
from cxrzoo.cli.terminal import say


@click.command()
@data_options()
@click.option("--rows", metavar="A,B,…", help="Rows of the paper; default: all five.")
@click.option("--seeds", default="0,1,2", metavar="A,B,…", help="Seeds.")
@click.option(
    "--backbone",
    "--trunk",  # its name before
    "backbone",
    default="imagenet",
    metavar="WHAT",
    help="What the MobileNet rows start from: imagenet, FILE.safetensors, a saved model, nih-mini, none.",
)
@click.option("--image-size", default=224, help="Side of the input in pixels.")
@click.option("--cache", metavar="DIR", help="Decode the images once, into DIR; see cxrzoo pack.")
@click.option("--output", required=True, metavar="DIR", help="Directory of the runs and the table.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    *,
    source: DataArguments,
    rows: str | None,
    seeds: str,
    output: str,
    as_json: bool,
    **options: Any,
) -> None:
    """Train the paper's rows, exactly as it says, and print its table with ours beside it.

    What was stopped goes on when the same command is given again; finished rows are not trained again.
    """
    try:
        chosen = [int(seed) for seed in seeds.split(",")]
    except ValueError:
        raise click.UsageError(
            f"--seeds takes whole numbers, as 0,1,2; received {seeds}."
        ) from None
    parts = source.part(source.read())
    import_keras()
    from cxrzoo.training import PAPER_ROWS, reproduce_paper

    result = reproduce_paper(
        parts,
        Path(output),
        rows=PAPER_ROWS if rows is None else [row.strip() for row in rows.split(",")],
        seeds=chosen,
        **options,
    )
    say(result.to_json() if as_json else result.to_markdown(), nl=False)
