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
"""

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


class CxrZooError(Exception):
    """Everything that cxrzoo raises on purpose, each with a message of one line."""

    def __init__(self, *args: object) -> None:
        # File names and labels of strangers stand in messages.
        super().__init__(*(one_line(one) if isinstance(one, str) else one for one in args))


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


class LeakageError(DataError):
    """The same patients stand on both sides of a split."""


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


class CxrZooWarning(UserWarning):
    """Everything that cxrzoo warns of."""


class LeakageWarning(CxrZooWarning):
    """The same patients stand on both sides of a split."""


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
