"""``cxrzoo pull``: a published model into a directory."""

import click

from cxrzoo.cli.keras_quietly import import_keras
from cxrzoo.cli.terminal import say


@click.command()
@click.argument("model")
@click.argument("directory")
def command(model: str, directory: str) -> None:
    """Copy MODEL, a release or hf://org/name@revision, into DIRECTORY, loaded and checked.

    The files of a model in DIRECTORY are replaced; what else is in it, such as .git, stays.
    """
    import_keras()
    from cxrzoo.artifacts import pull

    artifact = pull(model, directory)
    commit = f", commit {artifact.commit}" if artifact.commit else ""
    say(f"{directory}: {', '.join(artifact.files)} of {model}{commit}")
