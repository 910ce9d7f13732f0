"""Work of several contenders timed in turn, so that what else the machine does falls on all of them.

In every round each contender works once, in an order that turns about: A B, B A, A B. A contender is what
works in round ``number`` and gives its cost; :func:`timed` makes one of a function of this process,
:func:`command` of a whole process, :meth:`Worker.turn` of something that a process of its own holds.
"""

import gc
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar


class Cost(NamedTuple):
    """Wall seconds, and processor seconds of all threads and of processes that ended meanwhile."""

    wall: float
    processor: float


Contender = Callable[[int], Cost]
T = TypeVar("T")


def take_turns(contenders: Mapping[str, Callable[[int], T]], rounds: int) -> dict[str, list[T]]:
    """Return what each contender gives in each round: its cost."""
    costs: dict[str, list[T]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name in list(contenders)[:: -1 if number % 2 else 1]:
            costs[name].append(contenders[name](number))
    return costs


def timed(work: Callable[[int], Any]) -> Contender:
    def turn(number: int) -> Cost:
        gc.collect()  # what others left is not this one's cost
        wall, processor = time.perf_counter(), processor_seconds()
        work(number)
        return Cost(time.perf_counter() - wall, processor_seconds() - processor)

    return turn


def command(words: Sequence[str], environment: Mapping[str, str] | None = None) -> Contender:
    return timed(
        lambda _: subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=environment)
    )


def each(n: float, contender: Contender) -> Contender:
    """Return the cost of one unit of work, of which a turn does ``n``."""

    def turn(number: int) -> Cost:
        wall, processor = contender(number)
        return Cost(wall / n, processor / n)

    return turn


class Worker:
    """A process that calls :func:`serve`; it is ready when this returns."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self._hear()

    def turn(self, name: str) -> Contender:
        def work(number: int) -> Cost:
            print(name, number, file=self.process.stdin, flush=True)
            return Cost(*map(float, self._hear().split()))

        return work

    def end(self) -> None:
        self.process.communicate()

    def _hear(self) -> str:
        line = self.process.stdout.readline()
        if not line:
            self.end()
            raise SystemExit(f"{self.process.args} ended with status {self.process.returncode}")
        return line


def serve(works: Mapping[str, Callable[[int], Any]]) -> None:
    """Do the work that each line of standard input names, and print what it cost."""
    answers, sys.stdout = sys.stdout, sys.stderr  # libraries print too
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        name, number = line.rsplit(maxsplit=1)
        print(*timed(works[name])(int(number)), file=answers, flush=True)


def rows_of_round(number: int, size: int, n: int) -> slice:
    """Other rows in every round, so that none is in a cache only because of the round before."""
    start = number * size % max(1, n - size)
    return slice(start, start + size)


def linked(originals: Sequence[Path], folder: Path, n: int) -> list[Path]:
    """Link originals under new names into a new folder, one after the other until there are ``n``."""
    folder.mkdir()
    paths = [folder / f"{i:06d}_{originals[i % len(originals)].name}" for i in range(n)]
    for i, path in enumerate(paths):
        path.symlink_to(originals[i % len(originals)].resolve())
    return paths


def peak_mib() -> float:
    """Return the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
