"""Keras without its backend's announcements."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module


def import_keras() -> None:
    """Import Keras and its backend; what TensorFlow's C++ writes meanwhile is thrown away."""
    with quietly():
        import_module("keras")
    # Its advice on retracing is for those who write TensorFlow functions.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)


@contextmanager
def quietly() -> Iterator[None]:
    """Throw away what is written to standard error meanwhile, by C++ too; errors are still raised."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
