"""The versions of what computes, for a lineage."""

import importlib.metadata
import platform

import keras

from cxrzoo import __version__


def versions() -> dict[str, str]:
    """Return the versions of Python, cxrzoo, Keras, its backend and NumPy, by name."""
    computing = ("keras", keras.backend.backend(), "numpy")
    return {
        "python": platform.python_version(),
        "cxrzoo": __version__,
        **{package: importlib.metadata.version(package) for package in computing},
    }
