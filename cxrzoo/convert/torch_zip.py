"""PyTorch's zip layout: what ``torch.save`` writes since version 1.6, every entry stored whole.

Python's ``zipfile`` reads the whole list of entries before anyone can count them, and takes much
that ``torch.save`` never writes. This reader takes only what it does write. The layout is that of
PKWARE's APPNOTE 6.3, sections 4.3.7 to 4.3.16 and 4.5.3 (zip64).
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cxrzoo.convert.foreign import Contents
from cxrzoo.convert.opened import OpenedFile
from cxrzoo.convert.pickle_machine import MAX_PICKLE_BYTES, unpickle
from cxrzoo.convert.stored import DTYPES
from cxrzoo.convert.torch_model import torch_contents
from cxrzoo.convert.torch_tensors import Storage, Storages, storage_of
from cxrzoo.errors import TensorError

FORMAT: Final = "PyTorch zip"
_ORDERS: Final = {b"little": False, b"big": True}
_MOST_ENTRIES: Final = 100_000
_MOST_DIRECTORY_BYTES: Final = 32 << 20
_LONGEST_NAME: Final = 500

_END: Final = struct.Struct("<4s4H2IH")
_END64: Final = struct.Struct("<4sQ2H2I4Q")
_LOCATOR64: Final = struct.Struct("<4sIQI")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_LOCAL: Final = struct.Struct("<4s5H3I2H")
_ENCRYPTED: Final = 0x0001 | 0x0040 | 0x2000
_LIMIT32: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: where its bytes stand in the file."""

    at: int
    size: int


@dataclass(frozen=True, slots=True)
class _Listed:
    name: str
    size: int
    header: int


def read_torch_zip(file: OpenedFile, model: str | None = None) -> Contents:
    """Read the tensors of a file in PyTorch's zip layout; their numbers when they are asked for.

    Which of it is the ``model`` goes by the rule of ``torch_model``.

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
        storage = storage_of(given, known, lengths=(5,))
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


def read_directory(file: OpenedFile) -> dict[str, Entry]:
    """Read the list of entries, and check that each lies alone in the file.

    Raises:
        TensorError: the list is broken or too long; an entry is compressed, encrypted, named twice
            or like a way out of its folder, or shares bytes with another.
    """
    directory, size, count = _end(file)
    if count > _MOST_ENTRIES or size > _MOST_DIRECTORY_BYTES:
        raise TensorError(
            f"its zip lists {count} entries in {size} bytes; the most is {_MOST_ENTRIES} in "
            f"{_MOST_DIRECTORY_BYTES}."
        )
    listed = _listed(file.read(directory, size), count)
    entries: dict[str, Entry] = {}
    end = 0
    for one in sorted(listed, key=lambda entry: entry.header):
        if one.size > directory:
            raise TensorError(f"its zip entry {one.name!r} is longer than the file.")
        if one.header < end or (not entries and one.header):
            raise TensorError(f"its zip entry {one.name!r} shares bytes with what is before it.")
        at = _data(file, one)
        end = at + one.size
        if end > directory:
            raise TensorError(f"its zip entry {one.name!r} reaches into the list of entries.")
        entries[one.name] = Entry(at, one.size)
    return entries


def _end(file: OpenedFile) -> tuple[int, int, int]:
    """Return where the list of entries stands, its bytes and how many it lists."""
    at = file.size - _END.size
    if at < 0:
        raise TensorError("its zip is cut short. Fetch the file again.")
    mark, *disks, count, size, directory, comment = _END.unpack(file.read(at, _END.size))
    if mark != b"PK\x05\x06" or comment:
        raise TensorError("its zip does not end with a list of entries. Fetch the file again.")
    locator = at - _LOCATOR64.size
    if locator >= 0 and file.read(locator, 4) == b"PK\x06\x07":
        _, _, at, _ = _LOCATOR64.unpack(file.read(locator, _LOCATOR64.size))
        found = _END64.unpack(file.read(at, _END64.size))
        if found[0] != b"PK\x06\x06" or found[1] != locator - at - 12:
            raise TensorError("its zip has a broken end (zip64). Fetch the file again.")
        disks, count, size, directory = list(found[4:7]), *found[7:]
    if disks != [0, 0, count]:
        raise TensorError("its zip is one part of several.")
    if directory + size != at:
        raise TensorError("its zip has bytes behind its list of entries. Fetch the file again.")
    return directory, size, count


def _listed(raw: bytes, count: int) -> list[_Listed]:
    listed = []
    names = set()
    at = 0
    for _ in range(count):
        if len(raw) - at < _CENTRAL.size:
            raise TensorError("its zip lists fewer entries than it announces.")
        fields = _CENTRAL.unpack_from(raw, at)
        mark, flags, method = fields[0], fields[3], fields[4]
        packed, size, long, extra, comment, header = *fields[8:13], fields[16]
        begin = at + _CENTRAL.size
        at = begin + long + extra + comment
        if mark != b"PK\x01\x02" or at > len(raw):
            raise TensorError("its zip has a broken list of entries. Fetch the file again.")
        name = _name(raw[begin : begin + long])
        if name in names:
            raise TensorError(f"its zip holds {name!r} twice.")
        names.add(name)
        if flags & _ENCRYPTED:
            raise TensorError(f"its zip entry {name!r} is encrypted; torch.save encrypts nothing.")
        size, packed, header = _wide(raw[begin + long : begin + long + extra], size, packed, header)
        if method or packed != size:
            raise TensorError(
                f"its zip entry {name!r} is compressed; torch.save compresses nothing. Load it with "
                "PyTorch and save it anew."
            )
        listed.append(_Listed(name, size, header))
    if at != len(raw):
        raise TensorError("its zip lists more entries than it announces.")
    return listed


def _wide(extra: bytes, *fields: int) -> list[int]:
    """Return fields of 32 bits, those that are full replaced by the 64 bits of the extra field 1."""
    wide = list(fields)
    at = 0
    while len(extra) - at >= 4:
        kind, length = struct.unpack_from("<2H", extra, at)
        body = extra[at + 4 : at + 4 + length]
        at += 4 + length
        if kind != 1:
            continue
        full = [place for place, value in enumerate(wide) if value == _LIMIT32]
        if len(body) < 8 * len(full):
            raise TensorError("its zip has a broken field of sizes (zip64). Fetch the file again.")
        for i, place in enumerate(full):
            wide[place] = struct.unpack_from("<Q", body, 8 * i)[0]
        break
    return wide


def _name(raw: bytes) -> str:
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        name = ""
    parts = name.split("/")
    if (
        not 0 < len(raw) <= _LONGEST_NAME
        or not name.isprintable()
        or not {"", ".", ".."}.isdisjoint(parts)
        or "\\" in name
        or ":" in name
    ):
        raise TensorError(f"its zip holds the name {raw[:80]!r}, which is no plain path.")
    return name


def _data(file: OpenedFile, entry: _Listed) -> int:
    """Return where an entry's bytes begin: behind its own header, which repeats its name."""
    head = file.read(entry.header, _LOCAL.size)
    fields = _LOCAL.unpack(head)
    mark, flags, method = fields[0], fields[2], fields[3]
    long, extra = int(fields[9]), int(fields[10])
    at = entry.header + _LOCAL.size
    if mark != b"PK\x03\x04" or flags & _ENCRYPTED or method:
        raise TensorError(f"its zip entry {entry.name!r} is not what the list says.")
    if long > _LONGEST_NAME or file.read(at, long) != entry.name.encode():
        raise TensorError(f"its zip entry {entry.name!r} has another name in its own header.")
    return at + long + extra
