"""The program ``cxrzoo``: its commands by name, and how it fails."""

import os
import sys
import warnings
from importlib import import_module
from typing import IO, Any, Final, NoReturn

import click
from typing_extensions import override

import cxrzoo
from cxrzoo.cli.messages import in_command
from cxrzoo.errors import CxrZooError, CxrZooWarning

_COMMANDS: Final = (
    "quickstart", "list", "info", "train", "reproduce", "evaluate", "predict", "pack", "push", "pull",
    "convert", "export", "selfcheck",
)  # fmt: skip
_GIVEN: Final = "cxrzoo.given"
"""Where a context keeps the words that the program was started with."""


class _Refused(click.ClickException):
    """What the library refused, as one line in the words of the command line."""

    exit_code = 2

    @override
    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"error: {self.message}", err=True)


class _Commands(click.Group):
    """Imports a command when it is named; no command imports Keras before it runs."""

    @override
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_GIVEN] = list(args)
        return super().parse_args(ctx, args)

    @override
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # who reads has read enough; click ends quietly
            raise
        except (
            CxrZooError,
            OSError,
        ) as error:  # OSError: a full disk, a file that may not be written
            command = self.get_command(ctx, ctx.invoked_subcommand or "")
            raise _Refused(in_command(error, command, ctx.meta[_GIVEN])) from error

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
    warnings.simplefilter("always", CxrZooWarning)
    warnings.showwarning = _show_warning
    try:
        status = program.main(args=arguments, prog_name="cxrzoo", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("stopped.", err=True)
        sys.exit(130)
    sys.exit(status if isinstance(status, int) else 0)


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    if issubclass(category, CxrZooWarning):
        running = click.get_current_context(silent=True)
        text = in_command(message, None if running is None else running.command)
        click.echo(f"warning: {text}", err=True)
