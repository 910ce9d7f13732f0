"""Pickles that would run code in Python's unpickler, by every opcode that can."""

import os
import pickle

from hostile_weights import (
    COMMAND,
    attack,
    beside,
    both,
    call,
    state,
    storage,
    streamed,
    tensor,
    value,
    zipped,
)

ORDER = value(COMMAND)
ONE = b"(" + ORDER + b"t"
SYSTEM = b"cposix\nsystem\n"


class Canary:
    """Unpickled by Python, it creates the canary's file."""

    def __reduce__(self):
        return os.system, (COMMAND,)


class Stateful:
    def __reduce__(self):
        return Canary, (), {"x": Canary()}


CALLS = {
    "posix.system": call("posix", "system", ONE),
    "os.system": call("os", "system", ONE),
    "nt.system": call("nt", "system", ONE),
    "builtins.eval": call("builtins", "eval", b"(" + value("__import__('os')") + b"t"),
    "__builtin__.eval": call("__builtin__", "eval", b"(" + value("__import__('os')") + b"t"),
    "builtins.exec": call("builtins", "exec", b"(" + value("import os") + b"t"),
    "builtins.__import__": call("builtins", "__import__", b"(" + value("antigravity") + b"t"),
    "builtins.open": call("builtins", "open", b"(" + value("/nowhere/x") + value("w") + b"t"),
    "builtins.getattr": call("builtins", "getattr", b"(cos\n\n" + value("system") + b"t"),
    "subprocess.Popen": call("subprocess", "Popen", b"(" + value(["sh", "-c", COMMAND]) + b"t"),
    "runpy.run_path": call("runpy", "run_path", b"(" + value("/nowhere/x.py") + b"t"),
    "pty.spawn": call("pty", "spawn", ONE),
    "shutil.rmtree": call("shutil", "rmtree", b"(" + value("/nowhere") + b"t"),
    "webbrowser.open": call("webbrowser", "open", b"(" + value("file:///") + b"t"),
    "importlib.import_module": call("importlib", "import_module", b"(" + value("this") + b"t"),
    "pickle.loads": call("pickle", "loads", b"(" + value(pickle.dumps(Canary(), 0)) + b"t"),
    "torch.load": call("torch", "load", b"(" + value("/nowhere/x.pt") + b"t"),
    "torch.hub.load": call("torch.hub", "load", b"(" + value("a/b") + value("c") + b"t"),
    "numpy.load": call("numpy", "load", b"(" + value("/nowhere/x.npy") + b"t"),
    "numpy.f2py": call("numpy.f2py.crackfortran", "myeval", ONE),
    "keras.models.load_model": call("keras.models", "load_model", b"(" + value("/nowhere/x") + b"t"),
    "functools.partial": call("functools", "partial", b"(" + SYSTEM + ORDER + b"t") + b")R",
    "operator.attrgetter": call("operator", "attrgetter", b"(" + value("system") + b"t")
    + b"(cos\n\ntR" + ONE + b"R",
    "a method of what was made": call("builtins", "getattr", b"(" + SYSTEM + value("x") + b"t")
    + ONE + b"R",
    "collections.OrderedDict of calls": call(
        "collections", "OrderedDict", b"(](](" + value("k") + SYSTEM + ONE + b"Reet"
    ),
    "codecs.decode": call("_codecs", "decode", b"(" + value("x") + value("rot13") + b"t"),
    "a class of this library": call("cxrzoo.convert.opened", "OpenedFile", ONE),
}  # fmt: skip
OPCODES = {
    "INST": b"(" + ORDER + b"iposix\nsystem\n",
    "OBJ": b"(" + SYSTEM + ORDER + b"o",
    "NEWOBJ": SYSTEM + ONE + b"\x81",
    "NEWOBJ_EX": SYSTEM + ONE + b"}\x92",
    "STACK_GLOBAL and REDUCE": value("posix") + value("system") + b"\x93" + ONE + b"R",
    "GLOBAL alone": SYSTEM,
    "GLOBAL of a dotted name": b"cos\npath.os.system\n" + ONE + b"R",
    "GLOBAL of a module that is a file": b"c/nowhere/x.so\nrun\n)R",
    "BUILD with __setstate__": b"cposix\nsystem\n)\x81}(" + value("__setstate__") + SYSTEM + b"ub",
    "BUILD with a state of calls": b"cposix\nsystem\n)\x81" + SYSTEM + ONE + b"Rb",
    "BUILD with __reduce__ and slots": b"cos\nPathLike\n)\x81(}}(" + value("a") + SYSTEM + b"utb",
    "SETITEM on what was made": call("os", "environ", b")") + value("A") + value("b") + b"s",
    "APPENDS to what was made": call("sys", "path", b")") + b"(" + value("/nowhere") + b"e",
    "ADDITEMS to what was made": call("sys", "modules", b")") + b"(" + value("x") + b"\x90",
    "a call of a call of a call": SYSTEM + ONE + b"R" + ONE + b"R" + ONE + b"R",
    "a call as a key": b"}" + SYSTEM + ONE + b"R" + value(1) + b"s",
    "a call in a set": b"\x8f(" + SYSTEM + ONE + b"R\x90",
    "a call in a frozenset": b"(" + SYSTEM + ONE + b"R\x91",
}
for name, pushed in CALLS.items():
    both("code by REDUCE", f"REDUCE of {name}", beside(pushed), inert=True)
for name, pushed in OPCODES.items():
    both("code by other opcodes", name, beside(pushed), inert=True)
for protocol in range(6):
    for made in (Canary, Stateful):
        raw = pickle.dumps(made(), protocol)
        title = f"{made.__name__}, protocol {protocol}"
        both("code, whole pickles", f"{title}, as the object", raw)
        attack("code, whole pickles", f"{title}, as the file", raw)

both(
    "code in the place of a tensor",
    "a call as the storage",
    state(("w", tensor(SYSTEM + ONE + b"R"))),
)
both(
    "code in the place of a tensor",
    "a call as the type of a storage",
    state(("w", tensor(storage(SYSTEM + ONE + b"R")))),
)
both(
    "code in the place of a tensor",
    "a function as the type of a storage",
    state(("w", tensor(storage(SYSTEM)))),
)
both(
    "code in the place of a tensor",
    "a subclass made by a function",
    state(("w", call("torch._tensor", "_rebuild_from_type_v2", b"(" + SYSTEM + SYSTEM + ONE + b"}t"))),
)  # fmt: skip
attack(
    "code in the place of a tensor",
    "a call among the storages' keys",
    lambda: streamed(state(("w", tensor())))[: -24 - len(pickle.dumps(["0"], 2))]
    + b"\x80\x02](" + SYSTEM + ONE + b"Re." + bytes(24),
)  # fmt: skip
attack(
    "code in the place of a tensor",
    "a call as the magic number",
    lambda: b"\x80\x02" + SYSTEM + ONE + b"R." + streamed(state(("w", tensor()))),
)
attack(
    "code in the place of a tensor",
    "a call behind the pickle",
    lambda: zipped(state(("w", tensor())) + pickle.dumps(Canary(), 2)),
)
for name, pushed in {
    "EXT1": b"\x82\x01",
    "EXT2": b"\x83\x01\x01",
    "EXT4": b"\x84\x01\x01\x01\x01",
    "EXT4, negative": b"\x84\xff\xff\xff\xff",
    "NEXT_BUFFER": b"\x97",
    "READONLY_BUFFER": b"N\x98",
}.items():
    both("extension codes and buffers", name, beside(pushed))
