"""PyTorch's legacy layout: a stream of pickles, then the numbers; what came before version 1.6.

Five pickles: a magic number, the protocol, what the writing machine was, the object, and the keys
of its storages; then each storage in that order, as a length of eight bytes and its numbers. The
numbers are little-endian whatever the machine was (torch/csrc/generic/serialization.cpp), as
``torch.load`` takes them.
"""

from typing import Final

from cxrzoo.convert.foreign import Contents
from cxrzoo.convert.inert import Name
from cxrzoo.convert.opened import OpenedFile
from cxrzoo.convert.pickle_arguments import CutShortError
from cxrzoo.convert.pickle_machine import MAX_PICKLE_BYTES, unpickle
from cxrzoo.convert.stored import DTYPES
from cxrzoo.convert.torch_model import torch_contents
from cxrzoo.convert.torch_tensors import Storage, Storages, storage_of
from cxrzoo.errors import TensorError

FORMAT: Final = "PyTorch legacy stream"
_MAGIC: Final = 0x1950A86A20F9469CFC6C
_PROTOCOL: Final = 1001
_FIRST_READ: Final = 1 << 20


def read_torch_legacy(file: OpenedFile, model: str | None = None) -> Contents:
    """Read the tensors of a file in PyTorch's legacy layout; their numbers when asked for.

    Which of it is the ``model`` goes by the rule of ``torch_model``.

    Raises:
        TensorError: it is no such file, or breaks the layout.
    """
    length = _FIRST_READ
    while True:
        raw = file.read(0, min(length, file.size))
        try:
            root, keys, roots, end = _pickles(raw)
        except CutShortError:
            # Where the pickles end and the numbers begin is not written anywhere.
            if length >= min(file.size, MAX_PICKLE_BYTES):
                raise
            length = min(8 * length, MAX_PICKLE_BYTES)
        else:
            break
    places = _places(file, keys, roots, end)
    return torch_contents(FORMAT, root, Storages(file, places), model)


def _pickles(raw: bytes) -> tuple[object, list[str], dict[str, Storage], int]:
    """Return the object, the keys of its storages, the storages by key, and where the pickles end."""
    roots: dict[str, Storage] = {}

    def persistent(given: object) -> object:
        if isinstance(given, tuple) and len(given) == 4 and given[0] in ("module", b"module"):
            return _class_of(given[1])
        storage = storage_of(given, roots, lengths=(5, 6))
        view = given[5] if isinstance(given, tuple) and len(given) == 6 else None
        return _viewed(storage, view)

    at = 0
    for mark in (_MAGIC, _PROTOCOL):
        found, at = unpickle(raw, _no_storage, at=at)
        if type(found) is not int or found != mark:
            raise TensorError(
                "it is a pickle, but none of torch.save's; save a state_dict() with PyTorch."
            )
    _, at = unpickle(raw, _no_storage, at=at)
    root, at = unpickle(raw, persistent, at=at)
    keys, at = unpickle(raw, _no_storage, at=at)
    if not isinstance(keys, list):
        raise TensorError("its list of storages is none. Fetch the file again.")
    names = [key for key in keys if isinstance(key, str)]
    if len(names) != len(keys) or set(names) != set(roots) or len(set(names)) != len(names):
        raise TensorError("its list of storages is not that of its tensors. Fetch the file again.")
    return root, names, roots, at


def _class_of(value: object) -> Name:
    """Return the class of a module, beside which the file keeps its source; that is not read."""
    if not isinstance(value, Name):
        raise TensorError("its pickle keeps the source of what is no class.")
    return value


def _no_storage(_: object) -> object:
    raise TensorError("its pickle holds a storage where none can be.")


def _viewed(storage: Storage, view: object) -> Storage:
    """Return a part of a storage, as PyTorch wrote it before tensors had offsets of their own."""
    if view is None:
        return storage
    if not isinstance(view, tuple) or len(view) != 3:
        raise TensorError(f"its storage {storage.key!r} is seen through what is no view.")
    _, first, numel = view
    if (
        type(first) is not int
        or type(numel) is not int
        or not 0 <= first <= storage.numel
        or not 0 <= numel <= storage.numel - first
    ):
        raise TensorError(f"its storage {storage.key!r} is seen beyond its end.")
    return Storage(storage.key, storage.dtype, numel, first)


def _places(
    file: OpenedFile, keys: list[str], roots: dict[str, Storage], at: int
) -> dict[str, int]:
    places = {}
    for key in keys:
        storage = roots[key]
        count = int.from_bytes(file.read(at, 8), "little", signed=True)
        size = storage.numel * int(DTYPES[storage.dtype][1])
        if count != storage.numel or size > file.size - at - 8:
            raise TensorError(
                f"its storage {key!r} should have {storage.numel} numbers; {count} are announced "
                f"and {file.size - at - 8} bytes are left. Fetch the file again."
            )
        places[key] = at + 8
        at += 8 + size
    if at != file.size:
        raise TensorError(f"{file.size - at} bytes stand behind its numbers. Fetch the file again.")
    return places
