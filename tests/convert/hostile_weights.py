"""Hostile files of weights, by kind: what each holds, and whether it is refused or read inertly.

An inert one is read as the honest tensor ``w`` that stands in it; what is beside it does nothing.
"""

import io
import pickle
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

COMMAND = 'touch "$CXRZOO_CANARY"'
HONEST = np.arange(4, dtype="<f4")


@dataclass(frozen=True)
class Attack:
    kind: str
    name: str
    raw: Callable[[], bytes]
    inert: bool = False


ATTACKS: list[Attack] = []


def attack(kind, name, raw, *, inert=False):
    assert name not in {one.name for one in ATTACKS}, name
    ATTACKS.append(Attack(kind, name, raw if callable(raw) else lambda: raw, inert))


def by_kind():
    """How many attacks there are of each kind."""
    return dict(Counter(one.kind for one in ATTACKS))


# Pickles, put together from opcodes.


def value(plain, protocol=2):
    """The opcodes that push a plain value."""
    return pickle.dumps(plain, protocol)[2:-1]


def call(module, name, arguments):
    return b"c%s\n%s\n" % (module.encode(), name.encode()) + arguments + b"R"


def storage(
    kind=b"ctorch\nFloatStorage\n", key="0", numel=4, view=b"", word="storage", location="cpu"
):
    parts = value(word) + kind + value(key) + value(location) + value(numel) + view
    return b"(" + parts + b"tQ"


def tensor(of=None, offset=0, shape=(4,), strides=(1,), function="_rebuild_tensor_v2", more=b""):
    parts = (storage() if of is None else of) + value(offset) + value(shape) + value(strides)
    hooks = call("collections", "OrderedDict", b")")
    return call("torch._utils", function, b"(" + parts + b"\x89" + hooks + more + b"t")


def state(*entries):
    """A pickle of a dictionary: names, and the opcodes that push their values."""
    body = b"".join(value(name) + pushed for name, pushed in entries)
    return b"\x80\x02}(" + body + b"u."


def beside(pushed):
    """A state dict of the honest tensor and something else."""
    return state(("w", tensor()), ("x", pushed))


# The two layouts of PyTorch around a pickle.


def zipped(pickled, *, numbers=None, top="archive", more=(), order=b"little", **options):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", **options) as file:
        file.writestr(f"{top}/data.pkl", pickled)
        file.writestr(f"{top}/byteorder", order)
        for key, one in ({"0": HONEST.tobytes()} if numbers is None else numbers).items():
            file.writestr(f"{top}/data/{key}", one)
        for name, one in more:
            file.writestr(name, one)
        file.writestr(f"{top}/version", b"3\n")
    return raw.getvalue()


def streamed(pickled, *, keys=("0",), numbers=None, head=None, counts=None):
    stored = [HONEST] * len(keys) if numbers is None else numbers
    info = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2}}
    values = (0x1950A86A20F9469CFC6C, 1001, info) if head is None else head
    raw = b"".join(pickle.dumps(one, 2) for one in values) + pickled
    raw += pickle.dumps(list(keys) if isinstance(keys, tuple) else keys, 2)
    for number, one in enumerate(stored):
        count = len(one) if counts is None else counts[number]
        raw += count.to_bytes(8, "little", signed=True) + one.tobytes()
    return raw


def both(kind, name, pickled, *, inert=False):
    """The same pickle in each of PyTorch's layouts."""
    made = pickled if callable(pickled) else lambda: pickled
    attack(kind, f"{name} (zip)", lambda: zipped(made()), inert=inert)
    attack(kind, f"{name} (stream)", lambda: streamed(made()), inert=inert)
