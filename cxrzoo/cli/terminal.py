"""What commands print: lines in which nothing of a stranger's acts on the terminal."""

import click

from cxrzoo.text import for_terminal, visible, without_secrets


def say(text: object = "", *, err: bool = False, nl: bool = True) -> None:
    """Print lines, on standard error if ``err``, with what cannot be seen spelled out."""
    click.echo(for_terminal(str(text)), err=err, nl=nl)


def one_line(text: str) -> str:
    """Return a message in one line, without passwords and with what cannot be seen spelled out."""
    return visible(without_secrets(" ".join(text.split())))
