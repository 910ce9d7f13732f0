"""The program ``cxrzoo``: its commands by name, and how it fails."""

import errno
import os
import sys
import warnings
from contextlib import suppress
from importlib import import_module
from typing import Any, Final, NoReturn

import click
from typing_extensions import override

import cxrzoo
from cxrzoo.errors import CxrZooError, CxrZooWarning

# A full disk, a quota, a limit on files, a medium that is read-only.
_NOT_WRITABLE: Final = {errno.ENOSPC, getattr(errno, "EDQUOT", -1), errno.EFBIG, errno.EROFS}

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
        sys.stdout.flush()  # now, when an error can still be told
    except click.ClickException as error:
        with suppress(OSError):
            error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("stopped.", err=True)
        sys.exit(130)
    except (CxrZooError, OSError) as error:
        _show_error(error)
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)


def _show_error(error: CxrZooError | OSError) -> None:
    """Say on one line what went wrong, also where the output is on the disk that is full."""
    said = str(error)
    if (
        isinstance(error, OSError)
        and not isinstance(error, CxrZooError)
        and error.errno in _NOT_WRITABLE
    ):
        said = (
            f"{error.filename or 'the output'} cannot be written ({error.strerror}). Nothing "
            "half-written is left: once there is room and leave to write, give the same command again."
        )
    with suppress(OSError):
        click.echo(f"error: {' '.join(said.split())}", err=True)
    with suppress(OSError):
        sys.stdout.flush()
        return
    # What could not be written would be tried again when Python ends, with a trace.
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    if issubclass(category, CxrZooWarning):
        click.echo(f"warning: {' '.join(str(message).split())}", err=True)
