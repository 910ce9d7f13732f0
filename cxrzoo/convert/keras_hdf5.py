"""Keras 2 weights in HDF5: groups of layers, each with the names of its arrays.

The layout is that of ``keras/src/legacy/saving/legacy_h5_format.py``: the attribute ``layer_names``
lists groups, each of which lists its arrays in ``weight_names``. A list too long for one attribute
goes on in ``layer_names0``, ``layer_names1`` and so on. A whole model has all that in the group
``model_weights``; its ``model_config`` is not read.

The HDF5 library reads what stands where; the numbers are read here. It is not made for files of
strangers, so that no promise goes further than the library's own.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

import numpy as np

from cxrzoo.convert.foreign import Contents, ForeignTensor, checked_tensors
from cxrzoo.convert.hdf5_arrays import array_of, member
from cxrzoo.convert.opened import OpenedFile
from cxrzoo.errors import TensorError

__all__ = ["FORMAT", "read_keras_hdf5"]

FORMAT: Final = "Keras HDF5"
_MOST_LAYERS: Final = 10_000
_MOST_NAME_BYTES: Final = 1 << 22
_MOST_LISTS: Final = 1_000
_NOTES: Final = ("model_config", "training_config", "keras_version", "backend")
_BROKEN: Final = (OSError, KeyError, RuntimeError, ValueError, TypeError, OverflowError)


def read_keras_hdf5(file: OpenedFile) -> Contents:
    """Read the names and shapes of Keras 2 weights; their numbers when they are asked for.

    Names are ``layer/weight`` as the file has them, such as ``conv1/conv1/kernel:0``.

    Raises:
        TensorError: it is no such file, or holds what such files do not: links to elsewhere,
            virtual or external arrays, filters other than gzip and shuffle, or values that are no
            numbers.
    """
    h5py = import_module("h5py")  # comes with Keras, and is not needed for any other format
    try:
        with h5py.File(_Source(file), "r") as opened:
            notes = tuple(f"{name}: present, not read" for name in _NOTES if name in opened.attrs)
            whole = member(opened, "model_weights", optional=True)
            group = opened if whole is None else whole
            tensors = checked_tensors(_tensors(file, group), size=file.size)
    except TensorError:
        raise
    except _BROKEN as error:
        raise TensorError(
            f"the HDF5 library cannot read it: {str(error)[:200]!a}. Fetch the file again."
        ) from None
    other = (*(["optimizer_weights: present, not read"] if whole is not None else []), *notes)
    return Contents(FORMAT, tensors, other, "" if whole is None else "model_weights", ("",))


def _tensors(file: OpenedFile, group: Any) -> Iterator[tuple[str, ForeignTensor]]:
    layers = _names(group, "layer_names")
    if layers is None:
        raise TensorError(
            "it is HDF5 without Keras 2's list of layers (layer_names); files of Keras 3 are loaded "
            "by model.load_weights."
        )
    for layer in layers:
        inner = member(group, layer)
        for weight in _names(inner, "weight_names") or ():
            yield f"{layer}/{weight}", array_of(file, member(inner, weight))


def _names(group: Any, attribute: str) -> list[str] | None:
    """The texts of an attribute, in as many pieces as it takes."""
    if attribute in group.attrs:
        return _texts(group, attribute)
    if f"{attribute}0" not in group.attrs:
        return None
    names: list[str] = []
    for number in range(_MOST_LISTS):
        if f"{attribute}{number}" not in group.attrs:
            break
        names += _texts(group, f"{attribute}{number}")
        if len(names) > _MOST_LAYERS:
            raise TensorError(f"it lists more than {_MOST_LAYERS} names in {attribute}.")
    return names


def _texts(group: Any, attribute: str) -> list[str]:
    found = group.attrs.get_id(attribute)
    shape, kind = found.shape, found.dtype
    if not isinstance(shape, tuple) or len(shape) != 1 or shape[0] > _MOST_LAYERS:
        raise TensorError(f"its {attribute} is no list of at most {_MOST_LAYERS} names.")
    if shape[0] == 0:
        return []
    if kind.kind != "S" or shape[0] * kind.itemsize > _MOST_NAME_BYTES:
        raise TensorError(f"its {attribute} holds no texts of bounded length.")
    texts = np.asarray(group.attrs[attribute])
    return [bytes(text).decode("utf-8") for text in texts]


class _Source:
    """The opened file as the HDF5 library reads it: by places within it, and nothing to write."""

    def __init__(self, file: OpenedFile) -> None:
        self._file = file
        self._at = 0

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._file.size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, target: memoryview) -> int:
        n = max(0, min(len(target), self._file.size - self._at))
        target[:n] = self._file.read(self._at, n)
        self._at += n
        return n

    def read(self, n: int = -1) -> bytes:
        left = max(0, self._file.size - self._at)
        found = self._file.read(self._at, left if n < 0 else min(n, left))
        self._at += len(found)
        return found
