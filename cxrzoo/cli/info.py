"""``cxrzoo info``: what a model is."""

import json
from pathlib import Path

import click

from cxrzoo.cli.keras_quietly import import_keras
from cxrzoo.store import config_to_json, open_artifact
from cxrzoo.store.catalog import catalog

__all__ = ["command"]


@click.command()
@click.argument("model")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(model: str, *, as_json: bool) -> None:
    """Describe a MODEL: a builder, a release, hf://org/name, or the directory of a saved model."""
    if Path(model).is_dir() or model in catalog() or model.startswith("hf://"):
        description = config_to_json(open_artifact(model).config)
    else:
        import_keras()
        from cxrzoo.models import entry  # noqa: PLC0415 - after Keras was asked to be quiet

        item = entry(model)
        description = {
            "builder": item.name,
            "summary": item.summary,
            "parameters": item.count_parameters(item.defaults, len(item.defaults["labels"])),
            "arguments": {
                name: list(value) if isinstance(value, tuple) else value
                for name, value in item.defaults.items()
            },
        }
    if as_json:
        click.echo(json.dumps(description, indent=2))
        return
    lines = _lines(description)
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        click.echo(f"{name:<{width}}  {value}")


def _lines(description: dict[str, object], prefix: str = "") -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    for name, value in description.items():
        if isinstance(value, dict):
            lines.extend(_lines(value, f"{prefix}{name}."))
        elif isinstance(value, list):
            lines.append((prefix + name, ", ".join(map(str, value))))
        elif value is not None:
            lines.append((prefix + name, str(value)))
    return lines
