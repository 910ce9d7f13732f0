"""What a model is, in words: builder, arguments, labels, and where it came from.

:class:`ModelConfig` is both what ``model.cxrzoo`` holds and what ``cxrzoo.json`` spells. Reading is
strict: an unknown key, a wrong type or a value out of bounds is an error.
"""

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Final, Literal, TypeVar

from cxrzoo.errors import ConfigError, CxrZooError, ModelError, NewerFormatError
from cxrzoo.images.spec import ImageSpec, check_aspect
from cxrzoo.labels import what_is_hidden
from cxrzoo.pretrained.patients import PatientSet, check_sets
from cxrzoo.strict_json import from_plain, to_plain
from cxrzoo.text import shown
from cxrzoo.typed import require_kind

_T = TypeVar("_T")

FORMAT: Final = 1
"""The version of ``cxrzoo.json`` that this release writes, and the newest that it reads."""

MAX_LABELS: Final = 1024
_MOST: Final = 64
"""The most arguments, and the most numbers or words in one of them."""

_WAY_BACK: Final = (
    " If Keras loaded or copied it (load_model, clone_model) from one that cxrzoo built, give it its "
    "description again: cxrzoo.describe(model, like=...), with a model built by the same builder and "
    "arguments."
)

_COUNTS: Final = frozenset({"images", "patients", "seed", "epochs", "best_epoch"})


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a model's weights come from; what is not known is None.

    Attributes:
        recipe: name of the training recipe.
        started_from: the weights that training started from.
        data: name of the data set.
        split: name of the split and the part that was trained on.
        images: number of training images.
        patients: number of training patients.
        seed: seed of initial weights, order and augmentation.
        epochs: epochs run.
        best_epoch: the epoch (from 1) whose weights were kept.
        backend: Keras backend that trained.
        versions: package versions by name.
        trained_on: the patients of this training and of those that it started from, hashed; empty
            where no patient is known.
    """

    recipe: str | None = None
    started_from: str | None = None
    data: str | None = None
    split: str | None = None
    images: int | None = None
    patients: int | None = None
    seed: int | None = None
    epochs: int | None = None
    best_epoch: int | None = None
    backend: str | None = None
    versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    trained_on: tuple[PatientSet, ...] = ()

    def __post_init__(self) -> None:
        _check_versions(self.versions)
        object.__setattr__(self, "versions", MappingProxyType(dict(self.versions)))
        object.__setattr__(self, "trained_on", check_sets(self.trained_on))
        for name in (item.name for item in fields(self)[:-2]):
            value = getattr(self, name)
            kind, words = (int, "whole number") if name in _COUNTS else (str, "text")
            if value is not None and not _is_moderate(value, kind):
                raise ValueError(
                    f"{name} must be a {words} of moderate size or null; received {shown(value)}"
                )


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The frozen description of a model.

    Attributes:
        builder: registered name of the builder, such as ``"mobilenet_cxr"``.
        arguments: the builder's arguments but ``labels`` and ``weights``, complete and normalised.
        labels: label names in output order; empty for a model without its top.
        thresholds: decision threshold by label, on the scale of the model's scores, or None.
        licence: SPDX identifier of the weights' licence, or None.
        lineage: where the weights come from.
        calibration: ``(slope, intercept)`` by label, for ``sigmoid(slope * logit(score) + intercept)``,
            or None; what :meth:`cxrzoo.evaluation.Calibration.as_dict` gives. The model's scores are
            as the network computes them: whoever wants them calibrated applies it.
        aspect: what became of training images of another shape than the input's, and so has to become
            of others: ``"stretch"``, ``"pad"`` or ``"crop"``, as :func:`cxrzoo.images.resize` has it.
    """

    builder: str
    arguments: Mapping[str, Any]
    labels: tuple[str, ...]
    thresholds: Mapping[str, float] | None = None
    licence: str | None = None
    lineage: Lineage = field(default_factory=Lineage)
    calibration: Mapping[str, tuple[float, float]] | None = None
    aspect: Literal["stretch", "pad", "crop"] = "stretch"

    def __post_init__(self) -> None:
        require_kind("arguments", self.arguments, Mapping, "a mapping", ConfigError)
        require_kind("lineage", self.lineage, Lineage, "a Lineage", ConfigError)
        if not (_is_moderate(self.builder, str) and self.builder.isidentifier()):
            raise ValueError(f"builder must be a builder's name; received {shown(self.builder)}")
        arguments = _normal_arguments(self.arguments)
        object.__setattr__(self, "arguments", MappingProxyType(arguments))
        if arguments.get("include_top", True):
            object.__setattr__(self, "labels", normalise_labels(self.labels))
        elif self.labels:
            raise ValueError("a model without its top has no labels; expected an empty list")
        if self.thresholds is not None:
            found = _by_label("thresholds", self.thresholds, self.labels, _finite, "numbers")
            object.__setattr__(self, "thresholds", found)
        if self.calibration is not None:
            words = "[slope, intercept]"
            lines = _by_label("calibration", self.calibration, self.labels, _line, words)
            object.__setattr__(self, "calibration", lines)
        if self.licence is not None and not _is_moderate(self.licence, str):
            raise ValueError(f"licence must be an SPDX identifier; received {shown(self.licence)}")
        check_aspect(self.aspect)

    @property
    def image_spec(self) -> ImageSpec:
        """What the model sees of a picture."""
        height, width, channels = self.arguments["input_shape"]
        return ImageSpec(height, width, channels, self.aspect)

    def with_lineage(self, lineage: Lineage) -> "ModelConfig":
        """Return the same description with another lineage."""
        return replace(self, lineage=lineage)


def config_of(
    model: Any,
    verb: str,
    *,
    instead: str = "Build it with cxrzoo.create_model, or load it with cxrzoo.from_pretrained.",
    error: type[CxrZooError] = ModelError,
) -> ModelConfig:
    """Return the description of a model of the zoo.

    Args:
        model: what should be a model that cxrzoo built.
        verb: what is to be done with it, for the message.
        instead: what to do with another model.
        error: what to raise.

    Raises:
        ModelError: it is none, unless ``error`` names another error.
    """
    config = getattr(model, "cxrzoo", None)
    if not isinstance(config, ModelConfig):
        name = getattr(model, "name", type(model).__name__)
        raise error(
            f"{verb} takes a model that cxrzoo built; {name!r:.80} has no 'cxrzoo' config. {instead}"
            f"{_WAY_BACK if hasattr(model, 'layers') else ''}"
        )
    return config


def config_to_json(config: ModelConfig) -> dict[str, Any]:
    """Return the object that ``cxrzoo.json`` spells."""
    plain = {"format": FORMAT, **to_plain(config)}
    if config.aspect == "stretch":  # as in descriptions from before there was a choice
        del plain["aspect"]
    return plain


def config_from_json(value: Mapping[str, Any], *, source: str) -> ModelConfig:
    """Read the object that ``cxrzoo.json`` spells; ``source`` names it in errors.

    Raises:
        NewerFormatError: a newer release wrote it.
        ConfigError: a key is missing or unknown, or a value has the wrong type or is out of bounds.
    """
    described = {"aspect": "stretch", **value}
    version: Any = described.pop("format", None)
    if not _is_moderate(version, int) or version < 1:
        raise ConfigError(
            f"{source}: 'format' must be a whole number from 1; received {shown(version)}."
        )
    if version > FORMAT:
        raise NewerFormatError(
            f"{source} has format {version}; this release reads up to {FORMAT}. Upgrade cxrzoo."
        )
    return from_plain(ModelConfig, described, source=source, error=ConfigError, complete=True)


def _is_moderate(value: Any, kind: type[int | str]) -> bool:
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53
    # Printable, so that nobody's terminal obeys a stranger's description.
    return isinstance(value, str) and 0 < len(value) <= 1000 and value.isprintable()


def _check_versions(value: Any) -> None:
    if not isinstance(value, Mapping) or len(value) > 100:
        raise ValueError("versions must be an object of at most 100 versions by name")
    if not all(
        _is_moderate(name, str) and _is_moderate(version, str) for name, version in value.items()
    ):
        raise ValueError(f"versions must map names to versions; received {shown(value)}")


def _by_label(
    name: str, value: Any, labels: tuple[str, ...], read: Callable[[Any, str], _T], words: str
) -> Mapping[str, _T]:
    if not isinstance(value, Mapping) or not set(value) <= set(labels):
        raise ValueError(f"{name} must map labels of the model to {words}; received {shown(value)}")
    return MappingProxyType(
        {label: read(item, f"{name}[{label!r}]") for label, item in value.items()}
    )


def _line(value: Any, name: str) -> tuple[float, float]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError(f"{name} must be [slope, intercept]; received {shown(value)}")
    return _finite(value[0], name), _finite(value[1], name)


def _finite(value: Any, name: str) -> float:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    if not (known and abs(value) <= sys.float_info.max):
        raise ValueError(f"{name} must be a finite number; received {shown(value)}")
    return float(value)


def _normal_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return builder arguments in their one spelling: None, bool, int, float, str, or tuples of these.

    Raises:
        ValueError: there are too many, a name is no identifier of 1 to 64 characters, or a value is of
            another type or too large; says which.
    """
    if len(arguments) > _MOST:
        raise ValueError(f"there are {len(arguments)} arguments; the most is {_MOST}")
    result = {}
    name: Any
    for name, value in arguments.items():
        if not (isinstance(name, str) and name.isidentifier() and len(name) <= 64):
            raise ValueError(f"an argument's name must be an identifier; received {shown(name)}")
        if name in {"labels", "weights"}:
            raise ValueError(f"unknown argument {name!r}: a description has no such argument")
        result[name] = _plain(name, value, depth=2)
    return result


def _plain(name: str, value: Any, *, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < 1 << 53:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, str) and len(value) <= 120 and value.isprintable():
        return value
    if isinstance(value, list | tuple) and depth and len(value) <= _MOST:
        return tuple(_plain(name, item, depth=depth - 1) for item in value)
    raise ValueError(
        f"{name} must be null, true, false, a number, a word of up to 120 characters or a list of up "
        f"to {_MOST} of these; received {shown(value)}"
    )


def normalise_labels(labels: Any) -> tuple[str, ...]:
    """Return label names as a tuple: 1 to 1,024 different names of 1 to 120 characters.

    Raises:
        ValueError: they are not that.
    """
    if isinstance(labels, str) or not isinstance(labels, Sequence):
        raise ValueError(f"labels must be a sequence of names; received {shown(labels)}")
    if not 1 <= len(labels) <= MAX_LABELS:
        raise ValueError(f"labels must hold 1 to {MAX_LABELS} names; received {len(labels)}")
    for label in labels:
        if not isinstance(label, str) or not label.strip() or len(label) > 120:
            raise ValueError(
                f"a label must be a name of 1 to 120 characters; received {shown(label)}"
            )
    if wrong := what_is_hidden(labels):
        raise ValueError(wrong)
    if len(set(labels)) != len(labels):
        twice = next(label for label in labels if list(labels).count(label) > 1)
        raise ValueError(f"labels must differ; {twice!r} stands there twice")
    return tuple(labels)
