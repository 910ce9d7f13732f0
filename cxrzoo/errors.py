"""What can go wrong, as one tree.

Each leaf also derives from the built-in exception that a caller would expect, so that
``except FileNotFoundError`` and ``except CxrZooError`` both work. Messages say what was expected,
what came, and what to do.

::

    CxrZooError
    ├── DataError (ValueError)            the records, tables and images
    │   ├── DataNotFoundError (FileNotFoundError)
    │   ├── TableError                    a CSV lacks columns, rows or sense
    │   ├── ImageError                    a file that is no readable image; names the file
    │   ├── LabelError                    labels do not match
    │   └── LeakageError                  patients on both sides
    ├── ModelError (ValueError)           a builder's arguments
    │   ├── UnknownModelError (KeyError)
    │   └── WeightsUnavailableError (OSError)   ImageNet weights cannot be had
    ├── EvaluationError (ValueError)      predictions that cannot be measured
    ├── TrainingError (RuntimeError)      a run that cannot start or go on
    │   └── DivergedError                 its loss or weights are no longer numbers
    ├── ArtifactError                     a published model
    │   ├── ArtifactNotFoundError (FileNotFoundError)
    │   ├── ConfigError (ValueError)      cxrzoo.json breaks its format
    │   │   └── NewerFormatError
    │   ├── TensorError (ValueError)      missing, extra, misshapen, not finite
    │   ├── IntegrityError                not the bytes, or not the outputs, of the release
    │   └── HubError (OSError)            the Hub said no, or cannot be reached
    └── MissingExtraError (ImportError)   an optional dependency is not installed

    CxrZooWarning (UserWarning)
    ├── LeakageWarning                    patients on both sides, and how many
    ├── MissingImagesWarning              rows that were dropped because their image is not there
    ├── SmallRangeWarning                 a picture uses a small part of its range: 12 bits as 16
    ├── PixelScaleWarning                 a batch of pixels that are not on 0 to 255
    ├── FreshLayersWarning                a backbone file stops before the last layers
    └── ReluOutputWarning                 a ReLU output under binary cross-entropy

A message that names an argument of a function does so by :func:`argument`, :func:`named` or
:func:`either`: who calls from Python reads ``missing='drop'``, and the command line, which reads the
``marked`` form, says ``--missing drop``.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, Self

from cxrzoo.text import one_line

__all__ = [
    "ArtifactError",
    "ArtifactNotFoundError",
    "ConfigError",
    "CxrZooError",
    "CxrZooWarning",
    "DataError",
    "DataNotFoundError",
    "DivergedError",
    "EvaluationError",
    "FreshLayersWarning",
    "HubError",
    "ImageError",
    "IntegrityError",
    "LabelError",
    "LeakageError",
    "LeakageWarning",
    "MissingExtraError",
    "MissingImagesWarning",
    "ModelError",
    "NewerFormatError",
    "PixelScaleWarning",
    "ReluOutputWarning",
    "SmallRangeWarning",
    "TableError",
    "TensorError",
    "TrainingError",
    "UnknownModelError",
    "WeightsUnavailableError",
]


class Mark(NamedTuple):
    """A place in a message that Python and the command line say each in their own way."""

    name: str
    """Of an argument; none if that is not what is said."""
    value: str
    """What to pass, as Python has it; none if only the name is said."""
    python: str
    command: str
    """What a command says that has no such option."""


_MARK: Final = re.compile("\x02([^\x1f]*)\x1f([^\x1f]*)\x1f([^\x1f]*)\x1f([^\x03]*)\x03")
_ANY: Final[Any] = ...


def argument(name: str, value: Any = _ANY, *, python: str = "") -> str:
    """Return ``name=value`` for a message, to be passed; a command says it as its own option.

    Args:
        name: of the argument; it may be an option of a command.
        value: what to pass; ``...`` if that is the caller's to say, ``[...]`` for a list of it.
        python: what Python says instead.
    """
    shown = "..." if value is _ANY else "[...]" if value == [_ANY] else repr(value)
    return _mark(name, shown, python or f"{name}={shown}", f"{name} (from Python)")


def named(name: str) -> str:
    """Return an argument's name for a message, which a command says as that of its own option."""
    return _mark(name, "", name, name)


def either(python: str, command: str) -> str:
    """Return for a message what to say in Python, and what on the command line."""
    return _mark("", "", python, command)


def rendered(text: str, say: Callable[[Mark], str]) -> str:
    """Return a text with each of its marks as ``say`` has it."""
    return _MARK.sub(lambda found: say(Mark(*found.groups())), text)


def _mark(*parts: str) -> str:
    return "\x02" + "\x1f".join(parts) + "\x03"


class _Marked:
    """An exception whose message may hold marks: it reads as Python, and ``marked`` keeps them.

    The message is one line: file names and labels of strangers stand in it.
    """

    def __init__(self, *args: object) -> None:
        self.marked = str(args[0]) if args else ""
        said = (one_line(_in_python(one)) if isinstance(one, str) else one for one in args)
        super().__init__(*said)


def _in_python(text: str) -> str:
    return rendered(text, lambda mark: mark.python)


class CxrZooError(_Marked, Exception):
    """Everything that cxrzoo raises on purpose.

    ``marked`` is the message as the command line takes it.
    """


class _OfPatients(Exception):  # noqa: N818 - a part of an error and of a warning
    """Who the patients are that a message only counts."""

    patients: frozenset[str] = frozenset()

    def of(self, patients: Iterable[str]) -> Self:
        """Take the identifiers of those patients, and return the exception itself."""
        self.patients = frozenset(patients)
        return self


class DataError(CxrZooError, ValueError):
    """The records, tables or images cannot be used."""


class DataNotFoundError(DataError, FileNotFoundError):
    """A data folder or file is not there."""


class TableError(DataError):
    """A CSV lacks columns, rows or sense."""


class ImageError(DataError):
    """A file is not an image that can be read; the message names the file."""


class LabelError(DataError):
    """Labels do not match what was asked for."""


class LeakageError(_OfPatients, DataError):
    """The same patients stand on both sides of a split.

    The message counts them; ``patients`` are their identifiers, where it is known who they are.
    """


class ModelError(CxrZooError, ValueError):
    """A builder's arguments make no model."""


class UnknownModelError(ModelError, KeyError):
    """No builder has this name; the message has the nearest names."""

    # KeyError shows its argument's repr; a person should read the sentence.
    __str__ = Exception.__str__


class WeightsUnavailableError(ModelError, OSError):
    """Weights were asked for that cannot be downloaded here."""


class EvaluationError(CxrZooError, ValueError):
    """Predictions and truth cannot be measured against each other."""


class TrainingError(CxrZooError, RuntimeError):
    """A run cannot start or cannot go on."""


class DivergedError(TrainingError):
    """The loss or the weights of a run are no longer numbers; the message says since when."""


class ArtifactError(CxrZooError):
    """A published model cannot be read or written."""


class ArtifactNotFoundError(ArtifactError, FileNotFoundError):
    """There is no model here, or one of its files is missing."""


class ConfigError(ArtifactError, ValueError):
    """``cxrzoo.json`` breaks its format."""


class NewerFormatError(ConfigError):
    """``cxrzoo.json`` was written by a newer format than this version reads."""


class TensorError(ArtifactError, ValueError):
    """A tensor is missing, extra, misshapen, of the wrong type or not finite."""


class IntegrityError(ArtifactError):
    """The bytes are not the bytes, or not the outputs, of the release."""


class HubError(ArtifactError, OSError):
    """The Hugging Face Hub refused, or cannot be reached."""


class MissingExtraError(CxrZooError, ImportError):
    """An optional dependency is not installed; the message has the command that installs it."""


class CxrZooWarning(_Marked, UserWarning):
    """Everything that cxrzoo warns of."""


class LeakageWarning(_OfPatients, CxrZooWarning):
    """The same patients stand on both sides of a split.

    The message counts them; ``patients`` are their identifiers, where it is known who they are.
    """


class MissingImagesWarning(CxrZooWarning):
    """Rows were dropped because their image is not there."""


class SmallRangeWarning(CxrZooWarning):
    """The values of a picture use a small part of the range that its file gives them."""


class PixelScaleWarning(CxrZooWarning):
    """A batch for a model holds pixels that are not grey from 0 to 255: scaled already, for one."""


class FreshLayersWarning(CxrZooWarning):
    """A backbone file stops before whole last layers, which start with random weights."""


class ReluOutputWarning(CxrZooWarning):
    """A ReLU output under binary cross-entropy: unbounded scores and units that stop learning."""
