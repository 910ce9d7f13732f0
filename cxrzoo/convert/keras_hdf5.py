"""Keras 2 weights in HDF5: a group for each layer, below which its arrays stand.

The layout is that of ``keras/src/legacy/saving/legacy_h5_format.py``. A whole model has all that in
the group ``model_weights``; its ``model_config`` is not read. Attributes list the layers and their
arrays in order (``layer_names``, ``weight_names``); they repeat the paths, and are not read either.

The HDF5 library reads what stands where; the numbers are read here. It is not made for files of
strangers, so that no promise goes further than the library's own.
"""

from collections.abc import Iterator
from importlib import import_module
from io import RawIOBase
from typing import Any, Final

from cxrzoo.convert.foreign import Contents, ForeignTensor, bounded_tensors
from cxrzoo.convert.hdf5_arrays import address_of, array_of, is_group, member
from cxrzoo.convert.opened import OpenedFile
from cxrzoo.errors import TensorError

FORMAT: Final = "Keras HDF5"
_WHOLE: Final = "model_weights"
_LISTS: Final = ("layer_names", "layer_names0")  # in pieces, where one attribute is too small
_DEEPEST: Final = 16
_MOST_MEMBERS: Final = 10_000
_NOTES: Final = ("model_config", "training_config", "keras_version", "backend")
_BROKEN: Final = (OSError, KeyError, RuntimeError, ValueError, TypeError, MemoryError)


def read_keras_hdf5(file: OpenedFile) -> Contents:
    """Read the names and shapes of Keras 2 weights; their numbers when they are asked for.

    Names are ``layer/weight`` as the file has them, such as ``conv1/conv1/kernel:0``, in
    alphabetical order.

    Raises:
        TensorError: it is no such file, or holds what such files do not: links to elsewhere,
            virtual or external arrays, filters other than gzip and shuffle, or values that are no
            numbers.
    """
    h5py = import_module("h5py")  # comes with Keras, and is not needed for any other format
    try:
        with h5py.File(_Source(file), "r") as opened:
            notes = tuple(f"{name}: present, not read" for name in _NOTES if name in opened.attrs)
            # Whether a name is in the file is asked of its links: "in" would follow one.
            place = _WHOLE if opened.get(_WHOLE, getlink=True) else ""
            group = _listed(member(opened, place) if place else opened)
            tensors = bounded_tensors(_tensors(file, group), size=file.size)
    except TensorError:
        raise
    except _BROKEN as error:
        raise TensorError(
            f"the HDF5 library cannot read it: {str(error)[:200]!a}. Fetch the file again."
        ) from None
    return Contents(FORMAT, tensors, notes, place, (place,))


def _listed(group: Any) -> Any:
    """Return the group, if it has Keras 2's list of layers."""
    if not is_group(group) or not any(name in group.attrs for name in _LISTS):
        raise TensorError(
            "it is HDF5 without Keras 2's list of layers (layer_names); files of Keras 3 are loaded "
            "by model.load_weights."
        )
    return group


def _tensors(
    file: OpenedFile, group: Any, prefix: str = "", above: tuple[int, ...] = ()
) -> Iterator[tuple[str, ForeignTensor]]:
    """Yield the arrays below a group, by their paths, in the order of names."""
    if len(above) >= _DEEPEST or len(group) > _MOST_MEMBERS:
        raise TensorError(f"its groups are too deep or too large, at {prefix[:80]!a}.")
    address = address_of(group)
    if address in above:
        raise TensorError(f"its groups stand in one another without end, at {prefix[:80]!a}.")
    for name in group:
        found = member(group, name)
        if is_group(found):
            yield from _tensors(file, found, f"{prefix}{name}/", (*above, address))
        else:
            yield f"{prefix}{name}", array_of(file, found)


class _Source(RawIOBase):
    """The opened file as the HDF5 library reads it: by places within it, and nothing to write."""

    def __init__(self, file: OpenedFile) -> None:
        super().__init__()
        self._file = file
        self._at = 0

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._file.size)[whence]
        return self._at

    def readinto(self, target: Any) -> int:
        n = max(0, min(len(target), self._file.size - self._at))
        target[:n] = self._file.read(self._at, n)
        self._at += n
        return n
