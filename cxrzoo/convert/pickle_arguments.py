"""The opcodes of pickle, protocols 0 to 5, each with the reader of its argument.

The list is that of Python's ``pickletools``, which documents each. A reader is given the bytes and
where the argument begins, and gives the argument and where it ends; it takes no more memory than
the bytes that are there.
"""

import struct
from collections.abc import Callable
from typing import Final

from cxrzoo.errors import TensorError

Reader = Callable[[bytes, int], tuple[object, int]]

_LONGEST_LINE: Final = 1000
_LONGEST_INTEGER: Final = 255
"""In bytes; PyTorch's own magic number has ten."""


class CutShortError(TensorError):
    """The bytes end within the pickle."""


def _need(raw: bytes, at: int, n: int) -> int:
    if n > len(raw) - at:
        raise CutShortError(f"its pickle announces {n} bytes where it ends. Fetch the file again.")
    return at + n


def _nothing(_: bytes, at: int) -> tuple[object, int]:
    return None, at


def _packed(form: str) -> Reader:
    packing = struct.Struct(form)

    def read(raw: bytes, at: int) -> tuple[object, int]:
        end = _need(raw, at, packing.size)
        return packing.unpack_from(raw, at)[0], end

    return read


def _counted(form: str, decode: Callable[[bytes], object]) -> Reader:
    packing = struct.Struct(form)

    def read(raw: bytes, at: int) -> tuple[object, int]:
        begin = _need(raw, at, packing.size)
        length = packing.unpack_from(raw, at)[0]
        if length < 0:
            raise TensorError(f"its pickle announces {length} bytes.")
        end = _need(raw, begin, length)
        return decode(raw[begin:end]), end

    return read


def _line(raw: bytes, at: int) -> tuple[bytes, int]:
    end = raw.find(b"\n", at, at + _LONGEST_LINE)
    if end >= 0:
        return raw[at:end], end + 1
    if len(raw) - at < _LONGEST_LINE:
        raise CutShortError("its pickle ends within a line. Fetch the file again.")
    raise TensorError(f"its pickle has a line of more than {_LONGEST_LINE} bytes.")


def _lined(decode: Callable[[bytes], object]) -> Reader:
    def read(raw: bytes, at: int) -> tuple[object, int]:
        line, end = _line(raw, at)
        return decode(line), end

    return read


def _two_lines(raw: bytes, at: int) -> tuple[object, int]:
    module, at = _line(raw, at)
    name, at = _line(raw, at)
    return (_text(module), _text(name)), at


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise TensorError("its pickle holds a text that is not UTF-8.") from None


def _old_text(raw: bytes) -> str | bytes:
    """Return a text of Python 2, which may be bytes."""
    return raw.decode("ascii") if raw.isascii() else raw


def _escaped(raw: bytes) -> str:
    try:
        return raw.decode("raw-unicode-escape")
    except UnicodeDecodeError:
        raise TensorError("its pickle holds a text with a broken escape.") from None


def _quoted(raw: bytes) -> str:
    if len(raw) < 2 or raw[:1] not in b"'\"" or raw[-1:] != raw[:1] or b"\\" in raw:
        raise TensorError("its pickle holds a text of protocol 0 that is not plainly quoted.")
    return _text(raw[1:-1])


def _integer(raw: bytes) -> int:
    if len(raw) > _LONGEST_INTEGER:
        raise TensorError(f"its pickle holds a whole number of {len(raw)} bytes.")
    return int.from_bytes(raw, "little", signed=True)


def _decimal(raw: bytes) -> int:
    digits = raw.removesuffix(b"L").removeprefix(b"-")
    if not digits.isdigit() or len(digits) > _LONGEST_INTEGER:
        raise TensorError("its pickle holds a whole number that is none.")
    return int(raw.removesuffix(b"L"))


def _int_or_bool(raw: bytes) -> int | bool:
    return bool(int(raw)) if raw in (b"00", b"01") else _decimal(raw)


def _float(raw: bytes) -> float:
    try:
        return float(raw)
    except ValueError:
        raise TensorError("its pickle holds a number that is none.") from None


# fmt: off
_WITHOUT_ARGUMENT: Final = (
    ("(", "MARK"), (".", "STOP"), ("0", "POP"), ("1", "POP_MARK"), ("2", "DUP"),
    ("N", "value"), ("Q", "BINPERSID"), ("R", "REDUCE"), ("a", "APPEND"), ("b", "BUILD"),
    ("d", "DICT"), ("}", "EMPTY_DICT"), ("e", "APPENDS"), ("l", "LIST"),
    ("]", "EMPTY_LIST"), ("o", "OBJ"), ("s", "SETITEM"), ("t", "TUPLE"),
    (")", "EMPTY_TUPLE"), ("u", "SETITEMS"), ("\x81", "NEWOBJ"), ("\x85", "TUPLE1"),
    ("\x86", "TUPLE2"), ("\x87", "TUPLE3"), ("\x8f", "EMPTY_SET"), ("\x90", "ADDITEMS"),
    ("\x91", "FROZENSET"), ("\x92", "NEWOBJ_EX"), ("\x93", "STACK_GLOBAL"),
    ("\x94", "MEMOIZE"), ("\x97", "BUFFER"), ("\x98", "BUFFER"),
)
# fmt: on
OPCODES: Final[dict[int, tuple[str, Reader]]] = {
    ord(code): (name, reader)
    for code, name, reader in (
        *((code, name, _nothing) for code, name in _WITHOUT_ARGUMENT),
        ("F", "value", _lined(_float)),
        ("I", "value", _lined(_int_or_bool)),
        ("J", "value", _packed("<i")),
        ("K", "value", _packed("<B")),
        ("L", "value", _lined(_decimal)),
        ("M", "value", _packed("<H")),
        ("P", "PERSID", _lined(_text)),
        ("S", "value", _lined(_quoted)),
        ("T", "value", _counted("<i", _old_text)),
        ("U", "value", _counted("<B", _old_text)),
        ("V", "value", _lined(_escaped)),
        ("X", "value", _counted("<I", _text)),
        ("c", "GLOBAL", _two_lines),
        ("g", "GET", _lined(_decimal)),
        ("h", "GET", _packed("<B")),
        ("i", "INST", _two_lines),
        ("j", "GET", _packed("<I")),
        ("p", "PUT", _lined(_decimal)),
        ("q", "PUT", _packed("<B")),
        ("r", "PUT", _packed("<I")),
        ("G", "value", _packed(">d")),
        ("B", "value", _counted("<I", bytes)),
        ("C", "value", _counted("<B", bytes)),
        ("\x80", "PROTO", _packed("<B")),
        ("\x82", "EXTENSION", _packed("<B")),
        ("\x83", "EXTENSION", _packed("<H")),
        ("\x84", "EXTENSION", _packed("<i")),
        ("\x88", "value", lambda _, at: (True, at)),
        ("\x89", "value", lambda _, at: (False, at)),
        ("\x8a", "value", _counted("<B", _integer)),
        ("\x8b", "value", _counted("<i", _integer)),
        ("\x8c", "value", _counted("<B", _text)),
        ("\x8d", "value", _counted("<Q", _text)),
        ("\x8e", "value", _counted("<Q", bytes)),
        ("\x95", "FRAME", _packed("<Q")),
        ("\x96", "value", _counted("<Q", bytes)),
    )
}
"""By its byte: what an opcode does, and the reader of its argument. ``value`` pushes it."""
