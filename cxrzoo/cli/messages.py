"""What the library says, as a command says it: ``--missing drop`` for ``missing='drop'``."""

import ast
import re
import shlex
from collections.abc import Sequence
from typing import Final

import click

from cxrzoo.errors import Mark, rendered

_LONGEST_COMMAND: Final = 400

_OPTIONS: Final = {"input_shape": "image_size", "weights": "backbone"}
"""Options by the argument that they are, where the two are called otherwise."""


def in_command(
    message: BaseException | str, command: click.Command | None, given: Sequence[str] = ()
) -> str:
    """Return a message on one line, with the options of a command for arguments of functions.

    Args:
        message: an exception, of which the marked message is taken if it has one, or a text.
        command: the command that is running; None if none is known.
        given: the program's arguments. If what the message advises first is said in full, the whole
            command that would then run is put at its end.
    """
    options = _options(command)
    advice: list[list[str]] = []

    def say(mark: Mark) -> str:
        option = options.get(mark.name) or options.get(_OPTIONS.get(mark.name, ""))
        if option is None:
            return mark.command
        words = _words(option, mark.value)
        if mark.value:
            advice.append(words)
        return " ".join(word if _to_be_named(word) else shlex.quote(word) for word in words)

    text = " ".join(rendered(str(getattr(message, "marked", message)), say).split())
    if command is None or not given or not advice or any(map(_to_be_named, advice[0])):
        return text
    whole = _with(given, advice[0], command)
    return f"{text.rstrip('.')}. Try: {whole}" if len(whole) <= _LONGEST_COMMAND else text


def _options(command: click.Command | None) -> dict[str, click.Option]:
    parameters = command.params if command is not None else ()
    return {one.name: one for one in parameters if isinstance(one, click.Option) and one.name}


def _words(option: click.Option, value: str) -> list[str]:
    """Return an option with a value that is written as in Python; alone without one."""
    if option.is_flag or not value:
        return [_long(option)]
    if value in {"...", "[...]"}:
        return [_long(option), option.metavar or "VALUE"]
    read = ast.literal_eval(value)
    return [_long(option), "none" if read is None else str(read)]


def _long(option: click.Option) -> str:
    return next((name for name in option.opts if name.startswith("--")), option.opts[0])


def _to_be_named(word: str) -> bool:
    """Return True for what the caller has to fill in, such as NAME and A,B,…."""
    return bool(re.fullmatch(r"[A-Z][A-Z=,|…]*", word))


def _with(given: Sequence[str], words: list[str], command: click.Command) -> str:
    """Return the command line with these words, in the place of the same option if it is there."""
    option = next(
        (
            one
            for one in command.params
            if isinstance(one, click.Option) and words[0] in {*one.opts, *one.secondary_opts}
        ),
        None,
    )
    kept: list[str] = []
    rest = iter(given)
    for word in rest:
        name = word.partition("=")[0]
        if option is None or option.multiple or name not in option.opts:
            kept.append(word)
        elif "=" not in word and not option.is_flag:
            next(rest, None)
    end = kept.index("--") if "--" in kept else len(kept)
    return shlex.join(["cxrzoo", *kept[:end], *words, *kept[end:]])
