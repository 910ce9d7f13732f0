"""A pickle read by an interpreter that knows its opcodes and can do nothing but keep data.

Python's own unpickler calls what the file names. This one answers every class and function with a
:class:`Name` and everything that is made with a :class:`Made`; there is no call in it that the file
could choose. All it builds is paid for by bytes that are in the file, within the bounds below.
"""

from collections.abc import Callable
from typing import Final

from cxrzoo.convert.inert import Made, Name
from cxrzoo.convert.pickle_arguments import OPCODES, CutShortError
from cxrzoo.errors import TensorError

MAX_PICKLE_BYTES: Final = 64 << 20
"""The most bytes of a pickle, numbers of tensors not counted; those of large networks take 1 MB."""
_MOST_OPCODES: Final = 2_000_000
_MOST_ON_STACK: Final = 200_000
_MOST_MARKS: Final = 1_000
_HIGHEST_PROTOCOL: Final = 5

_DICT: Final = Name("builtins", "dict")
_SET: Final = Name("builtins", "set")
_FROZENSET: Final = Name("builtins", "frozenset")

Persistent = Callable[[object], object]
"""Gives what a persistent id stands for, or raises :class:`cxrzoo.errors.TensorError`."""


def unpickle(raw: bytes, persistent: Persistent, *, at: int = 0) -> tuple[object, int]:
    """Read the pickle that begins at ``at``; give its object and where it ends.

    Raises:
        CutShortError: the bytes end within it.
        TensorError: it is broken, beyond the bounds, or uses what PyTorch's files never do.
    """
    machine = _Machine(persistent)
    step = machine.step
    last = len(raw)
    for _ in range(_MOST_OPCODES):
        if at >= last:
            raise CutShortError(
                "its pickle ends without the opcode that ends one. Fetch the file again."
            )
        code = raw[at]
        if code not in OPCODES:
            raise TensorError(
                f"its pickle holds the byte {code:#04x} where an opcode was expected."
            )
        action, reader = OPCODES[code]
        argument, at = reader(raw, at + 1)
        if action == "value":
            machine.push(argument)
        elif action == "STOP":
            return machine.result(), at
        else:
            step[action](argument)
    raise TensorError(f"its pickle has more than {_MOST_OPCODES} opcodes; no model's has.")


def _refuse(reason: str) -> TensorError:
    return TensorError(f"its pickle {reason}; it was not written by torch.save. Nothing was read.")


class _Machine:
    """The stack and the memo, and what each opcode does to them."""

    def __init__(self, persistent: Persistent) -> None:
        self._persistent = persistent
        self._stack: list[object] = []
        self._marks: list[int] = []
        self._memo: dict[int, object] = {}
        self.step: Final[dict[str, Callable[[object], object]]] = {
            "MARK": self._mark,
            "POP": self._drop,
            "POP_MARK": lambda _: self._since_mark(),
            "DUP": lambda _: self.push(self._top()),
            "PERSID": self._textual_id,
            "BINPERSID": lambda _: self.push(self._persistent(self._pop())),
            "REDUCE": self._make,
            "NEWOBJ": self._make,
            "NEWOBJ_EX": self._make_with_keywords,
            "OBJ": self._make_from_mark,
            "INST": self._make_named,
            "BUILD": self._build,
            "GLOBAL": lambda name: self.push(_named(name)),
            "STACK_GLOBAL": self._global_of_stack,
            "EXTENSION": self._extension,
            "BUFFER": self._buffer,
            "EMPTY_DICT": lambda _: self.push(Made(_DICT)),
            "DICT": lambda _: self.push(Made(_DICT, pairs=_paired(self._since_mark()))),
            "SETITEM": self._set_item,
            "SETITEMS": self._set_items,
            "EMPTY_LIST": lambda _: self.push([]),
            "LIST": lambda _: self.push(self._since_mark()),
            "APPEND": self._append,
            "APPENDS": self._append_all,
            "EMPTY_SET": lambda _: self.push(Made(_SET)),
            "ADDITEMS": self._append_all,
            "FROZENSET": lambda _: self.push(Made(_FROZENSET, elements=self._since_mark())),
            "EMPTY_TUPLE": lambda _: self.push(()),
            "TUPLE": lambda _: self.push(tuple(self._since_mark())),
            "TUPLE1": lambda _: self.push((self._pop(),)),
            "TUPLE2": lambda _: self.push((self._pop(), self._pop())[::-1]),
            "TUPLE3": lambda _: self.push((self._pop(), self._pop(), self._pop())[::-1]),
            "PUT": self._put,
            "MEMOIZE": lambda _: self._put(len(self._memo)),
            "GET": self._get,
            "PROTO": self._protocol,
            "FRAME": lambda _: None,  # how Python reads ahead; nothing depends on it
        }

    def push(self, value: object) -> None:
        if len(self._stack) >= _MOST_ON_STACK:
            raise _refuse(f"keeps more than {_MOST_ON_STACK} values open")
        self._stack.append(value)

    def result(self) -> object:
        if self._marks or len(self._stack) != 1:
            raise _refuse("ends with values left over")
        return self._stack[0]

    def _pop(self) -> object:
        self._top()  # refuses where there is none
        return self._stack.pop()

    def _top(self) -> object:
        if len(self._stack) <= (self._marks[-1] if self._marks else 0):
            raise _refuse("takes a value that is not there")
        return self._stack[-1]

    def _mark(self, _: object) -> None:
        if len(self._marks) >= _MOST_MARKS:
            raise _refuse(f"is nested more than {_MOST_MARKS} deep")
        self._marks.append(len(self._stack))

    def _since_mark(self) -> list[object]:
        if not self._marks:
            raise _refuse("takes values that are not there")
        begin = self._marks.pop()
        values = self._stack[begin:]
        del self._stack[begin:]
        return values

    def _drop(self, _: object) -> None:
        # Python lets this opcode take a mark as well.
        if self._marks and self._marks[-1] == len(self._stack):
            self._marks.pop()
        else:
            self._pop()

    def _set_item(self, _: object) -> None:
        value, key = self._pop(), self._pop()
        self._target().pairs.append((key, value))

    def _set_items(self, _: object) -> None:
        pairs = _paired(self._since_mark())
        self._target().pairs.extend(pairs)

    def _append(self, _: object) -> None:
        value = self._pop()
        self._list().append(value)

    def _append_all(self, _: object) -> None:
        values = self._since_mark()
        self._list().extend(values)

    def _list(self) -> list[object]:
        top = self._top()
        return top if isinstance(top, list) else self._target().elements

    def _target(self) -> Made:
        top = self._top()
        if not isinstance(top, Made):
            raise _refuse(f"gives entries or a state to what is of type {type(top).__name__}")
        return top

    def _make(self, _: object) -> None:
        arguments, maker = self._pop(), self._pop()
        self._push_made(maker, arguments)

    def _make_with_keywords(self, _: object) -> None:
        keywords, arguments, maker = self._pop(), self._pop(), self._pop()
        self._push_made(maker, (arguments, keywords))

    def _make_from_mark(self, _: object) -> None:
        values = self._since_mark()
        if not values:
            raise _refuse("makes an object of no class")
        self._push_made(values[0], tuple(values[1:]))

    def _make_named(self, name: object) -> None:
        self._push_made(_named(name), tuple(self._since_mark()))

    def _push_made(self, maker: object, arguments: object) -> None:
        if not isinstance(maker, Name | Made):
            raise _refuse(f"calls what is of type {type(maker).__name__}")
        if not isinstance(arguments, tuple):
            raise _refuse(f"calls with {type(arguments).__name__} where a tuple was expected")
        self.push(Made(maker, arguments))

    def _build(self, _: object) -> None:
        state = self._pop()
        target = self._target()
        if target.state is not None:
            raise _refuse("gives one object two states")
        target.state = state

    def _global_of_stack(self, _: object) -> None:
        name, module = self._pop(), self._pop()
        self.push(_named((module, name)))

    def _textual_id(self, _: object) -> None:
        raise _refuse("holds a persistent id that is a text")

    def _extension(self, code: object) -> None:
        raise _refuse(f"holds the extension code {code}")

    def _buffer(self, _: object) -> None:
        raise _refuse("asks for a buffer from outside")

    def _put(self, index: object) -> None:
        if not isinstance(index, int) or not 0 <= index < _MOST_OPCODES:
            raise _refuse(f"numbers a value {str(index)[:20]}")
        self._memo[index] = self._top()

    def _get(self, index: object) -> None:
        if not isinstance(index, int) or index not in self._memo:
            raise _refuse(f"refers to the value {str(index)[:20]}, which it has not numbered")
        self.push(self._memo[index])

    def _protocol(self, version: object) -> None:
        if not isinstance(version, int) or version > _HIGHEST_PROTOCOL:
            raise _refuse(f"is of protocol {version}; the newest is {_HIGHEST_PROTOCOL}")


def _named(name: object) -> Name:
    module, inner = name if isinstance(name, tuple) else (None, None)
    if not isinstance(module, str) or not isinstance(inner, str):
        raise _refuse("names a class by what is no text")
    # Protocols up to 2 use Python 2's name.
    return Name("builtins" if module == "__builtin__" else module, inner)


def _paired(values: list[object]) -> list[tuple[object, object]]:
    if len(values) % 2:
        raise _refuse("has a key without a value")
    return list(zip(values[::2], values[1::2], strict=True))
