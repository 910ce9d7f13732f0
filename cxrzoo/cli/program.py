"""The program ``cxrzoo``: its commands by name, and how it fails."""

import errno
import os
import sys
import warnings
from contextlib import suppress
from importlib import import_module
from typing import IO, Any, Final, NoReturn

import click
from typing_extensions import override

import cxrzoo
from cxrzoo.cli.messages import in_command
from cxrzoo.cli.terminal import one_line, say
from cxrzoo.errors import CxrZooError, CxrZooWarning

# A full disk, a quota, a limit on files, a medium that is read-only.
_NOT_WRITABLE: Final = {errno.ENOSPC, getattr(errno, "EDQUOT", -1), errno.EFBIG, errno.EROFS}

_COMMANDS: Final = (
    "quickstart", "list", "info", "train", "reproduce", "evaluate", "predict", "explain", "localise",
    "pack", "push", "pull", "convert", "export", "selfcheck",
)  # fmt: skip
_GIVEN: Final = "cxrzoo.given"
"""Where a context keeps the words that the program was started with."""


class _Refused(click.ClickException):
    """What the library refused, as one line in the words of the command line."""

    exit_code = 2

    @override
    def show(self, file: IO[Any] | None = None) -> None:
        say(f"error: {self.message}", err=True)


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
        except (CxrZooError, OSError) as error:
            command = self.get_command(ctx, ctx.invoked_subcommand or "")
            text = _not_writable(error) or in_command(error, command, ctx.meta[_GIVEN])
            raise _Refused(text) from error

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
            _in_one_line(error).show()
        _leave_output()
        sys.exit(error.exit_code)
    except click.Abort:
        say("stopped.", err=True)
        sys.exit(130)
    except OSError as error:  # of what was still to be printed
        with suppress(OSError):
            say(f"error: {_not_writable(error) or one_line(str(error))}", err=True)
        _leave_output()
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)


def _not_writable(error: CxrZooError | OSError) -> str | None:
    """Return what to say of a disk that is full or read-only, or None for another error."""
    ours = isinstance(error, CxrZooError)
    if ours or not isinstance(error, OSError) or error.errno not in _NOT_WRITABLE:
        return None
    return (
        f"{error.filename or 'the output'} cannot be written ({error.strerror}). Nothing "
        "half-written is left: once there is room and leave to write, give the same command again."
    )


def _in_one_line(error: click.ClickException) -> click.ClickException:
    """Return an error whose message, which may quote an argument, acts on no terminal."""
    vars(error)["message"] = one_line(error.message)
    return error


def _leave_output() -> None:
    """Give up what cannot be written: it would be tried again when Python ends, with a trace."""
    with suppress(OSError):
        sys.stdout.flush()
        return
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    if issubclass(category, CxrZooWarning):
        running = click.get_current_context(silent=True)
        text = in_command(message, None if running is None else running.command)
        say(f"warning: {one_line(text)}", err=True)
