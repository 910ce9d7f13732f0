"""``cxrzoo localise``: how well heat maps meet the boxes of radiologists."""

from typing import Any

import click

from cxrzoo.cli.keras_quietly import import_keras
from cxrzoo.cli.terminal import say
from cxrzoo.files import write_whole
from cxrzoo.heatmaps.methods import METHODS


@click.command()
@click.option(
    "--model", "-m", required=True, metavar="MODEL", help="A release, hf://org/name or a directory."
)
@click.option("--dataset", type=click.Choice(["nih"]), default="nih", help="Whose boxes.")
@click.option(
    "--data",
    required=True,
    metavar="DIR",
    help="Folder of BBox_List_2017.csv and, at any depth, of images.",
)
@click.option(
    "--method", type=click.Choice(list(METHODS)), default="grad-cam", help="How maps are made."
)
@click.option(
    "--threshold", type=float, default=0.5, help="Of boxes: a share of the highest value."
)
@click.option(
    "--bootstrap", "n_bootstrap", type=click.IntRange(0), default=1000, help="Replicates."
)
@click.option("--seed", default=0, help="Seed of the replicates and of random weights.")
@click.option("--batch-size", type=click.IntRange(1), default=8, help="Images at a time.")
@click.option("--output", "-o", metavar="FILE", help="Write all measures to FILE as JSON.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def command(
    *,
    model: str,
    dataset: str,
    data: str,
    output: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Measure how well heat maps meet radiologists' boxes, beside baselines that see no picture."""
    del dataset  # there is one
    from cxrzoo.heatmaps.boxes import nih_boxes

    nih_boxes(data)  # refused before Keras is imported
    import_keras()
    from cxrzoo.heatmaps import localise

    found = localise(model, data, **options)
    if output is not None:
        write_whole(output, found.to_json())
    say(found.to_json() if as_json else found.to_markdown(), nl=False)
