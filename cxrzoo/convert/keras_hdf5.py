"""Keras 2 weights in HDF5: a group for each layer, below which its arrays stand.

The layout is that of ``keras/src/legacy/saving/legacy_h5_format.py``. A whole model has all that in
the group ``model_weights``; its ``model_config`` is not read. Attributes list the layers and their
arrays in order (``layer_names``, ``weight_names``); they repeat the paths, and are not read either.

The HDF5 library reads what stands where; the numbers are read here. The library would inflate a piece
of an array until it ends, however large it becomes; here it is inflated to the size that the piece must
have and no further. It is not made for files of strangers, so that no promise goes further than the
library's own.
"""

import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from io import RawIOBase
from math import ceil, prod
from typing import Any, Final

import numpy as np

from cxrzoo.convert.foreign import Contents, ForeignTensor, bounded_tensors
from cxrzoo.convert.opened import OpenedFile
from cxrzoo.convert.stored import DTYPES, View, checked_view, contiguous, read_view, widened
from cxrzoo.errors import TensorError

FORMAT: Final = "Keras HDF5"
_WHOLE: Final = "model_weights"
_LISTS: Final = ("layer_names", "layer_names0")  # in pieces, where one attribute is too small
_DEEPEST: Final = 16
_MOST_MEMBERS: Final = 10_000
_NOTES: Final = ("model_config", "training_config", "keras_version", "backend")
_BROKEN: Final = (OSError, KeyError, RuntimeError, ValueError, TypeError, MemoryError)
_GZIP, _SHUFFLE = 1, 2  # H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE
_COMPACT, _CONTIGUOUS, _CHUNKED = 0, 1, 2  # H5D_layout_t
_MOST_CHUNKS: Final = 4_096
_MOST_CHUNK_BYTES: Final = 64 << 20
_MOST_COMPACT_BYTES: Final = 1 << 16
_TYPES: Final = {code: name for name, code in DTYPES.items() if name not in ("bfloat16", "bool")}


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
            group = _listed(_member(opened, place) if place else opened)
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
    if not _is_group(group) or not any(name in group.attrs for name in _LISTS):
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
    address = _address_of(group)
    if address in above:
        raise TensorError(f"its groups stand in one another without end, at {prefix[:80]!a}.")
    for name in group:
        found = _member(group, name)
        if _is_group(found):
            yield from _tensors(file, found, f"{prefix}{name}/", (*above, address))
        else:
            yield f"{prefix}{name}", _array_of(file, found)


def _member(group: Any, name: str) -> Any:
    """Return a member of a group, which must be in it by a hard link."""
    h5py = import_module("h5py")
    if type(group.get(name, getlink=True)) is not h5py.HardLink:
        raise TensorError(f"its {name[:80]!a} is a link to elsewhere, which is not followed.")
    return group[name]


def _is_group(found: Any) -> bool:
    return isinstance(found, import_module("h5py").Group)


def _address_of(found: Any) -> int:
    """Return where an object stands in its file: the same for the same object."""
    return int(import_module("h5py").h5o.get_info(found.id).addr)


def _array_of(file: OpenedFile, dataset: Any) -> ForeignTensor:
    """Return an array of the file as a tensor, if its numbers stand in this file."""
    h5py = import_module("h5py")
    if not isinstance(dataset, h5py.Dataset):
        raise TensorError("it names as an array what is none.")
    kind = dataset.dtype
    code = kind.str[1:]
    if (
        code not in _TYPES
        or dataset.shape is None
        or dataset.id.get_type() != h5py.h5t.py_create(kind)
    ):
        raise TensorError(f"an array of it holds {str(kind)[:60]!a}; only numbers are read.")
    shape = dataset.shape
    sizes, strides = checked_view(shape, contiguous(shape) if len(shape) <= 16 else ())
    plist = dataset.id.get_create_plist()
    if plist.get_external_count():
        raise TensorError("an array of it stands in another file, which is not opened.")
    layout = plist.get_layout()
    big = kind.byteorder == ">"
    if layout == _CONTIGUOUS and not plist.get_nfilters():
        return _whole(file, dataset, View(0, _TYPES[code], sizes, strides, big))
    if layout == _COMPACT and prod(sizes) * kind.itemsize <= _MOST_COMPACT_BYTES:
        values = widened(np.asarray(dataset[...]), _TYPES[code])
        return ForeignTensor(sizes, _TYPES[code], values.nbytes, values.copy)
    if layout != _CHUNKED:
        raise TensorError("an array of it is put together from elsewhere, which is not read.")
    read, cost = _chunked(file, dataset, plist, kind)
    return ForeignTensor(sizes, _TYPES[code], cost, lambda: widened(read(), _TYPES[code]))


def _whole(file: OpenedFile, dataset: Any, view: View) -> ForeignTensor:
    at, size = dataset.id.get_offset(), dataset.id.get_storage_size()
    if view.span and (at is None or size != view.span * view.itemsize):
        raise TensorError(f"an array of it of shape {view.shape} has no numbers in the file.")
    placed = View(at or 0, view.dtype, view.shape, view.strides, view.big_endian)
    if placed.at + size > file.size:
        raise TensorError(f"an array of it of shape {view.shape} reaches beyond the file.")
    return ForeignTensor(view.shape, view.dtype, view.cost, lambda: read_view(file, placed))


def _chunked(
    file: OpenedFile, dataset: Any, plist: Any, kind: np.dtype[Any]
) -> tuple[Callable[[], np.ndarray], int]:
    """Return how to read an array that is stored in pieces, and the bytes that it takes."""
    filters = [plist.get_filter(i)[0] for i in range(plist.get_nfilters())]
    if filters not in ([], [_GZIP], [_SHUFFLE], [_SHUFFLE, _GZIP]):
        raise TensorError(f"an array of it is packed by filters {filters[:8]}; gzip is read.")
    shape, chunk = dataset.shape, plist.get_chunk()
    n = prod(ceil(size / part) for size, part in zip(shape, chunk, strict=True))
    size = prod(chunk) * kind.itemsize
    if n > _MOST_CHUNKS or size > _MOST_CHUNK_BYTES or dataset.id.get_num_chunks() != n:
        raise TensorError(f"an array of it of shape {shape} is in pieces of no usual size.")
    pieces = []
    for i in range(n):
        found = dataset.id.get_chunk_info(i)
        if found.filter_mask or found.byte_offset is None:
            raise TensorError("a piece of an array of it is packed unlike the others.")
        if found.byte_offset + found.size > file.size:
            raise TensorError("a piece of an array of it reaches beyond the file.")
        pieces.append((found.chunk_offset, found.byte_offset, found.size))

    def read() -> np.ndarray:
        values = np.empty(shape, kind)
        for corner, at, length in pieces:
            piece = _unpacked(file.read(at, length), filters, size, kind).reshape(chunk)
            ends = [min(b + c, s) for b, c, s in zip(corner, chunk, shape, strict=True)]
            inside = tuple(slice(b, e) for b, e in zip(corner, ends, strict=True))
            values[inside] = piece[tuple(slice(e - b) for b, e in zip(corner, ends, strict=True))]
        return values

    return read, prod(shape) * kind.itemsize + size


def _unpacked(raw: bytes, filters: list[int], size: int, kind: np.dtype[Any]) -> np.ndarray:
    if _GZIP in filters:
        inflating = zlib.decompressobj()
        try:
            raw = inflating.decompress(raw, size)
            more = b"" if inflating.eof else inflating.decompress(inflating.unconsumed_tail, 1)
        except zlib.error as error:
            raise TensorError(f"a piece of an array is not gzip: {error}.") from None
        if more:
            raise TensorError(f"a piece of an array is larger than the {size} bytes it should be.")
    if len(raw) != size:
        raise TensorError(f"a piece of an array takes {len(raw)} bytes; it should be {size}.")
    if _SHUFFLE in filters:
        planes = np.frombuffer(raw, np.uint8).reshape(kind.itemsize, -1)
        raw = planes.T.tobytes()
    return np.frombuffer(raw, kind)


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
