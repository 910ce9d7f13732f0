"""``cxrzoo pack``: the images of a data set, decoded once."""

import json
from typing import Any

import click

from cxrzoo.cli.options import DataArguments, data_options, on_error_option
from cxrzoo.cli.terminal import say
from cxrzoo.data import pack
from cxrzoo.data.packs.mapped import QUARANTINE
from cxrzoo.images.spec import ASPECTS


@click.command()
@data_options(split=False)
@click.option("--output", "-o", required=True, metavar="DIR", help="Directory of the pack.")
@click.option("--image-size", type=click.IntRange(1), default=224, help="Side in pixels.")
@click.option(
    "--aspect",
    type=click.Choice(ASPECTS),
    default="stretch",
    help="What becomes of an image that is not square.",
)
@click.option("--workers", type=click.IntRange(1), help="Threads that decode; default: processors.")
@on_error_option
@click.option("--verify", is_flag=True, help="Read the finished pack and compare its hashes.")
@click.option("--json", "as_json", is_flag=True, help="Print what the pack is as JSON.")
def command(
    *, source: DataArguments, output: str, verify: bool, as_json: bool, **options: Any
) -> int:
    """Decode and resize every image once, into DIR; what was stopped goes on where it was.

    cxrzoo train --cache DIR and records.dataset(cache=DIR) then read from there.
    """
    packed = pack(source.read(), output, **options)
    if verify:
        packed.verify()
    index = packed.index
    unreadable = len(index.unreadable)
    if as_json:
        description = {
            "directory": str(packed.directory),
            "images": len(packed),
            "unreadable": unreadable,
            "height": index.height,
            "width": index.width,
            "aspect": index.aspect,
            "fingerprint": index.fingerprint,
            "verified": verify,
        }
        say(json.dumps(description, indent=2))
    else:
        checked = ", all hashes right" if verify else ""
        say(
            f"{packed.directory}: {len(packed):,} images of {index.height} x {index.width}{checked}."
        )
    if unreadable:
        say(
            f"{unreadable:,} images could not be read; {packed.directory / QUARANTINE} lists them.",
            err=True,
        )
    return 1 if unreadable else 0
