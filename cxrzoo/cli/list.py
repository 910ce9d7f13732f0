"""``cxrzoo list``: the zoo's models."""

import json
from typing import Any

import click

from cxrzoo.cli.keras_quietly import import_keras

__all__ = ["command"]


@click.command()
@click.argument("pattern", default="*")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(pattern: str, *, as_json: bool) -> None:
    """List the zoo's models that match a shell PATTERN."""
    import_keras()
    from rich.console import Console  # noqa: PLC0415 - after Keras was asked to be quiet
    from rich.table import Table  # noqa: PLC0415

    from cxrzoo.models import entry, list_models  # noqa: PLC0415

    entries = [entry(name) for name in list_models(pattern)]
    rows: list[dict[str, Any]] = [
        {
            "name": item.name,
            "parameters": item.count_parameters(item.defaults, len(item.defaults["labels"])),
            "input_shape": list(item.defaults["input_shape"]),
            "summary": item.summary,
        }
        for item in entries
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    table = Table("name", "parameters", "input", "what", box=None)
    for row in rows:
        shape = " x ".join(map(str, row["input_shape"]))
        table.add_row(row["name"], f"{row['parameters']:,}", shape, row["summary"])
    Console().print(table)
