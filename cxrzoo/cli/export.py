"""``cxrzoo export``: a model as a file of another runtime."""

import json
from dataclasses import asdict

import click

from cxrzoo.cli.keras_quietly import import_keras, quietly
from cxrzoo.cli.terminal import say


@click.command()
@click.argument("model")
@click.option(
    "--format",
    "form",
    type=click.Choice(["onnx", "openvino", "litert", "tf_saved_model"]),
    required=True,
    help="What to write.",
)
@click.option(
    "--output",
    "-o",
    required=True,
    metavar="PATH",
    help="PATH.onnx, PATH.xml (openvino), PATH.tflite (litert), or a directory (tf_saved_model).",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(model: str, *, form: str, output: str, as_json: bool) -> None:
    """Export MODEL, a release, hf://org/name or a directory, for another runtime.

    The format's own runtime computes the model's golden vectors before anything is written to PATH.
    """
    import_keras()
    from cxrzoo.export import export_pretrained

    with quietly():
        exported = export_pretrained(model, output, format=form)
    if as_json:
        say(json.dumps(asdict(exported), indent=2, default=str))  # of paths
    else:
        say(f"{exported}.\nlabels: {exported.labels}")
