"""``cxrzoo list``: the zoo's models, its weights, and the data sets that it reads."""

import fnmatch
import json
from typing import Any

import click

from cxrzoo.cli.keras_quietly import import_keras
from cxrzoo.cli.terminal import say
from cxrzoo.data import SETS
from cxrzoo.pretrained.catalog import catalog
from cxrzoo.strict_json import to_plain


@click.command()
@click.argument("pattern", default="*")
@click.option("--pretrained", is_flag=True, help="List published weights instead of builders.")
@click.option("--datasets", is_flag=True, help="List public data sets instead of builders.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(pattern: str, *, pretrained: bool, datasets: bool, as_json: bool) -> None:
    """List the zoo's models, weights or data sets that match a shell PATTERN."""
    if pretrained and datasets:
        raise click.UsageError("name one of --pretrained and --datasets.")
    listing = _list_releases if pretrained else _list_sets if datasets else _list_builders
    listing(pattern, as_json=as_json)


def _list_sets(pattern: str, *, as_json: bool) -> None:
    rows: list[dict[str, Any]] = [
        {
            **{
                field: getattr(SETS[name], field)
                for field in ("name", "title", "images", "patients")
            },
            "options": {key: list(one.values) for key, one in SETS[name].options.items()},
            **{field: getattr(SETS[name], field) for field in ("split", "holds", "terms", "link")},
        }
        for name in sorted(fnmatch.filter(SETS, pattern))
    ]
    if as_json:
        say(json.dumps(rows, indent=2))
        return
    for row in rows:
        options = (f"{name}={'|'.join(values)}" for name, values in row["options"].items())
        say(
            f"{row['name']}  {row['title']}, {row['images']:,} images, split {row['split']}\n"
            f"  {row['holds'].replace('`', '')}\n"
            f"  {', '.join(options) or 'no options'}\n"
            f"  {row['terms']}: {row['link']}"
        )


def _list_releases(pattern: str, *, as_json: bool) -> None:
    releases = [catalog()[name] for name in sorted(fnmatch.filter(catalog(), pattern))]
    if as_json:
        say(json.dumps(to_plain(releases), indent=2))
        return
    for release in releases:
        low, high = release.macro_auc_interval
        say(
            f"{release.name}  {release.builder}  {release.size / 1e6:.1f} MB  {release.licence}\n"
            f"  {release.data}\n"
            f"  macro AUC {release.macro_auc:.3f} (95 % {low:.3f}-{high:.3f}) on {release.split}\n"
            f"  from {release.repository or 'this package'}"
        )


def _list_builders(pattern: str, *, as_json: bool) -> None:
    import_keras()
    from rich.console import Console
    from rich.table import Table

    from cxrzoo.models import entry, list_models, parameters

    rows: list[dict[str, Any]] = [
        {
            "name": item.name,
            "parameters": parameters(item),
            "input_shape": list(item.defaults["input_shape"]),
            "summary": item.summary,
        }
        for item in map(entry, list_models(pattern))
    ]
    if as_json:
        say(json.dumps(rows, indent=2))
        return
    table = Table("name", "parameters", "input", "what", box=None)
    for row in rows:
        shape = " x ".join(map(str, row["input_shape"]))
        table.add_row(row["name"], f"{row['parameters']:,}", shape, row["summary"])
    Console().print(table)
