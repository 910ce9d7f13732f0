"""What the zoo has to know of a network to make a chest X-ray model of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import keras

from cxrzoo.models.arguments import COMMON, Kind

__all__ = [
    "IMAGENET_RGB",
    "LAST",
    "SYMMETRIC",
    "UNIT",
    "Backbone",
    "Builder",
    "ImageNet",
    "Network",
    "Scaling",
]

Builder = Callable[..., keras.Model]
Network = Callable[..., keras.Model | keras.KerasTensor]

LAST: Final = "output"
"""Of feature maps: what the network gives, and the head takes."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """How pixels in [0, 255] are scaled for a network: ``scale * pixel + offset``.

    Attributes:
        scale: one number, or one for each of red, green and blue.
        offset: likewise.
    """

    scale: float | tuple[float, ...]
    offset: float | tuple[float, ...]

    @classmethod
    def standardised(cls, mean: Sequence[float], deviation: Sequence[float]) -> "Scaling":
        """Return ``(pixel / 255 - mean) / deviation``, one mean and deviation a channel."""
        pairs = list(zip(mean, deviation, strict=True))
        return cls(
            tuple(1 / (255 * spread) for _, spread in pairs),
            tuple(-middle / spread for middle, spread in pairs),
        )

    @property
    def by_channel(self) -> bool:
        """Whether red, green and blue are scaled differently."""
        return isinstance(self.scale, tuple)

    def __str__(self) -> str:
        if isinstance(self.scale, tuple) or isinstance(self.offset, tuple):
            return "channel by channel (a grey image as red, green and blue)"
        return f"to [{self.offset:g}, {255 * self.scale + self.offset:g}]"


UNIT: Final = Scaling(1 / 255, 0.0)
"""[0, 1]."""
SYMMETRIC: Final = Scaling(1 / 127.5, -1.0)
"""[-1, 1]: ``mode="tf"`` of ``keras.applications``' ``preprocess_input``."""
IMAGENET_RGB: Final = Scaling.standardised((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
"""``mode="torch"`` of ``keras.applications``' ``preprocess_input``, and torchvision's."""


@dataclass(frozen=True, slots=True)
class ImageNet:
    """Which ImageNet weights of a network Keras publishes.

    Attributes:
        file: name of the file in Keras's cache for arguments and an input side.
        sizes: input sides in pixels that there are weights for; the last serves every other input.
        only: values of the network's own arguments that there are weights for, by name.
    """

    file: Callable[[Mapping[str, Any], int], str]
    sizes: tuple[int, ...] = (224,)
    only: Mapping[str, tuple[Any, ...]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Backbone:
    """A network of the zoo, and everything that its builder follows from.

    Attributes:
        name: the builder's name, such as ``"mobilenet_cxr"``.
        doc: docstring of the function that makes the network: what it is, its source, its arguments.
        network: make the network on scaled pixels ``(b, h, w, c)``: a ``keras.Model`` or its output,
            feature maps ``(b, h', w', c')``. It is given ``weights``, None or ``"imagenet"``, and its
            own arguments by name.
        scaling: how its pixels are scaled.
        first_kernel: path of the kernel that takes the image, as :func:`cxrzoo.models.model_tensors`
            names it. A kernel for RGB is summed over its channels where the network takes grey.
        features: where its feature maps are, by their stride, for arguments: ``"layer"`` for a layer's
            output, ``"layer.input"`` for its input, :data:`LAST` for what the network gives.
        kinds: what the network's own arguments may be, by name.
        defaults: the builder's defaults by argument, complete.
        imagenet: its ImageNet weights; None if there are none.
        flatten: whether the head takes the feature maps flattened and not averaged.
        small: arguments that make the network small, for tests and for trying things out.
        builder: the public function.
    """

    name: str
    doc: str
    network: Network
    scaling: Scaling
    first_kernel: str
    features: Callable[[Mapping[str, Any]], Mapping[int, str]]
    kinds: Mapping[str, Kind]
    defaults: Mapping[str, Any]
    imagenet: ImageNet | None
    flatten: bool
    small: Mapping[str, Any]
    builder: Builder

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return self.doc.splitlines()[0]

    def kind(self, argument: str) -> Kind:
        """Return what an argument other than ``labels`` and ``weights`` may be."""
        return self.kinds[argument] if argument in self.kinds else COMMON[argument].kind

    def own(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of the arguments that the network itself takes."""
        return {name: arguments[name] for name in self.kinds}
