"""What a stranger's file of weights holds, whatever its format."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import Final

import numpy as np

from cxrzoo.errors import TensorError
from cxrzoo.nearest import with_nearest

_MOST_TENSORS: Final = 100_000
_LONGEST_NAME: Final = 500
_SPARE_BYTES: Final = 16 << 20
MOST_LINES: Final = 50
_LONGEST_LINE: Final = 200


@dataclass(frozen=True, slots=True)
class ForeignTensor:
    """A tensor whose place in the file is checked and whose numbers are not read yet."""

    shape: tuple[int, ...]
    dtype: str
    """As stored: ``"float32"``, ``"bfloat16"``, ``"int64"`` and so on."""
    cost: int = field(repr=False)
    """The bytes of the file and of memory that reading it takes."""
    read: Callable[[], np.ndarray] = field(repr=False)
    """Read the numbers: an array of ``shape``; float16 and bfloat16 become float32."""


@dataclass(frozen=True)
class Contents:
    """What the reader of one format finds; :func:`cxrzoo.convert.read_weights` adds the file."""

    format: str
    tensors: Mapping[str, ForeignTensor]
    other: tuple[str, ...] = ()
    model: str = ""
    models: tuple[str, ...] = ()


@dataclass(frozen=True)
class ForeignWeights:
    """The tensors of a file by name; ``weights[name]`` reads one.

    Names and numbers are the file's own: nothing is renamed, transposed or checked to be finite.
    """

    format: str
    """``"PyTorch zip"``, ``"PyTorch legacy stream"``, ``"safetensors"`` or ``"Keras HDF5"``."""
    name: str
    """The file's name, without its folder."""
    sha256: str
    size: int
    """The file's bytes."""
    tensors: Mapping[str, ForeignTensor]
    """In the file's order."""
    other: tuple[str, ...]
    """What else stands in the file: short lines of printable text, no more than some fifty."""
    model: str
    """Where in the file the tensors stand: a key such as ``"state_dict"``, or ``""`` for all of
    it. Keys of keys are joined by ``/``."""
    models: tuple[str, ...]
    """All places that hold tensors by name; ``read_weights(path, model=...)`` takes each."""

    def __getitem__(self, name: str) -> np.ndarray:
        """Read one tensor: an array of its shape; float16 and bfloat16 become float32.

        Raises:
            TensorError: the file has no such tensor, or has changed since it was opened.
        """
        if name not in self.tensors:
            raise TensorError(
                f"{self.name} has no tensor {with_nearest([name], self.tensors)}; "
                f"it has {len(self.tensors)}."
            )
        try:
            return self.tensors[name].read()
        except TensorError as error:
            raise TensorError(f"{self.name}: tensor {name!r}: {error}") from None


def bounded_tensors(
    found: Iterable[tuple[str, ForeignTensor]], *, size: int
) -> Mapping[str, ForeignTensor]:
    """Return tensors by name, if names and sizes are such as weights in a file of ``size`` bytes have.

    Raises:
        TensorError: a name is no printable text or stands there twice, there are too many
            tensors, or they are much larger than their file.
    """
    tensors: dict[str, ForeignTensor] = {}
    budget = 4 * size + _SPARE_BYTES
    for name, tensor in found:
        if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
            raise TensorError(f"a tensor has the name {name[:40]!a}, which is no printable name.")
        if name in tensors:
            raise TensorError(f"the tensor {name!r} is there twice.")
        if len(tensors) >= _MOST_TENSORS:
            raise TensorError(f"there are more than {_MOST_TENSORS} tensors.")
        budget -= tensor.cost
        if budget < 0:
            raise TensorError(
                f"the tensors are more than four times as large as the file's {size} bytes: "
                f"{name!r} has the shape {tensor.shape}. Save them anew without expanded views."
            )
        tensors[name] = tensor
    return MappingProxyType(tensors)


def lines_of(lines: Iterable[str]) -> tuple[str, ...]:
    """Return lines as :func:`printable` has them, and no more than fifty."""
    shown = [printable(line) for line in islice(lines, MOST_LINES + 1)]
    return (*shown[:MOST_LINES], *(["and more"] if len(shown) > MOST_LINES else []))


def printable(text: str) -> str:
    """Return a text with what a terminal could take for an order replaced, and cut if long."""
    cut = text if len(text) <= _LONGEST_LINE else text[: _LONGEST_LINE - 1] + "…"
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in cut)
