"""Pickles that are broken, that lie of their sizes, or that would grow without end."""

from hostile_weights import beside, both, call, state, storage, tensor, value

MILLION = 1_000_000


BOMBS = {
    "a billion laughs in tuples": b"Nq\x000" + b"".join(
        b"h%ch%c\x86q%c0" % (n, n, n + 1) for n in range(80)) + b"h\x50",
    "a billion laughs in lists": b"Nq\x000" + b"".join(
        b"](h%ch%ceq%c0" % (n, n, n + 1) for n in range(80)) + b"h\x50",
    "a billion laughs in dictionaries": b"Nq\x000" + b"".join(
        b"}(K\x00h%cK\x01h%cuq%c0" % (n, n, n + 1) for n in range(80)) + b"h\x50",
    "a billion laughs as keys": b"Nq\x000" + b"".join(
        b"h%ch%c\x86q%c0" % (n, n, n + 1) for n in range(80)) + b"}h\x50K\x01s",
    "nested a million deep, tuples": b"N" + b"\x85" * MILLION,
    "nested a million deep, calls": b"ca\nb\n" + b")R" * (MILLION // 2),
    "a tuple a million deep as a key": b"}N" + b"\x85" * MILLION + b"Ns",
    "a list that holds itself": b"]q\x01h\x01a",
    "a dictionary that holds itself": b"}q\x01" + value("x") + b"h\x01s",
    "a state that is its own object": b"ca\nb\n)\x81q\x01h\x01b",
    "a frame that is too long": b"\x95" + (2**40).to_bytes(8, "little") + b"N",
    "a frame that is too short": b"\x95" + bytes(8) + b"N",
    "a protocol in the middle": b"\x80\x04N",
    "keys that all have one hash": b"}(" + b"".join(
        value((2**61 - 1) * n) + b"N" for n in range(1, 20_000)) + b"u",
}  # fmt: skip
for name, pushed in BOMBS.items():
    both("bombs, read inertly", name, beside(pushed), inert=True)

REFUSED_BOMBS = {
    "nested a million deep, marks": b"(" * MILLION,
    "half a million marks, each taken back": b"N" + b"(" * (MILLION // 2) + b"0" * (MILLION // 2),
    "nested a million deep, lists": b"]" * MILLION + b"a" * (MILLION - 1),
    "nested a million deep, dictionaries": (b"}" + value("k")) * (MILLION // 4),
    "a stack of a million": b"N" * MILLION,
    "a million copies": b"N" + b"2" * MILLION,
    "three million opcodes": b"N" + b"N0" * (3 * MILLION // 2),
    "a memo index of 2**32 - 1": b"Nr\xff\xff\xff\xff",
    "a memo index of 10**18": b"Np1000000000000000000\n",
    "a negative memo index": b"Np-1\n",
}
for name, pushed in REFUSED_BOMBS.items():
    both("bombs, refused", name, beside(pushed))

U8 = lambda n: n.to_bytes(8, "little")  # noqa: E731 - short beside the opcodes
U4 = lambda n: (n % 2**32).to_bytes(4, "little")  # noqa: E731 - likewise
LIES = {
    "BINUNICODE8 of 2**63": b"\x8d" + U8(2**63) + b"x",
    "BINUNICODE8 of 2**64 - 1": b"\x8d" + U8(2**64 - 1) + b"x",
    "BINBYTES8 of 2**40": b"\x8e" + U8(2**40) + b"x",
    "BYTEARRAY8 of 2**62": b"\x96" + U8(2**62) + b"x",
    "BINUNICODE of 2**32 - 1": b"X" + U4(-1) + b"x",
    "BINBYTES of 2**32 - 1": b"B" + U4(-1) + b"x",
    "BINSTRING of -1": b"T" + U4(-1) + b"x",
    "BINSTRING of 2**31 - 1": b"T" + U4(2**31 - 1) + b"x",
    "SHORT_BINBYTES beyond the end": b"C\xffx",
    "LONG4 of -1": b"\x8b" + U4(-1),
    "LONG4 of 2**31 - 1": b"\x8b" + U4(2**31 - 1) + b"x",
    "LONG4 of a million bytes": b"\x8b" + U4(MILLION) + b"\x01" * MILLION,
    "an INT of a million digits": b"I" + b"9" * MILLION + b"\n",
    "a LONG of 500 digits": b"L" + b"9" * 500 + b"L\n",
    "an INT that is none": b"I1_000\n",
    "an INT of other digits": "I\u0663\n".encode(),
    "a FLOAT that is none": b"Fone\n",
    "a module's name of 10 MB": b"c" + b"a" * 10_000_000 + b"\nx\n",
    "a name without a line's end": b"cos\nsystem",
    "a name that is not UTF-8": b"c\xff\xfe\nx\n",
    "a text that is not UTF-8": b"X" + U4(2) + b"\xff\xfe",
    "a STRING without quotes": b"Sabc\n",
    "a STRING with an escape": b"S'\\x41'\n",
    "a UNICODE with a broken escape": b"V\\uZZZZ\n",
}
for name, pushed in LIES.items():
    both("sizes and texts that lie", name, beside(pushed))

BROKEN = {
    "an opcode that is none": b"\xff",
    "an opcode of a later protocol": b"\x99",
    "protocol 255": b"\x80\xff",
    "a pop of nothing": b"0000000",
    "a mark taken as a value": b"((R",
    "a tuple without a mark": b"tt",
    "three values of two": b"\x87\x87",
    "a call of a number": b"K\x01)R",
    "a call of a text": value("os.system") + b")R",
    "a call with a list": b"cos\nsystem\n]R",
    "a call with nothing": b"cos\nsystem\nR",
    "a class of no mark's end": b"(o",
    "a name of numbers": b"K\x01K\x02\x93",
    "an entry of a list": b"]K\x01K\x02s",
    "an entry of a number": b"K\x05K\x01K\x02s",
    "an element of a tuple": b")K\x01a",
    "elements of nothing": b"(K\x01e",
    "a state of a list": b"]}b",
    "a state of a name": b"cos\nsystem\n}b",
    "two states": b"ca\nb\n)\x81}b}b",
    "a key without a value": b"}(K\x01u",
    "a dictionary of an odd number": b"(K\x01d",
    "a memo index that is not there": b"h\xfe",
    "a long memo index that is not there": b"j\xff\xff\xff\xff",
    "a textual memo index that is not there": b"g12\n",
    "an end too early": b".",
}
for name, pushed in BROKEN.items():
    both("broken stacks", name, beside(pushed))
both("broken stacks", "values left over", b"\x80\x02NNN.")
both("broken stacks", "a value behind the model", state(("w", tensor()))[:-1] + b"N.")
both("broken stacks", "a mark left over", b"\x80\x02(N.")
both("broken stacks", "nothing but an end", b"\x80\x02.")
both("broken stacks", "no end", b"\x80\x02N")

FLOAT = b"ctorch\nFloatStorage\n"
IDS = {
    "a persistent id of a text": b"P0\n",
    "a persistent id of a number": b"K\x01Q",
    "a persistent id of None": b"NQ",
    "a persistent id of a list": b"](" + value("storage") + b"eQ",
    "a persistent id of nothing": b")Q",
    "a persistent id of another word": storage(word="tensor"),
    "a persistent id of three parts": b"(" + value("storage") + FLOAT + value("0") + b"tQ",
    "a persistent id of seven parts": storage(view=b"NN"),
    "a storage of a type as text": storage(value("FloatStorage")),
    "a storage of complex numbers": storage(b"ctorch\nComplexFloatStorage\n"),
    "a storage of quantized numbers": storage(b"ctorch\nQInt8Storage\n"),
    "a storage of another module's type": storage(b"cevil\nFloatStorage\n"),
    "a storage whose key is a number": storage(key=0),
    "a storage whose key is a path": storage(key="../../etc/passwd"),
    "a storage whose key is a long text": storage(key="0" * 10_000),
    "a storage whose key is a tuple": storage(key=("0",)),
    "a storage of a negative length": storage(numel=-4),
    "a storage of 2**62 numbers": storage(numel=2**62),
    "a storage of 2**2000 numbers": storage(numel=2**2000),
    "a storage of a length of True": storage(numel=True),
    "a storage of a length of 4.0": storage(numel=4.0),
    "a storage longer than its numbers": storage(numel=5),
    "a storage shorter than its numbers": storage(numel=3),
    "a storage of another type than its numbers": storage(b"ctorch\nDoubleStorage\n"),
    "a storage that is not there": storage(key="1"),
}
for name, pushed in IDS.items():
    both("persistent ids and storages", name, state(("w", tensor(pushed))))
both("persistent ids and storages", "a persistent id of a text, beside", beside(b"P0\n"))
both(
    "persistent ids and storages",
    "one storage of two types",
    state(("w", tensor()), ("v", tensor(storage(b"ctorch\nIntStorage\n")))),
)

VIEWS = {
    "an offset beyond the storage": tensor(offset=5),
    "an offset that pushes the end out": tensor(offset=1),
    "a negative offset": tensor(offset=-1),
    "an offset of 2**70": tensor(offset=2**70),
    "an offset of 1.0": tensor(offset=1.0),
    "a shape beyond the storage": tensor(shape=(5,)),
    "a shape of 10**9": tensor(shape=(10**9,)),
    "a shape that overflows": tensor(shape=(2**32, 2**32), strides=(0, 0)),
    "a shape that overflows beside a zero": tensor(shape=(2**40, 0, 2**40), strides=(0, 0, 0)),
    "a negative shape": tensor(shape=(-4,)),
    "a shape of True": tensor(shape=(True,)),
    "a shape of texts": tensor(shape=("4",)),
    "a shape that is a list": tensor(shape=[4]),
    "a shape of a thousand dimensions": tensor(shape=(1,) * 1000, strides=(1,) * 1000),
    "more strides than dimensions": tensor(strides=(1, 1)),
    "a negative stride": tensor(strides=(-1,)),
    "a stride beyond the storage": tensor(shape=(2,), strides=(4,)),
    "a stride of 2**62": tensor(shape=(2,), strides=(2**62,)),
    "a stride-0 bomb": tensor(shape=(10**9,), strides=(0,)),
    "a stride-0 bomb of many dimensions": tensor(shape=(1000,) * 4, strides=(0,) * 4),
    "no arguments": call("torch._utils", "_rebuild_tensor_v2", b")"),
    "a storage that is a list": tensor(b"]"),
    "a quantized tensor": tensor(function="_rebuild_qtensor"),
    "a sparse tensor": tensor(function="_rebuild_sparse_tensor"),
    "a negated view": tensor(more=value({"neg": True})),
    "a conjugated view": tensor(more=value({"conj": True})),
    "a parameter of a text": call("torch._utils", "_rebuild_parameter", b"(" + value("x") + b"t"),
    "a parameter of parameters of parameters": (
        b"ctorch._utils\n_rebuild_parameter\n" * 50 + tensor() + b"\x85R" * 50
    ),
    "a parameter that is its own data": b"ctorch.nn.parameter\nParameter\n)\x81q\x09(h\x09NNNNtb",
}
for name, pushed in VIEWS.items():
    both("views beyond their storage", name, state(("w", pushed)))

small = tensor(shape=(100_000,), strides=(0,))
both(
    "views beyond their storage",
    "a stride-0 bomb of a thousand small tensors",
    lambda: state(*((f"w{n}", small) for n in range(1000))),
)
both(
    "views beyond their storage",
    "a billion numbers of one tensor by its names",
    lambda: b"\x80\x02" + small + b"q\x01" + b"0}("
    + b"".join(value(f"w{n}") + b"h\x01" for n in range(2500)) + b"u.",
)  # fmt: skip


# What stands by name, and modules.

MODULE = b"ctorch.nn.modules.module\nModule\n)\x81"
EMPTY = value("_buffers") + b"}"


def module(parameters=b"}", children=b"}", more=b""):
    fields = value("_parameters") + parameters + EMPTY + value("_modules") + children + more
    return MODULE + b"}(" + fields + b"ub"


NAMES = {
    "a name of an escape sequence": state(("\x1b[2J", tensor())),
    "a name of two lines": state(("a\nb", tensor())),
    "a name that turns the text about": state(("a\u202eb", tensor())),
    "an empty name": state(("", tensor())),
    "a name of half a surrogate pair": b"\x80\x02}" + b"X\x03\x00\x00\x00\xed\xa0\x80" + tensor() + b"s.",
    "a name of ten thousand letters": state(("a" * 10_000, tensor())),
    "a name twice": state(("a", tensor()), ("a", tensor())),
    "no tensors": state(("a", b"N")),
    "two models": state(("model", b"}" + value("w") + tensor() + b"s"),
                        ("net", b"}" + value("w") + tensor() + b"s")),
    "models by the thousand": state(
        *((f"m{n}", b"}" + value("w") + tensor() + b"s") for n in range(1200))),
    "a text": b"\x80\x02" + value("w") + b".",
    "a tensor alone": b"\x80\x02" + tensor() + b".",
    "an old OrderedDict of an element that is no pair": b"\x80\x02" + call(
        "collections", "OrderedDict", b"(](K\x01K\x02et") + b".",
}  # fmt: skip
for name, raw in NAMES.items():
    both("names and parts", name, raw)

LOOP = (
    MODULE + b"q\x63}(" + value("_parameters") + b"}" + EMPTY + value("_modules") + b"}"
    + value("a") + b"h\x63sub"
)  # fmt: skip
DEEP = b"N"
for _ in range(200):
    DEEP = module(children=b"}" + value("a") + DEEP + b"s")
GRID = module(b"}" + value("w") + tensor() + b"s") + b"q\x000" + b"".join(
    module(children=b"}(" + b"X\x01\x00\x00\x00ah%cX\x01\x00\x00\x00bh%cu" % (n, n)).replace(
        value("_parameters"), b"X\x0b\x00\x00\x00_parameters").replace(
        value("_buffers"), b"X\x08\x00\x00\x00_buffers").replace(
        value("_modules"), b"X\x08\x00\x00\x00_modules") + b"q%c0" % (n + 1)
    for n in range(40)
) + b"h\x28"  # fmt: skip
NO_PARAMETERS = GRID.replace(value("w") + tensor(), value("w") + b"N")
MODULES = {
    "a module that is its own part": LOOP,
    "modules two hundred deep": DEEP,
    "2**40 modules with parameters": GRID,
    "2**40 modules without": NO_PARAMETERS,
    "a parameter whose name is a number": module(b"}K\x01" + tensor() + b"s"),
    "a part whose name is a number": module(children=b"}K\x01" + module() + b"s"),
    "a module whose parameter is too large": module(b"}" + value("w") + tensor(shape=(9,)) + b"s"),
}
for name, pushed in MODULES.items():
    both("names and parts", name, b"\x80\x02" + pushed + b".")
