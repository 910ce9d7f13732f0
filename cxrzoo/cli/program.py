"""The program ``cxrzoo``: its commands by name, and how it fails."""

import os
import sys
import warnings
from importlib import import_module
from typing import Any, Final, NoReturn

import click
from typing_extensions import override

import cxrzoo
from cxrzoo.errors import CxrZooError, CxrZooWarning

_COMMANDS: Final = (
    "quickstart", "list", "info", "train", "reproduce", "evaluate", "predict", "pack", "push", "pull",
    "convert", "export", "selfcheck",
)  # fmt: skip


class _Commands(click.Group):
    """Imports a command when it is named; no command imports Keras before it runs."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(f"cxrzoo.cli.{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101 - a fact about our own files
        return command

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        commands = {name: self.get_command(ctx, name) for name in _COMMANDS}
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, one.get_short_help_str(limit=200)) for name, one in commands.items() if one]
            )


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "show_default": True}
)
@click.version_option(cxrzoo.__version__, prog_name="cxrzoo")
def program() -> None:
    """Use a Keras 3 model zoo for chest X-rays. Research use only; not a medical device."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the program; bad input ends it with one line on standard error and status 2."""
    # TensorFlow announces itself on standard error unless told not to.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.simplefilter("default", CxrZooWarning)  # not one line for each of a million images
    warnings.showwarning = _show_warning
    try:
        status = program.main(args=arguments, prog_name="cxrzoo", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("stopped.", err=True)
        sys.exit(130)
    except (CxrZooError, OSError) as error:  # OSError: a full disk, a file that may not be written
        click.echo(f"error: {' '.join(str(error).split())}", err=True)
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    if issubclass(category, CxrZooWarning):
        click.echo(f"warning: {' '.join(str(message).split())}", err=True)
