"""Numbers as a file stores them: their type, their order of bytes, and views of them."""

from dataclasses import dataclass
from math import prod
from typing import Final

import numpy as np

from cxrzoo.convert.opened import OpenedFile
from cxrzoo.errors import TensorError

DTYPES: Final = {
    "float64": "f8",
    "float32": "f4",
    "float16": "f2",
    "bfloat16": "u2",  # NumPy has no such type: the upper half of a float32
    "int64": "i8",
    "int32": "i4",
    "int16": "i2",
    "int8": "i1",
    "uint8": "u1",
    "bool": "u1",
}
"""The types that are read, each with the NumPy code of its stored form."""

_MOST_DIMENSIONS: Final = 16
_MOST_NUMBERS: Final = 1 << 40


@dataclass(frozen=True, slots=True)
class View:
    """Numbers of one storage, seen through a shape and strides that lie within it."""

    at: int
    """Where the first number of the view stands in the file, in bytes."""
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    """In numbers, not bytes."""
    big_endian: bool = False

    @property
    def span(self) -> int:
        """The numbers of the storage from the first of the view to its last."""
        if 0 in self.shape:
            return 0
        return 1 + sum((n - 1) * s for n, s in zip(self.shape, self.strides, strict=True))

    @property
    def itemsize(self) -> int:
        """The bytes of a stored number."""
        return int(DTYPES[self.dtype][1])

    @property
    def cost(self) -> int:
        """The bytes that reading it takes, at the least."""
        return max(self.span, prod(self.shape)) * self.itemsize


def checked_view(shape: object, strides: object) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return a shape and strides as tuples of bounded whole numbers.

    Raises:
        TensorError: they are none.
    """
    sizes, steps = _whole(shape, "shape"), _whole(strides, "strides")
    if len(sizes) != len(steps):
        raise TensorError(f"a tensor has {len(sizes)} dimensions and {len(steps)} strides.")
    if prod(n for n in sizes if n) > _MOST_NUMBERS:
        raise TensorError(f"a tensor has the shape {sizes}, which no weights have.")
    return sizes, steps


def contiguous(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the strides of an array of this shape in C order, in numbers."""
    return tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))


def read_view(file: OpenedFile, view: View) -> np.ndarray:
    """Read the numbers of a view as an array of its shape, in C order, widened.

    Raises:
        TensorError: they do not lie within the file, or the file has changed.
    """
    order = ">" if view.big_endian else "<"
    flat = widened(file.numbers(view.at, view.span, order + DTYPES[view.dtype]), view.dtype)
    usual = contiguous(view.shape)
    if all(n == 1 or s == u for n, s, u in zip(view.shape, view.strides, usual, strict=True)):
        return flat.reshape(view.shape)
    if not flat.size:
        return np.empty(view.shape, flat.dtype)
    # Within the buffer: the span is what the last number of the view needs.
    steps = [stride * flat.itemsize for stride in view.strides]
    return np.lib.stride_tricks.as_strided(flat, view.shape, steps, writeable=False).copy()


def widened(stored: np.ndarray, dtype: str) -> np.ndarray:
    """Return stored numbers in the machine's order of bytes; half precisions become float32."""
    if dtype == "bfloat16":
        upper = stored.astype(np.uint32)
        upper <<= 16
        return upper.view(np.float32)
    if dtype == "float16":
        return stored.astype(np.float32)
    if dtype == "bool":
        return np.asarray(stored != 0)
    return stored.astype(stored.dtype.newbyteorder("="), copy=False)


def _whole(value: object, what: str) -> tuple[int, ...]:
    if not isinstance(value, tuple) or len(value) > _MOST_DIMENSIONS:
        raise TensorError(f"a tensor's {what} is no tuple of at most {_MOST_DIMENSIONS} numbers.")
    for n in value:
        if type(n) is not int or not 0 <= n <= _MOST_NUMBERS:
            raise TensorError(f"a tensor's {what} holds what is no size of weights.")
    return value
