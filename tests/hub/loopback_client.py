"""cxrzoo in a process of its own, whose Hub is the one on loopback.

huggingface_hub reads its environment once, when it is imported, so a process has one Hub.
"""

import contextlib
import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any


def environment(url: str, home: Path, **more: str) -> dict[str, str]:
    """What a process needs to see the Hub at ``url`` and nothing of this machine's user."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    return kept | {
        "HF_ENDPOINT": url,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_ETAG_TIMEOUT": "2",
        "HF_HUB_DOWNLOAD_TIMEOUT": "2",
        "NO_PROXY": "127.0.0.1",
        **more,
    }


def _enter(variables: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)
    warnings.filterwarnings("error", module="cxrzoo")
    from cxrzoo.pretrained import hub  # noqa: PLC0415 - what it imports reads the environment

    hub._PAUSES = tuple(pause / 10 for pause in hub._PAUSES)  # as often, but not as long


class Client:
    """Runs functions in up to two processes; what they return or raise comes back."""

    def __init__(self, pool: ProcessPoolExecutor, variables: dict[str, str]) -> None:
        self._pool = pool
        self.variables = variables

    def start(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        return self._pool.submit(function, *args, **kwargs)

    def __call__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self.start(function, *args, **kwargs).result(timeout=300)


@contextlib.contextmanager
def client_of(url: str, home: Path, **more: str) -> Iterator[Client]:
    variables = environment(url, home, **more)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, spawn, initializer=_enter, initargs=(variables,)) as pool:
        yield Client(pool, variables)
