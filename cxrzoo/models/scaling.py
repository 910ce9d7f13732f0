"""How pixels are scaled for a network, and the values of the argument ``scaling``."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from types import MappingProxyType
from typing import Any, Final

from cxrzoo.errors import ModelError
from cxrzoo.typed import check_fields

_LARGEST: Final = 1e6


@dataclass(frozen=True, slots=True)
class Scaling:
    """How pixels in [0, 255] are scaled for a network: ``scale * pixel + offset``.

    Attributes:
        scale: one number, or one for each of red, green and blue.
        offset: likewise.
    """

    scale: float | tuple[float, ...]
    offset: float | tuple[float, ...]

    def __post_init__(self) -> None:
        check_fields(self, ModelError)

    @classmethod
    def standardised(cls, mean: Sequence[float], deviation: Sequence[float]) -> "Scaling":
        """Return ``(pixel / 255 - mean) / deviation``, one mean and deviation a channel."""
        pairs = list(zip(mean, deviation, strict=True))
        return cls(
            tuple(1 / (255 * std) for _, std in pairs),
            tuple(-middle / std for middle, std in pairs),
        )

    @property
    def by_channel(self) -> bool:
        """Whether red, green and blue are scaled differently."""
        return isinstance(self.scale, tuple) or isinstance(self.offset, tuple)

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
IMAGENET_MEAN: Final = Scaling(1.0, (-123.68, -116.779, -103.939))
"""``mode="caffe"`` of ``keras.applications``' ``preprocess_input``, which also turns red, green and blue
round: so does ``ImageNet(bgr=True)``, in the kernel."""


CONVENTIONS: Final = MappingProxyType(
    {
        "unit": UNIT,
        "symmetric": SYMMETRIC,
        "imagenet": IMAGENET_RGB,
        # torchxrayvision 1.5.7, datasets.normalize: (2 * pixel / 255 - 1) * 1024
        "torchxrayvision": Scaling(2048 / 255, -1024.0),
    }
)
"""Scalings that have a name."""


def checked_scaling(value: Any) -> str | tuple[Any, Any]:
    """Return the name of a convention, or ``(scale, offset)`` as plain numbers or tuples of three.

    Three equal numbers are one: a network that scales its channels alike can take grey images.

    Raises:
        TypeError, ValueError, OverflowError: it is neither.
    """
    if isinstance(value, str):
        if value not in CONVENTIONS:
            raise ValueError
        return value
    scale, offset = (_numbers(part) for part in value)
    if 0.0 in scale:
        raise ValueError  # every image would look the same
    if len(set(scale)) == len(set(offset)) == 1:
        return scale[0], offset[0]
    return tuple(3 // len(scale) * scale), tuple(3 // len(offset) * offset)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _numbers(value: Any) -> tuple[float, ...]:
    if isinstance(value, str | bytes):
        raise TypeError
    listed = list(value) if getattr(value, "ndim", hasattr(value, "__len__")) else [value]
    if len(listed) not in {1, 3} or not all(map(_is_number, listed)):
        raise ValueError
    numbers = tuple(float(one) for one in listed)
    if not all(abs(one) <= _LARGEST for one in numbers):  # NaN is not
        raise ValueError
    return numbers
