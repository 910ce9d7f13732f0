"""How far a long piece of work is: a bar on a terminal, on standard error, and nothing elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def progress_bar(unit: str, console: Console) -> Progress:
    """Return a bar that counts in a unit, with the time that is left."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(f"{unit},"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


@contextmanager
def bar(what: str, images: int) -> Iterator[Callable[[int], None]]:
    """Give a function that takes how many of the images are done; the bar goes to standard error."""
    with progress_bar("images", Console(stderr=True)) as progress:
        task = progress.add_task(what, total=images)
        yield lambda done: progress.update(task, completed=done)
