"""Processes that are killed at a moment, or let end; shared by the benchmarks that kill.

The program prints a line when its work begins, imports behind it; seconds count from there.
"""

import subprocess
import sys
import time
from collections.abc import Sequence

__all__ = ["finished", "killed"]


def finished(code: str, arguments: Sequence[str]) -> float:
    """Let a program end; return the seconds that its work took."""
    with _begun(code, arguments) as running:
        beginning = time.perf_counter()
        if running.wait():
            raise SystemExit(f"{' '.join(arguments)}: ended with status {running.returncode}")
        return time.perf_counter() - beginning


def killed(code: str, arguments: Sequence[str], seconds: float) -> bool:
    """Send SIGKILL some seconds after the work began; return False if it had ended before."""
    with _begun(code, arguments) as running:
        try:
            running.wait(seconds)
        except subprocess.TimeoutExpired:
            running.kill()
            return True
        return False


def _begun(code: str, arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
    running = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert running.stdout is not None  # noqa: S101 - asked for above
    running.stdout.readline()
    return running
