"""From the tensors of a file to those of a network: everything is used and everything is filled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from cxrzoo.convert.foreign import ForeignWeights
from cxrzoo.convert.key_map import Asked, KeyMap, Rule, Transform, bound, formatted
from cxrzoo.errors import TensorError
from cxrzoo.pretrained.tensors import some_names

_SHOWN: Final = 5

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Tensors of the file that together become tensors of the network."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    transform: Transform


@dataclass(frozen=True, slots=True)
class Plan:
    """Which tensors of a file become which of a network, before any number is read.

    Attributes:
        steps: what becomes what.
        over: names in the file that have no place in the network.
        missing: names in the network that nothing in the file fills.
        thresholds: the tensor of the file that holds a decision threshold for each output, or None.
    """

    steps: tuple[Step, ...]
    over: tuple[str, ...]
    missing: tuple[str, ...]
    thresholds: str | None = None

    @property
    def filled(self) -> int:
        """How many tensors of the network it fills."""
        return sum(len(step.targets) for step in self.steps)

    def filling(self, target: str) -> Step | None:
        """Return the step that fills a tensor of the network."""
        return next((step for step in self.steps if target in step.targets), None)


def plan_by_map(key_map: KeyMap, names: Iterable[str], targets: Iterable[str]) -> Plan:
    """Return which ``names`` of the file become which ``targets`` of the network by a publisher's map.

    Raises:
        TensorError: two tensors of the file become the same.
    """
    spelt: dict[str, str] = {}
    for name in names:
        short = key_map.spelt(name)
        if key_map.drops(short):
            continue
        if short in spelt:
            raise _twice(spelt[short], name)
        spelt[short] = name
    left, wanted = dict(spelt), set(targets)
    thresholds = left.pop(key_map.thresholds or "", None)
    steps: dict[str, Step] = {}
    for short, name in spelt.items():
        found = _rule_for(key_map, short, wanted)
        if found is None or any(source not in left for source in found.sources):
            continue
        if earlier := next((steps[target] for target in found.targets if target in steps), None):
            raise _twice(earlier.sources[0], name)
        step = Step(
            tuple(left.pop(source) for source in found.sources), found.targets, found.transform
        )
        steps |= dict.fromkeys(found.targets, step)
    once = {id(step): step for step in steps.values()}
    return Plan(
        tuple(once.values()), tuple(left.values()), tuple(sorted(wanted - set(steps))), thresholds
    )


def _rule_for(key_map: KeyMap, name: str, wanted: set[str]) -> Rule | None:
    """Return the rule that a name is the first source of, its names spelt out."""
    for rule in key_map.rules:
        numbers = bound(rule.sources[0], name)
        if numbers is None:
            continue
        targets = tuple(formatted(target, numbers) for target in rule.targets)
        if wanted.issuperset(targets):
            sources = tuple(formatted(source, numbers) for source in rule.sources)
            return Rule(sources, targets, rule.transform)
    return None


def plan_by_our_names(names: Iterable[str], targets: Iterable[str]) -> Plan:
    """Return what becomes what in a file that Keras wrote, whose names end as ours do.

    ``conv1/conv/conv1/conv/kernel:0``, ``densenet121/conv1/conv/kernel:0`` and ``conv1_conv/kernel`` all
    are ``conv1_conv/kernel``: a layer's group may be named again, stand in a model's, and have a slash
    where Keras 3 has an underscore.

    Raises:
        TensorError: two tensors of the file become the same.
    """
    ours = {target.replace("/", "_"): target for target in targets}
    steps: dict[str, Step] = {}
    over = []
    for name in names:
        parts = name.partition(":")[0].replace("depthwise_kernel", "kernel").split("/")
        ends = ("_".join(parts[at:]) for at in range(len(parts)))
        target = next((ours[end] for end in ends if end in ours), None)
        if target is None:
            over.append(name)
        elif target in steps:
            raise _twice(steps[target].sources[0], name)
        else:
            steps[target] = Step((name,), (target,), lambda sources, _: sources)
    missing = tuple(sorted(set(ours.values()) - set(steps)))
    return Plan(tuple(steps.values()), tuple(over), missing)


def require_complete(plan: Plan, *, source: str, publisher: str) -> None:
    """Raise unless a plan uses all tensors of the file and fills all of the network.

    Raises:
        TensorError: says what is over and what is missing.
    """
    if plan.over or plan.missing:
        raise TensorError(
            f"{source} does not fit by the names of {publisher}: {some_names(plan.over)} in it "
            f"have no place in the network, and {some_names(plan.missing)} of the network are not in it. "
            "'cxrzoo convert --inspect' lists what is there; save the state dict of the network alone."
        )


def fitted(
    plan: Plan,
    weights: ForeignWeights,
    shapes: Mapping[str, Shape],
    epsilons: Mapping[str, float],
) -> dict[str, np.ndarray]:
    """Read the numbers and return the network's tensors by name, float32.

    Args:
        plan: a complete plan.
        weights: the file.
        shapes: by tensor of the network.
        epsilons: by BatchNorm layer of the network.

    Raises:
        TensorError: shapes do not fit, or numbers are not finite or of another type than float; says
            which.
    """
    result: dict[str, np.ndarray] = {}
    misshapen: list[str] = []
    for step in plan.steps:
        asked = Asked(
            tuple(shapes[target] for target in step.targets),
            epsilons.get(step.targets[0].rpartition("/")[0]),
        )
        sources = [_floats(weights, name) for name in step.sources]
        try:
            made = step.transform(sources, asked)
        except ValueError:  # NumPy's, of an array that cannot be arranged so
            made = []
        if tuple(one.shape for one in made) != asked.shapes:
            misshapen.append(_misfit(step, weights, asked))
            continue
        for target, value in zip(step.targets, made, strict=True):
            result[target] = _finite(value, step.sources[0], weights.name)
    if misshapen:
        shown = "; ".join([*misshapen[:_SHOWN], *(["…"] if len(misshapen) > _SHOWN else [])])
        raise TensorError(
            f"{weights.name}: {len(misshapen)} tensors have other shapes than the network's: {shown}. "
            "It is of another network, or of one with other arguments."
        )
    return result


def _misfit(step: Step, weights: ForeignWeights, asked: Asked) -> str:
    has = ", ".join(str(weights.tensors[name].shape) for name in step.sources)
    needs = ", ".join(map(str, asked.shapes))
    return f"{step.sources[0][:80]!r} has {has} where {step.targets[0]} is {needs}"


def _floats(weights: ForeignWeights, name: str) -> np.ndarray:
    value = weights[name]
    if value.dtype.kind != "f":
        raise TensorError(
            f"{weights.name}: tensor {name[:80]!r} has type {weights.tensors[name].dtype}; weights "
            "are floating-point numbers. A quantised network is not read."
        )
    return value


def _finite(value: np.ndarray, name: str, source: str) -> np.ndarray:
    with np.errstate(over="ignore"):
        single = np.ascontiguousarray(value, np.float32)
    if not np.isfinite(single).all():
        raise TensorError(
            f"{source}: tensor {name[:80]!r} holds values that are not finite as float32."
        )
    return single


def _twice(one: str, other: str) -> TensorError:
    return TensorError(
        f"{one[:80]!r} and {other[:80]!r} are the same tensor of the network: the file holds two "
        "networks, or a head of several layers. Save the one that is meant alone."
    )
