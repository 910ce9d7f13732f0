"""``cxrzoo push``: a saved model to the Hugging Face Hub."""

import json
from typing import Any

import click

from cxrzoo.cli.keras_quietly import import_keras
from cxrzoo.cli.terminal import say


@click.command()
@click.argument("directory")
@click.argument("repository")
@click.option("--licence", metavar="SPDX", help="Licence of the weights, such as CC-BY-4.0.")
@click.option("--private", is_flag=True, help="Create the repository private.")
@click.option("--revision", metavar="BRANCH", help="Commit to this branch instead of main.")
@click.option("--tag", help="Give the commit this new tag.")
@click.option("--json", "as_json", is_flag=True, help="Print address and catalog entry as JSON.")
def command(directory: str, repository: str, *, as_json: bool, **options: Any) -> None:
    """Publish the model in DIRECTORY as one commit of REPOSITORY, organisation/name.

    The login is that of the Hub's client: HF_TOKEN, or 'hf auth login'.
    """
    import_keras()
    from cxrzoo.artifacts import push_to_hub

    published = push_to_hub(directory, repository, **options)
    entry = None if published.catalog_entry is None else dict(published.catalog_entry)
    if as_json:
        say(json.dumps({"uri": published.uri, "catalog_entry": entry}, indent=2))
        return
    say(published.uri)
    if entry is None:
        say("no catalog entry: the directory has no report.json.", err=True)
    else:
        say(json.dumps(entry, indent=2))
