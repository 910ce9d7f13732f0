"""Models whose weights come from elsewhere: published models, ImageNet, backbone files, other models."""

import random
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from os import PathLike, fspath
from typing import Any

import keras

from cxrzoo.errors import (
    ConfigError,
    FreshLayersWarning,
    ModelError,
    argument,
    either,
    named,
)
from cxrzoo.models.arguments import COMMON
from cxrzoo.models.backbone import Backbone
from cxrzoo.models.backbone_file import is_backbone_file, read_backbone_file
from cxrzoo.models.builder import build, building_in, describe, planned, require_known
from cxrzoo.models.head import is_head
from cxrzoo.models.imagenet import found_imagenet
from cxrzoo.models.registry import create_model, entry
from cxrzoo.models.tensors import assign_tensors, model_tensors, tensor_shapes
from cxrzoo.models.tokens import resized_positions
from cxrzoo.pretrained import Artifact, Lineage, ModelConfig, config_of, open_artifact
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments


def build_from(
    weights: str | PathLike[str] | None, backbone: Backbone, given: Mapping[str, Any]
) -> keras.Model:
    """Build a model with the weights that a builder's ``weights=`` names.

    Args:
        weights: None, ``"imagenet"``, a backbone file, or what :func:`cxrzoo.from_pretrained` takes.
        backbone: the network.
        given: the arguments that the caller gave.
    """
    if not (weights is None or isinstance(weights, str | PathLike)):
        raise ModelError(
            f"{backbone.name}: weights must be None, 'imagenet', a name or a path; "
            f"received {shown(weights)}."
        )
    if weights is not None:
        weights = fspath(weights)
    if weights is not None and weights != "imagenet" and not is_backbone_file(weights):
        return build_artifact(open_artifact(weights), expect=backbone.name, **given)
    config = describe(backbone, {**backbone.defaults, **given})
    if weights is None:
        return build(backbone, config)
    if weights == "imagenet":
        source = found_imagenet(backbone, config)
        model = build(backbone, config)
        assign_tensors(model, source.tensors(model))
        started_from = source.description
    else:
        model = build(backbone, config)
        shapes = {name: size for name, size in tensor_shapes(model).items() if not is_head(name)}
        arguments, patches = config.arguments, backbone.patches
        read = read_backbone_file(
            weights,
            shapes,
            grey=backbone.first_kernel if backbone.takes_one_channel(arguments) else None,
            patches=patches,
            grid=patches.grid(arguments["input_shape"]) if patches else (0, 0),
        )
        assign_tensors(model, read.tensors)
        started_from = read.description
        if read.fresh:
            warnings.warn(
                f"{read.name} stops before {len(read.fresh)} of the backbone's last layers "
                f"({', '.join(read.fresh)[:200]}); they start with random weights.",
                FreshLayersWarning,
                stacklevel=3,  # the line that calls the builder
            )
    model.cxrzoo = config.with_lineage(Lineage(started_from=started_from))
    return model


def build_artifact(artifact: Artifact, *, expect: str | None = None, **given: Any) -> keras.Model:
    """Build a published model and give it its published weights.

    Args:
        artifact: the published model.
        expect: the builder it must be of, if the caller minds.
        **given: arguments that must agree with the published ones, but for ``name``, ``dropout``,
            ``include_top``, ``pooling``, ``classifier_activation`` and, where it changes no tensor but
            position embeddings, which are resized, ``input_shape``.

    Raises:
        ConfigError: an argument in the description is of the wrong type or out of bounds.
        ModelError: the published model is of another builder, or an argument does not agree.
        TensorError: the tensors are not exactly those of the published model.
    """
    check_arguments(build_artifact, locals(), ModelError)
    published = artifact.config
    backbone = entry(published.builder)
    if expect not in {None, published.builder}:
        raise ModelError(
            f"{artifact.uri} holds weights of {published.builder}, not of {expect or '(nothing)'}; "
            f"build it with cxrzoo.from_pretrained or cxrzoo.{published.builder}."
        )
    require_known(backbone, given)
    stored = _complete(backbone, published)
    try:
        require_known(backbone, published.arguments)
    except ModelError as error:
        raise ModelError(f"{artifact.uri}: {error}") from None
    try:
        described = describe(backbone, stored)
    except ModelError as error:
        raise ConfigError(f"{artifact.uri}: {error}") from None
    wanted = describe(backbone, {**stored, **given})
    shapes = planned(backbone, described)
    artifact.require_size(sum(map(prod, shapes.values())))
    _require_agreement(artifact, described, wanted, given)
    tensors = dict(artifact.tensors(shapes))
    model = build(backbone, wanted)
    if backbone.patches is not None:
        where = backbone.patches.positions
        old, new = (
            backbone.patches.grid(one.arguments["input_shape"]) for one in (described, wanted)
        )
        tensors[where] = resized_positions(tensors[where], old, new, backbone.patches)
    built = tensor_shapes(model)
    if lacking := [name for name in built if name not in tensors]:
        raise ModelError(
            f"{artifact.uri} has no classifier, and so no {lacking[0]!r}, which "
            f"{argument('pooling', 'head')} needs; leave it out."
        )
    if unlike := [name for name, shape in built.items() if shape != tensors[name].shape]:
        raise ModelError(
            f"{artifact.uri} was built with {named('input_shape')}="
            f"{described.arguments['input_shape']!r}; with "
            f"{wanted.arguments['input_shape']!r} its tensor {unlike[0]!r} does not fit. Leave it out."
        )
    assign_tensors(model, tensors)
    # A threshold is a place on one scale of scores, and a calibration a map of it.
    rescaled = ("input_shape", "classifier_activation")
    same_scale = all(wanted.arguments[name] == described.arguments[name] for name in rescaled)
    same = wanted.labels == published.labels and same_scale
    model.cxrzoo = replace(
        published,
        arguments=wanted.arguments,
        labels=wanted.labels,
        thresholds=published.thresholds if same else None,
        calibration=published.calibration if same else None,
    )
    return model


def build_described(config: ModelConfig, policy: str = "float32") -> keras.Model:
    """Build what a description says, with random weights, under a dtype policy.

    Nothing else notices: no warning, and the random numbers that others draw are as they were.

    Raises:
        ModelError: the description makes no model.
    """
    backbone = entry(config.builder)
    require_known(backbone, config.arguments)
    described = describe(backbone, _complete(backbone, config))
    state = random.getstate()  # where Keras takes the seeds of initial weights from
    try:
        with building_in(policy):
            return build(backbone, described, advise=False)
    finally:
        random.setstate(state)


def _complete(backbone: Backbone, config: ModelConfig) -> dict[str, Any]:
    """Return a description's arguments and labels; an older one lacks some arguments."""
    labels = config.labels or backbone.defaults["labels"]
    return {**backbone.defaults, **config.arguments, "labels": labels}


def replace_head(model: keras.Model, labels: Sequence[str]) -> keras.Model:
    """Return a model with the same backbone weights and a fresh head for other labels.

    Args:
        model: a model of the zoo, with or without its top. It is left as it is.
        labels: names of the new outputs, in order.

    Returns:
        A new model with outputs ``(b, len(labels))``: the backbone's weights are copied, the layers
        above it are newly initialised.

    Raises:
        ModelError: the model is not of the zoo, or the labels are not different names.
    """
    check_arguments(replace_head, locals(), ModelError)
    config = config_of(model, "replace_head")
    arguments = {**config.arguments, "include_top": True, "pooling": None}
    fresh = create_model(config.builder, **arguments, labels=labels)
    kept = {name: value for name, value in model_tensors(model).items() if not is_head(name)}
    assign_tensors(fresh, kept)
    fresh.cxrzoo = replace(fresh.cxrzoo, lineage=config.lineage, aspect=config.aspect)
    return fresh


def _require_agreement(
    artifact: Artifact,
    stored: ModelConfig,
    wanted: ModelConfig,
    given: Mapping[str, Any],
) -> None:
    top = wanted.arguments["include_top"]
    if top and not stored.arguments["include_top"]:
        raise ModelError(
            f"{artifact.uri} has no classifier; "
            + either("pass include_top=False.", "name a model that has one.")
        )
    was = {**stored.arguments, "labels": stored.labels}
    is_wanted = {**wanted.arguments, "labels": wanted.labels}
    for name in sorted(given):
        part = "head" if name == "labels" else "network"
        if name in COMMON:
            part = COMMON[name].part
        if part == "free" or (part == "head" and not top) or is_wanted[name] == was[name]:
            continue
        hint = "leave it out"
        if name == "labels":
            hint = either(
                "for other labels use cxrzoo.replace_head(model, labels)",
                "'cxrzoo train --weights' makes a head for other labels",
            )
        raise ModelError(
            f"{artifact.uri} was built with {named(name)}={was[name]!r:.200}, "
            f"not {is_wanted[name]!r:.200}; {hint}."
        )
