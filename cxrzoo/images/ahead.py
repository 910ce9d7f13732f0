"""Work that a pool of threads or processes begins before anybody asks for it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import Any, Generic, TypeVar

_K = TypeVar("_K")
_T = TypeVar("_T")


class Ahead(Iterator[tuple[_K, list[Future[_T]]]], Generic[_K, _T]):
    """Jobs in their order, each begun some time before it is asked for.

    The first begin at once. Whoever goes through them gets each job's key and, for each of its tasks, a
    ``Future`` of the result, which may be in the making. The pool stays its owner's: what is in it when
    nobody wants more is cancelled by shutting it down, or by :meth:`cancel`.

    Args:
        pool: threads or processes.
        work: what a task calls; it goes to the processes with each task.
        jobs: ``(key, tasks)``, where a task is the arguments of one call of ``work``; the next job is
            asked for when it is begun.
        ahead: how many jobs are begun before they are asked for; it can be set anew at any time.
    """

    def __init__(
        self,
        pool: Executor,
        work: Callable[..., _T],
        jobs: Iterable[tuple[_K, Iterable[tuple[Any, ...]]]],
        ahead: int,
    ) -> None:
        self._pool = pool
        self._work = work
        self._jobs = iter(jobs)
        self.ahead = ahead
        self._begun: deque[tuple[_K, list[Future[_T]]]] = deque()
        self._begin(ahead)

    def __next__(self) -> tuple[_K, list[Future[_T]]]:
        self._begin(self.ahead + 1)
        if not self._begun:
            raise StopIteration
        return self._begun.popleft()

    def cancel(self) -> None:
        """Give up what has been begun and not been asked for."""
        for _, futures in self._begun:
            for future in futures:
                future.cancel()
        self._begun.clear()

    def _begin(self, n: int) -> None:
        while len(self._begun) < n and (job := next(self._jobs, None)) is not None:
            key, tasks = job
            self._begun.append((key, [self._pool.submit(self._work, *task) for task in tasks]))
