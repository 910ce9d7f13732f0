"""The zoo's builders by name.

A builder registers itself with a decorator and nothing else has to know of it. The decorator also
does what every builder needs: it checks the arguments before anything is built, loads the weights
asked for, and hangs the :class:`~cxrzoo.store.ModelConfig` on the model.
"""

import fnmatch
import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, ParamSpec

import keras
import numpy as np

from cxrzoo.errors import ModelError, UnknownModelError
from cxrzoo.models._head import is_head
from cxrzoo.models.trunk import TrunkFormat, is_trunk_file, read_trunk
from cxrzoo.models.weights import assign_tensors, model_tensors, tensor_shapes
from cxrzoo.nearest import with_nearest
from cxrzoo.store import Artifact, Lineage, ModelConfig, open_artifact
from cxrzoo.store.arguments import MAX_PARAMETERS, normalise_labels

__all__ = [
    "Builder",
    "Entry",
    "build_artifact",
    "create_model",
    "entry",
    "list_models",
    "register_model",
]

_P = ParamSpec("_P")

Builder = Callable[..., keras.Model]


@dataclass(frozen=True, slots=True)
class Entry:
    """A registered builder.

    Attributes:
        name: its name in the zoo.
        builder: the public function.
        summary: the first line of its docstring.
        defaults: its arguments' defaults by name.
        count_parameters: the number of parameters that arguments and a number of labels lead to,
            known before anything is built.
        build: the bare function behind the builder.
        imagenet_tensors: gives the trunk's ImageNet weights for arguments; None if there are none.
        trunk_format: what a file of the trunk's weights may look like; None if none is taken.
    """

    name: str
    builder: Builder
    summary: str
    defaults: Mapping[str, Any]
    count_parameters: Callable[[Mapping[str, Any], int], int]
    build: Builder
    imagenet_tensors: Callable[[Mapping[str, Any]], Mapping[str, np.ndarray]] | None
    trunk_format: TrunkFormat | None


_ENTRIES: Final[dict[str, Entry]] = {}


def register_model(
    count_parameters: Callable[[Mapping[str, Any], int], int],
    *,
    imagenet_tensors: Callable[[Mapping[str, Any]], Mapping[str, np.ndarray]] | None = None,
    trunk_format: TrunkFormat | None = None,
) -> Callable[[Callable[_P, keras.Model]], Callable[_P, keras.Model]]:
    """Registers a builder under its own name.

    The builder is called with complete, normalised arguments and ``weights=None``.

    Args:
        count_parameters: gives the number of parameters for arguments and a number of labels.
        imagenet_tensors: gives the trunk's ImageNet weights for arguments; None if there are none.
        trunk_format: what a file of the trunk's weights may look like; None if none is taken.
    """

    def decorate(build: Callable[_P, keras.Model]) -> Callable[_P, keras.Model]:
        name = build.__name__
        defaults = {
            parameter.name: parameter.default
            for parameter in inspect.signature(build).parameters.values()
        }

        @functools.wraps(build)
        def builder(*args: _P.args, **kwargs: _P.kwargs) -> keras.Model:
            if args:
                raise ModelError(f"{name} takes keyword arguments only, such as input_shape=...")
            _known_arguments(name, kwargs, defaults)
            weights: Any = kwargs.pop("weights", None)
            if weights is None:
                return _build(_ENTRIES[name], _describe(name, {**defaults, **kwargs}))
            if weights == "imagenet":
                return _build_imagenet(_ENTRIES[name], _describe(name, {**defaults, **kwargs}))
            if is_trunk_file(weights):
                return _build_on_trunk(
                    _ENTRIES[name], _describe(name, {**defaults, **kwargs}), weights
                )
            return build_artifact(open_artifact(weights), expect=name, **kwargs)

        _ENTRIES[name] = Entry(
            name=name,
            builder=builder,
            summary=(inspect.getdoc(build) or name).splitlines()[0],
            defaults=defaults,
            count_parameters=count_parameters,
            build=build,
            imagenet_tensors=imagenet_tensors,
            trunk_format=trunk_format,
        )
        return builder

    return decorate


def list_models(pattern: str = "*") -> list[str]:
    """Gives the names of the zoo's builders that match a shell pattern, sorted.

    Args:
        pattern: such as ``"mobilenet*"``.
    """
    return sorted(fnmatch.filter(_ENTRIES, pattern))


def entry(name: str) -> Entry:
    """Gives what is registered under a name.

    Raises:
        UnknownModelError: nothing is; the message has the nearest names.
    """
    if name not in _ENTRIES:
        raise UnknownModelError(
            f"there is no model {with_nearest([name], _ENTRIES)}; there are {', '.join(list_models())}."
        )
    return _ENTRIES[name]


def create_model(name: str, /, **kwargs: Any) -> keras.Model:
    """Builds a model by its builder's name.

    Args:
        name: one of :func:`list_models`.
        **kwargs: the builder's arguments.

    Returns:
        A plain ``keras.Model`` that takes ``(b, height, width, channels)`` pixels in [0, 255].

    Raises:
        UnknownModelError: no builder has this name.
        ModelError: the arguments make no model.
    """
    return entry(name).builder(**kwargs)


def build_artifact(artifact: Artifact, *, expect: str | None = None, **given: Any) -> keras.Model:
    """Builds a published model and gives it its published weights.

    Args:
        artifact: the published model.
        expect: the builder it must be of, if the caller minds.
        **given: arguments that must agree with the published ones, but for ``name``, ``dropout``,
            ``include_top``, ``pooling``, ``classifier_activation`` and, where it changes no tensor,
            ``input_shape``.

    Raises:
        ModelError: the published model is of another builder, or an argument does not agree.
        TensorError: the tensors are not exactly those of the published model.
    """
    published = artifact.config
    registered = entry(published.builder)
    if expect not in {None, published.builder}:
        raise ModelError(
            f"{artifact.uri} holds weights of {published.builder}, not of {expect}; "
            f"build it with cxrzoo.from_pretrained or cxrzoo.{published.builder}."
        )
    _known_arguments(published.builder, published.arguments, registered.defaults)
    stored = {**registered.defaults, **published.arguments}
    stored["labels"] = published.labels or registered.defaults["labels"]
    described = _describe(published.builder, stored)
    artifact.require_size(_bounded_size(registered, described))
    whole = _build(registered, described)
    tensors = artifact.tensors(tensor_shapes(whole))
    wanted = _describe(published.builder, {**stored, **given})
    _check_agreement(artifact, {**wanted.arguments, "labels": wanted.labels}, stored, given)
    model = whole if wanted == whole.cxrzoo else _build(registered, wanted)
    if unlike := [
        path for path, shape in tensor_shapes(model).items() if shape != tensors[path].shape
    ]:
        raise ModelError(
            f"{artifact.uri} was built with input_shape={stored['input_shape']!r}; with "
            f"{wanted.arguments['input_shape']!r} its tensor {unlike[0]!r} does not fit. Leave it out."
        )
    assign_tensors(model, tensors)
    # A threshold is a place on one scale of scores, and a calibration a map of it.
    rescaled = {"input_shape", "classifier_activation"}
    same_scale = all(wanted.arguments[name] == stored[name] for name in rescaled)
    same = wanted.labels == published.labels and same_scale
    model.cxrzoo = replace(
        wanted,
        thresholds=published.thresholds if same else None,
        calibration=published.calibration if same else None,
        licence=published.licence,
        lineage=published.lineage,
        aspect=published.aspect,
    )
    return model


def _bounded_size(registered: Entry, config: ModelConfig) -> int:
    size = registered.count_parameters(config.arguments, len(config.labels))
    if size > MAX_PARAMETERS:
        raise ModelError(
            f"{config.builder} with these arguments would have {size:,} parameters; the most is "
            f"{MAX_PARAMETERS:,}. Take a smaller input_shape, filters or hidden_units."
        )
    return size


def _build(registered: Entry, config: ModelConfig) -> keras.Model:
    _bounded_size(registered, config)
    if keras.config.image_data_format() != "channels_last":
        raise ModelError(
            "cxrzoo builds channels-last models; call "
            "keras.config.set_image_data_format('channels_last') first."
        )
    model = registered.build(**config.arguments, labels=config.labels, weights=None)
    model.cxrzoo = config
    return model


def _build_imagenet(registered: Entry, config: ModelConfig) -> keras.Model:
    if registered.imagenet_tensors is None:
        raise ModelError(f"{registered.name} has no ImageNet weights; pass weights=None.")
    tensors = registered.imagenet_tensors(config.arguments)
    model = _build(registered, config)
    assign_tensors(model, {**model_tensors(model), **tensors})
    model.cxrzoo = config.with_lineage(Lineage(started_from="imagenet"))
    return model


def _build_on_trunk(registered: Entry, config: ModelConfig, path: str) -> keras.Model:
    if registered.trunk_format is None:
        raise ModelError(f"{registered.name} takes no file of a trunk; pass weights=None.")
    model = _build(registered, config)
    shapes = {name: shape for name, shape in tensor_shapes(model).items() if not is_head(name)}
    trunk = read_trunk(path, shapes, registered.trunk_format)
    assign_tensors(model, {**model_tensors(model), **trunk.tensors})
    model.cxrzoo = config.with_lineage(Lineage(started_from=trunk.description))
    return model


def _known_arguments(name: str, given: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    if unknown := [argument for argument in given if argument not in defaults]:
        raise ModelError(
            f"{name} has no argument {with_nearest(unknown, defaults)}; it takes {', '.join(defaults)}."
        )


def _describe(name: str, arguments: Mapping[str, Any]) -> ModelConfig:
    rest = {key: value for key, value in arguments.items() if key not in {"labels", "weights"}}
    try:
        labels = normalise_labels(arguments["labels"])
        return ModelConfig(name, rest, labels if rest["include_top"] else ())
    except ValueError as error:
        raise ModelError(f"{name}: {error}.") from None


def _check_agreement(
    artifact: Artifact,
    wanted: Mapping[str, Any],
    stored: Mapping[str, Any],
    given: Mapping[str, Any],
) -> None:
    free = {"name", "dropout", "include_top", "pooling", "classifier_activation", "input_shape"}
    if not wanted["include_top"]:
        free |= {"labels", "hidden_units", "hidden_activation"}
    elif not stored["include_top"]:
        raise ModelError(f"{artifact.uri} has no classifier; pass include_top=False.")
    for argument in sorted(set(given) - free):
        if wanted[argument] != stored[argument]:
            hint = "leave it out"
            if argument == "labels":
                hint = "for other labels use cxrzoo.replace_head(model, labels)"
            raise ModelError(
                f"{artifact.uri} was built with {argument}={stored[argument]!r:.200}, "
                f"not {wanted[argument]!r:.200}; {hint}."
            )
