"""``cxrzoo list``: the zoo's models, its weights, and the data sets that it reads."""

import fnmatch
import json
from typing import Any, Final

import click

from cxrzoo.cli.terminal import say
from cxrzoo.strict_json import to_plain
from cxrzoo.zoo import ListedBuilder, listed_builders

_WIDE: Final = 120
"""Columns of a terminal on which sentences have room beside the numbers."""


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
    from cxrzoo.data import SETS

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
    from cxrzoo.pretrained.catalog import catalog

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
    known = listed_builders()
    rows = [known[name] for name in fnmatch.filter(known, pattern)]
    if as_json:
        say(json.dumps([builder_as_json(row) for row in rows], indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    wide = console.width >= _WIDE
    titles = ("name", "parameters", "MACs", "input", "last maps", "ImageNet")
    table = Table(box=None)
    for title in titles:
        right = title in {"parameters", "MACs"}
        table.add_column(title, no_wrap=True, justify="right" if right else "left")
    if wide:
        table.add_column("what")
    for row in rows:
        cells = (
            row.name,
            f"{row.parameters:,}",
            f"{row.multiply_adds / 1e6:,.0f} M",
            _sides(row.input_shape),
            _sides(row.feature_maps[-1].size),
            "yes" if row.imagenet else "",
        )
        table.add_row(*cells, *([row.summary] if wide else []))
    console.print(table)
    if not wide:
        say(
            "MACs: multiply-adds of one image. 'cxrzoo info NAME' says what each is, and so does a "
            "window of 120 columns here."
        )


def _sides(size: tuple[int, ...]) -> str:
    return "x".join(map(str, size))


def builder_as_json(builder: ListedBuilder) -> dict[str, Any]:
    """Return the numbers of a builder under the names that JSON has them by."""
    return {
        "name": builder.name,
        "summary": builder.summary,
        "parameters": builder.parameters,
        "multiply_adds": builder.multiply_adds,
        "input_shape": list(builder.input_shape),
        "feature_map_sizes": {
            f"stride {maps.stride}": list(maps.size) for maps in builder.feature_maps
        },
        "scaling": builder.scaling,
        "imagenet": builder.imagenet,
        "publishers": list(builder.publishers),
        "recipe": builder.recipe,
    }
