"""``cxrzoo info``: what a model is."""

import json
from pathlib import Path

import click

from cxrzoo.cli.keras_quietly import import_keras
from cxrzoo.cli.terminal import say
from cxrzoo.pretrained import config_to_json, open_artifact
from cxrzoo.pretrained.catalog import catalog
from cxrzoo.strict_json import to_plain


@click.command()
@click.argument("model")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(model: str, *, as_json: bool) -> None:
    """Describe a MODEL: a builder, a release, hf://org/name, or the directory of a saved model."""
    found: dict[str, object] = {}
    if Path(model).is_dir() or model in catalog() or model.startswith("hf://"):
        artifact = open_artifact(model)
        description = config_to_json(artifact.config)
        sets = artifact.config.lineage.trained_on
        found = {
            "trained_on": ", ".join(f"{len(one):,} patients, hashed" for one in sets) or None,
            "files": list(artifact.files),
            "commit": artifact.commit,
        }
    else:
        import_keras()
        from cxrzoo.models import entry, parameters

        item = entry(model)
        description = {
            "builder": item.name,
            "summary": item.summary,
            "parameters": parameters(item),
            "arguments": to_plain(item.defaults),
            "feature_maps": {
                f"stride {stride}": place for stride, place in item.features(item.defaults).items()
            },
        }
    if as_json:
        say(json.dumps(description, indent=2))
        return
    lines = [line for line in _lines(description) if line[0] != "lineage.trained_on"]
    lines += _lines(found)
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        say(f"{name:<{width}}  {value}")


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
