"""A model of the zoo with the weights of another framework's file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any, Final

import keras
import numpy as np

from cxrzoo.convert import ForeignWeights
from cxrzoo.convert.fit import Plan, fitted, plan_by_map, plan_by_our_names, require_complete
from cxrzoo.convert.foreign import printable
from cxrzoo.convert.key_map import Asked
from cxrzoo.errors import ModelError, TensorError, named
from cxrzoo.models.backbone import Backbone
from cxrzoo.models.builder import build, building_in, describe, planned, require_known
from cxrzoo.models.head import is_head
from cxrzoo.models.registry import entry
from cxrzoo.models.tensors import assign_tensors, tensor_shapes, variables_by_name
from cxrzoo.models.tokens import Grid, resized_positions, square_grid
from cxrzoo.nearest import with_nearest
from cxrzoo.pretrained import Lineage
from cxrzoo.pretrained.config import MAX_LABELS
from cxrzoo.text import shown

OUR_NAMES: Final = "keras"
"""The publisher whose names are Keras's own."""

_KERNEL, _BIAS = "predictions/kernel", "predictions/bias"


def build_foreign(
    weights: ForeignWeights,
    builder: str,
    *,
    labels: Sequence[str] | None,
    publisher: str | None = None,
    **arguments: Any,
) -> keras.Model:
    """Build a model of the zoo and fill it from another framework's file.

    Args:
        weights: the file.
        builder: name of the builder of the same network.
        labels: names of the outputs in the file's order; an output named ``""`` is left out. None for a
            file without a classifier.
        publisher: whose names the file has; None takes what fits best.
        **arguments: the builder's other arguments, ``input_shape`` with one channel or three: the file's
            first kernel decides.

    Raises:
        UnknownModelError: there is no such builder.
        ModelError: an argument, the labels or the scaling do not go with the file.
        TensorError: the tensors are not those of the network.
    """
    weights = replace(weights, name=printable(weights.name))
    backbone = entry(builder)
    require_known(backbone, arguments)
    names, plan = _chosen(backbone, weights, publisher, arguments)
    complete = _complete(backbone, names, arguments)
    height, width, _ = describe(backbone, complete).arguments["input_shape"]
    complete["input_shape"] = (height, width, _channels(backbone, weights, plan, complete))
    headless = plan.filling(_KERNEL) is None and plan.filling(_BIAS) is None
    kept = _kept_outputs(weights, plan, labels, headless=headless)
    complete["include_top"] = not headless
    if headless:
        plan = replace(plan, missing=tuple(name for name in plan.missing if not is_head(name)))
    else:
        complete["labels"] = [label for label in labels or () if label]
    config = describe(backbone, complete)
    with building_in("float32"):
        model = build(backbone, config)
    shapes = tensor_shapes(model)
    plan = _without_room(plan, shapes)
    require_complete(plan, source=weights.name, publisher=names)
    head = shapes.keys() & {_KERNEL, _BIAS}
    for name in head:  # the file's, from which the outputs without a label are then left out
        shapes[name] = (*shapes[name][:-1], len(labels or ()))
    grids = _grids(backbone, weights, plan, config.arguments, names)
    if backbone.patches is not None and grids is not None:
        rows = prod(grids[0]) + 1  # the file's, which are then resized
        shapes[backbone.patches.positions] = (rows, *shapes[backbone.patches.positions][1:])
    tensors = fitted(plan, weights, shapes, dict(epsilons(model)))
    for name in head:
        tensors[name] = tensors[name][..., kept]
    if backbone.patches is not None and grids is not None:
        where = backbone.patches.positions
        tensors[where] = resized_positions(tensors[where], *grids, backbone.patches)
    assign_tensors(model, tensors)
    thresholds = _thresholds(weights, plan, labels or ())
    if thresholds and config.arguments["classifier_activation"] == "sigmoid":
        config = replace(config, thresholds=thresholds)
    model.cxrzoo = config.with_lineage(Lineage(started_from=_origin(weights, names, grids)))
    return model


def _without_room(plan: Plan, shapes: Mapping[str, tuple[int, ...]]) -> Plan:
    """Return a plan without the steps to what a model without its top lacks: they are over."""
    kept = tuple(step for step in plan.steps if all(target in shapes for target in step.targets))
    over = [name for step in plan.steps if step not in kept for name in step.sources]
    return replace(plan, steps=kept, over=(*plan.over, *over))


def _chosen(
    backbone: Backbone, weights: ForeignWeights, publisher: str | None, arguments: Mapping[str, Any]
) -> tuple[str, Plan]:
    """Return the publisher whose names the file has, and what becomes what by them."""
    known = [*backbone.publishers, OUR_NAMES]
    if publisher is not None and publisher not in known:
        raise ModelError(
            f"{backbone.name} knows no names of {with_nearest([publisher], known)}; "
            f"it knows those of {', '.join(known)}."
        )
    plans = {}
    for name in [publisher] if publisher else known:
        trial = {**_complete(backbone, name, arguments), "labels": ("one",), "include_top": True}
        targets = planned(backbone, describe(backbone, trial))
        plans[name] = (
            plan_by_our_names(weights.tensors, targets)
            if name == OUR_NAMES
            else plan_by_map(backbone.publishers[name], weights.tensors, targets)
        )
    best = max(plans, key=lambda name: plans[name].filled)
    if plans[best].filled == 0:
        first = ", ".join(repr(name[:80]) for name in list(weights.tensors)[:3])
        raise TensorError(
            f"{weights.name} has no tensor of {backbone.name} by the names of {' or '.join(plans)}; it "
            f"begins with {first}. It is of another network: 'cxrzoo convert --inspect' lists it."
        )
    return best, plans[best]


def _complete(backbone: Backbone, publisher: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return all arguments of the builder: those given, the publisher's, and its defaults."""
    theirs = () if publisher == OUR_NAMES else backbone.publishers[publisher].arguments
    given = {
        name: value
        for name, value in arguments.items()
        if name != "scaling" or value is not None  # None takes what there is
    }
    return {**backbone.defaults, **dict(theirs), **given}


def _channels(
    backbone: Backbone, weights: ForeignWeights, plan: Plan, arguments: Mapping[str, Any]
) -> int:
    """Return how many channels the file's first kernel takes, if the scaling goes with them."""
    step = plan.filling(backbone.first_kernel)
    if step is None:
        raise TensorError(
            f"{weights.name} lacks {backbone.first_kernel}, the kernel that takes the image. It is "
            "of another network, or not whole: 'cxrzoo convert --inspect' lists it."
        )
    try:
        kernel = step.transform([weights[name] for name in step.sources], Asked((), None))[0]
        channels = backbone.channels(kernel.shape)
    except (ValueError, IndexError):
        channels = 0
    if channels not in {1, 3}:
        name = step.sources[0]
        raise TensorError(
            f"{weights.name}: {name!r} has the shape {weights.tensors[name].shape}; "
            "a kernel for one channel or three was expected."
        )
    scaling = backbone.scaling_for(describe(backbone, arguments).arguments)
    if channels == 1 and scaling.by_channel:
        raise ModelError(
            f"{weights.name} takes one channel, which cannot be scaled {scaling}: pass the "
            f"{named('scaling')} that it was trained with, by name or as one mean and one deviation."
        )
    return int(channels)


def _kept_outputs(
    weights: ForeignWeights, plan: Plan, labels: Sequence[str] | None, *, headless: bool
) -> list[int]:
    """Return which outputs have a label, if there is a name for each output of the file."""
    if headless:
        if labels is not None:
            raise ModelError(
                f"{weights.name} has no classifier, so its outputs have no labels: leave them out for a "
                "model without its top, which cxrzoo.replace_head or training then completes."
            )
        return []
    outputs = _outputs(weights, plan)
    if labels is None:
        raise ModelError(
            f"{weights.name} has a classifier of {outputs} outputs: pass "
            f"{named('labels')}, their names in order."
        )
    if isinstance(labels, str) or not all(isinstance(label, str) for label in labels):
        raise ModelError(f"labels must be a sequence of names; received {shown(labels)}.")
    if len(labels) != outputs:
        raise ModelError(
            f"{weights.name} has a classifier of {outputs} outputs, and {len(labels)} labels were given: "
            'name each output in the order of training, "" for one to leave out.'
        )
    if outputs > MAX_LABELS:
        raise ModelError(f"{weights.name} has {outputs} outputs; the most is {MAX_LABELS}.")
    return [i for i, label in enumerate(labels) if label]


def _outputs(weights: ForeignWeights, plan: Plan) -> int:
    step = plan.filling(_BIAS)
    shape = () if step is None else weights.tensors[step.sources[step.targets.index(_BIAS)]].shape
    if len(shape) != 1:
        raise TensorError(f"{weights.name} has a classifier without a bias for each output.")
    return shape[0]


def epsilons(model: keras.Model) -> Iterator[tuple[str, float]]:
    """Give the epsilon of each BatchNorm by the name that its tensors begin with."""
    names = {id(variable): name for name, variable in variables_by_name(model.weights).items()}
    waiting = list(model.layers)
    while waiting:
        layer = waiting.pop()
        waiting.extend(getattr(layer, "layers", ()))
        if isinstance(layer, keras.layers.BatchNormalization):
            yield names[id(layer.moving_variance)].rpartition("/")[0], layer.epsilon


def _thresholds(
    weights: ForeignWeights, plan: Plan, labels: Sequence[str]
) -> dict[str, float] | None:
    """Return the decision thresholds that the file has, by label."""
    if plan.thresholds is None:
        return None
    values = np.asarray(weights[plan.thresholds], np.float64)
    if values.shape != (len(labels),):
        raise TensorError(
            f"{weights.name}: {plan.thresholds!r} has the shape {values.shape}; one threshold for each "
            f"of {len(labels)} outputs was expected."
        )
    return {
        label: float(value)
        for label, value in zip(labels, values, strict=True)
        if label and np.isfinite(value)
    }


def _grids(
    backbone: Backbone,
    weights: ForeignWeights,
    plan: Plan,
    arguments: Mapping[str, Any],
    publisher: str,
) -> tuple[Grid, Grid] | None:
    """Return the grids that the file's position embeddings are of and the model's, where they differ."""
    if backbone.patches is None:
        return None
    new = backbone.patches.grid(arguments["input_shape"])
    step = plan.filling(backbone.patches.positions)
    shape = () if step is None else weights.tensors[step.sources[0]].shape[-2:]
    if publisher == OUR_NAMES and shape[:1] == (prod(new) + 1,):
        return None  # a grid that is no square too
    old = square_grid(shape, weights.name)
    return None if old == new else (old, new)


def _origin(weights: ForeignWeights, publisher: str, grids: tuple[Grid, Grid] | None) -> str:
    place = f", {weights.model}" if weights.model else ""
    resized = (
        "; positions of {} x {} patches resized to {} x {}".format(*grids[0], *grids[1])
        if grids
        else ""
    )
    return (
        f"{weights.name}{place} (SHA-256 {weights.sha256}; {weights.format}; names of {publisher}"
        f"{resized})"
    )
