"""PyTorch's zip layout: what ``torch.save`` writes since version 1.6."""

from collections.abc import Mapping
from typing import Final

from cxrzoo.convert.foreign import Contents
from cxrzoo.convert.opened import OpenedFile
from cxrzoo.convert.pickle_machine import MAX_PICKLE_BYTES, unpickle
from cxrzoo.convert.stored import DTYPES
from cxrzoo.convert.torch_model import torch_contents
from cxrzoo.convert.torch_tensors import Storage, Storages, storage_of
from cxrzoo.convert.zip_directory import Entry, read_directory
from cxrzoo.errors import TensorError

FORMAT: Final = "PyTorch zip"
_ORDERS: Final = {b"little": False, b"big": True}


def read_torch_zip(file: OpenedFile, model: str | None = None) -> Contents:
    """Read the tensors of a file in PyTorch's zip layout; their numbers when they are asked for.

    Args:
        file: the file.
        model: where the model stands in it; None goes by the rule of ``torch_model``.

    Raises:
        TensorError: it is no such file, or breaks the layout.
    """
    entries = read_directory(file)
    top = _top(entries)
    big_endian = _big_endian(file, entries.get(f"{top}/byteorder"))
    pickle = entries[f"{top}/data.pkl"]
    if pickle.size > MAX_PICKLE_BYTES:
        raise TensorError(f"its pickle takes {pickle.size} bytes; the most is {MAX_PICKLE_BYTES}.")
    places: dict[str, int] = {}
    known: dict[str, Storage] = {}

    def persistent(given: object) -> Storage:
        if not isinstance(given, tuple) or len(given) != 5 or given[0] not in _STORAGE:
            raise TensorError("its pickle holds a persistent id that is no storage's.")
        storage = storage_of(given[1], given[2], given[4])
        if known.setdefault(storage.key, storage) != storage:
            raise TensorError(f"its storage {storage.key!r} has two types or lengths.")
        entry = entries.get(f"{top}/data/{storage.key}")
        size = storage.numel * int(DTYPES[storage.dtype][1])
        if entry is None or entry.size != size:
            found = "nothing is" if entry is None else f"{entry.size} are"
            raise TensorError(
                f"its storage {storage.key!r} takes {size} bytes; {found} there. Fetch the file "
                "again."
            )
        places[storage.key] = entry.at
        return storage

    raw = file.read(pickle.at, pickle.size)
    root, end = unpickle(raw, persistent)
    if end != len(raw):
        raise TensorError(f"{len(raw) - end} bytes stand behind its pickle.")
    return torch_contents(FORMAT, root, Storages(file, places, big_endian), model)


_STORAGE: Final = ("storage", b"storage")


def _top(entries: Mapping[str, Entry]) -> str:
    """Return the one folder that everything is in."""
    tops = {name.partition("/")[0] for name in entries}
    if not any(name.endswith("/data.pkl") and name.count("/") == 1 for name in entries):
        raise TensorError(
            "it is a zip without the pickle of torch.save (data.pkl); Keras's own files are loaded "
            "by keras.saving.load_model."
        )
    if len(tops) != 1:
        raise TensorError("its zip has several folders; torch.save writes one.")
    (top,) = tops
    if f"{top}/constants.pkl" in entries or any(
        name.startswith(f"{top}/code/") for name in entries
    ):
        raise TensorError(
            "it is a TorchScript program; load it with torch.jit.load and save its state_dict()."
        )
    return top


def _big_endian(file: OpenedFile, entry: Entry | None) -> bool:
    if entry is None:
        return False
    mark = file.read(entry.at, min(entry.size, 10))
    if mark not in _ORDERS:
        raise TensorError("its order of bytes is neither 'little' nor 'big'. Fetch the file again.")
    return _ORDERS[mark]
