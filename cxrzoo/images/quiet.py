"""Libraries that warn of a file and quote its header, kept quiet while they read it for us.

``warnings.catch_warnings`` would silence every thread, and have Python show anew what it shows once. So
one filter stands before the others, and matches in the threads alone that are inside :func:`quietly`.
"""

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final


class _Here(threading.local, logging.Filter):
    """Matches everything within, and nothing without: a warning's pattern, and a logger's filter."""

    within = False

    def __reduce__(self) -> str:
        return "_HERE"  # scikit-learn sends the filters of warnings to its processes

    def match(self, _text: str) -> bool:
        """Return whether a warning of this text is ignored."""
        return self.within

    def filter(self, _record: logging.LogRecord) -> bool:
        """Return whether a record goes on to its handlers."""
        return not self.within


_HERE: Final = _Here()
_IGNORED: Final[Any] = ("ignore", _HERE, Warning, None, 0)


@contextmanager
def quietly(*loggers: str) -> Iterator[None]:
    """Show no warning and no record of these loggers that this thread brings about."""
    filters: Any = warnings.filters
    if filters[:1] != [_IGNORED]:  # others came, or went with the filters of a test
        filters.insert(0, _IGNORED)
    for name in loggers:
        logging.getLogger(name).addFilter(_HERE)  # a second time changes nothing
    before, _HERE.within = _HERE.within, True
    try:
        yield
    finally:
        _HERE.within = before
