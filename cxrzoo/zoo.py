"""What the zoo's builders are, without Keras: ``zoo.json`` beside this file.

``tests/generate.py`` writes it from the registry, and a test holds it to that. ``cxrzoo list`` and
``cxrzoo info`` show it, and the recipes of the backbones are made of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from cxrzoo.errors import UnknownModelError
from cxrzoo.nearest import with_nearest
from cxrzoo.strict_json import from_plain, parse_object, read_bytes

_FILE: Final = Path(__file__).with_name("zoo.json")


@dataclass(frozen=True, slots=True)
class ListedArgument:
    """An argument of a builder.

    Attributes:
        default: its default, as JSON has it.
        expected: the values that are taken, in words that follow "must be".
        doc: what it does.
    """

    default: Any
    expected: str
    doc: str


@dataclass(frozen=True, slots=True)
class FeatureMaps:
    """A backbone's feature maps of one stride.

    Attributes:
        stride: by how much they are smaller than the input.
        place: the layer that gives them, as the backbone says it.
        size: their height, width and channels for the default input.
    """

    stride: int
    place: str
    size: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class ListedFineTuning:
    """The figures of a backbone's training recipe, as ``cxrzoo.models.backbone.FineTuning`` has them."""

    learning_rate: float
    source: str
    weight_decay: float
    batch_size: int
    epochs: int
    image_size: int


@dataclass(frozen=True, slots=True)
class ListedBuilder:
    """A builder of the zoo; every number is that of its model with default arguments.

    Attributes:
        name: such as ``"mobilenet_cxr"``.
        summary: what it is, in a sentence.
        parameters: how many its model has, moving statistics of BatchNorm among them.
        multiply_adds: multiplications with an addition for one image, in convolutions, dense layers and
            attention.
        input_shape: height, width and channels.
        feature_maps: by ascending stride.
        scaling: how its pixels in [0, 255] are scaled, in words that follow "are scaled".
        imagenet: which ImageNet weights there are, in words; None if there are none.
        publishers: whose weights ``cxrzoo convert`` brings into it by a map that it has.
        arguments: by name.
        fine_tuning: the figures of its recipe; None if it has none.
    """

    name: str
    summary: str
    parameters: int
    multiply_adds: int
    input_shape: tuple[int, int, int]
    feature_maps: tuple[FeatureMaps, ...]
    scaling: str
    imagenet: str | None
    publishers: tuple[str, ...]
    arguments: Mapping[str, ListedArgument]
    fine_tuning: ListedFineTuning | None

    @property
    def recipe(self) -> str | None:
        """The name of its recipe; None if it has none."""
        short = self.name.removesuffix("_cxr").replace("_", "-")
        return None if self.fine_tuning is None else short


@dataclass(frozen=True, slots=True)
class _Listing:
    """The document: builders by their names' order."""

    builders: tuple[ListedBuilder, ...]


@cache
def listed_builders() -> Mapping[str, ListedBuilder]:
    """Return the zoo's builders by name, sorted."""
    source = "cxrzoo/zoo.json"
    raw = parse_object(
        read_bytes(_FILE, error=UnknownModelError), source=source, error=UnknownModelError
    )
    listing = from_plain(_Listing, raw, source=source, error=UnknownModelError, complete=True)
    return MappingProxyType({one.name: one for one in listing.builders})


def listed_builder(name: str) -> ListedBuilder:
    """Return what a builder is.

    Raises:
        UnknownModelError: there is none of this name; the message has the nearest names.
    """
    known = listed_builders()
    if name not in known:
        raise UnknownModelError(
            f"there is no model {with_nearest([name], known)}; there are {', '.join(known)}."
        )
    return known[name]
