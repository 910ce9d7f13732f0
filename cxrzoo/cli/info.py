"""``cxrzoo info``: what a model is."""

import json
from pathlib import Path

import click

from cxrzoo.cli.list import builder_as_json
from cxrzoo.cli.terminal import say
from cxrzoo.zoo import ListedBuilder, listed_builder, listed_builders


@click.command()
@click.argument("model")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(model: str, *, as_json: bool) -> None:
    """Describe a MODEL: a builder, a release, hf://org/name, or the directory of a saved model."""
    found: dict[str, object] = {}
    builder = None
    if model in listed_builders() and not Path(model).is_dir():
        builder = listed_builder(model)
        description = _of_builder(builder)
    else:
        description, found = _of_weights(model)
    if as_json:
        if builder is not None:
            listed = builder.arguments.items()
            description["arguments_may_be"] = {name: one.expected for name, one in listed}
        say(json.dumps(description, indent=2))
        return
    lines = [line for line in _lines(description) if line[0] != "lineage.trained_on"]
    lines += _lines(found)
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        say(f"{name:<{width}}  {value}")
    if builder is not None:
        say("\nwhat the arguments may be:")
        for name, argument in builder.arguments.items():
            say(f"  {name}: {argument.expected}. {argument.doc.replace('``', '')}")


def _of_builder(builder: ListedBuilder) -> dict[str, object]:
    numbers = builder_as_json(builder)
    return {
        "builder": numbers.pop("name"),
        **numbers,
        "arguments": {name: one.default for name, one in builder.arguments.items()},
        "feature_maps": {f"stride {maps.stride}": maps.place for maps in builder.feature_maps},
    }


def _of_weights(model: str) -> tuple[dict[str, object], dict[str, object]]:
    """Return the description of a published or saved model, and what else is known of its files."""
    from cxrzoo.pretrained import config_to_json, open_artifact
    from cxrzoo.pretrained.catalog import catalog

    if not (Path(model).is_dir() or model in catalog() or model.startswith("hf://")):
        listed_builder(model)  # says that there is none
    artifact = open_artifact(model)
    sets = artifact.config.lineage.trained_on
    return config_to_json(artifact.config), {
        "trained_on": ", ".join(f"{len(one):,} patients, hashed" for one in sets) or None,
        "files": list(artifact.files),
        "commit": artifact.commit,
    }


def _lines(description: dict[str, object], prefix: str = "") -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    for name, value in description.items():
        if isinstance(value, dict):
            lines.extend(_lines(value, f"{prefix}{name}."))
        elif isinstance(value, list) and value:
            lines.append((prefix + name, ", ".join(map(str, value))))
        elif value not in (None, []) or prefix == "arguments.":
            lines.append((prefix + name, str(value)))
    return lines
