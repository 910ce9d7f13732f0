"""How far a long piece of work is: a bar on a terminal, on standard error, and nothing elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

__all__ = ["counting", "progress_bar"]


def progress_bar(unit: str, console: Console) -> Progress:
    """Return a bar that counts in a unit, with the time that has gone and the time that is left."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(f"{unit},"),
        TimeElapsedColumn(),
        TextColumn("gone,"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


@contextmanager
def counting(what: str, total: int, unit: str = "images") -> Iterator[Callable[[int], None]]:
    """Show a bar while the context lasts; the function that it gives takes how many more are done."""
    with progress_bar(unit, Console(stderr=True)) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)
