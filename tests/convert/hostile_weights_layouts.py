"""Zip files and streams around an honest pickle that are broken, lie, or are bombs."""

import io
import pickle
import struct
import zipfile

import numpy as np
from hostile_weights import HONEST, attack, state, storage, streamed, tensor, value, zipped

PICKLED = state(("w", tensor())) + b""
DEFLATED = {"compression": zipfile.ZIP_DEFLATED}
EVIL = b"\x80\x02cposix\nsystem\n(" + value("true") + b"tR."


def with_entry(name, content=b"x"):
    return lambda: zipped(PICKLED, more=[(name, content)])


def patched(find, put, *, last=False, shift=0):
    """An honest zip in which some bytes are others."""

    def make():
        raw = bytearray(zipped(PICKLED))
        at = (raw.rindex(find) if last else raw.index(find)) + shift
        raw[at : at + len(put)] = put
        return bytes(raw)

    return make


def twice():
    raw = zipped(PICKLED, more=[("archive/data.pkX", EVIL)])
    return raw.replace(b"data.pkX", b"data.pkl")


def overlapping():
    """An entry that stands, header and all, within the bytes of another.

    So are David Fifield's zip bombs made: https://www.bamsoftware.com/hacks/zipbomb/.
    """
    name = b"archive/data/1"
    header = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 16, 16, len(name), 0)
    outer = header + name + HONEST.tobytes()
    pickled = state(("w", tensor(storage(numel=len(outer) // 4))))
    numbers = {"0": outer, "1": HONEST.tobytes()}
    raw = bytearray(zipped(pickled, numbers=numbers))
    at = raw.rindex(name) - 4  # where the list says that its header is
    raw[at : at + 4] = struct.pack("<I", raw.index(outer))
    return bytes(raw)


def deflated_entry(name):
    def make():
        raw = io.BytesIO()
        with zipfile.ZipFile(raw, "w") as file:
            for path, content in (("data.pkl", PICKLED), ("data/0", HONEST.tobytes())):
                packing = zipfile.ZIP_DEFLATED if path == name else zipfile.ZIP_STORED
                file.writestr(f"archive/{path}", content, packing)
        return raw.getvalue()

    return make


def bomb(name, size=400_000_000):
    def make():
        raw = io.BytesIO()
        with zipfile.ZipFile(raw, "w") as file:
            for path, content in (("data.pkl", PICKLED), ("data/0", HONEST.tobytes())):
                if path == name:
                    file.writestr(f"archive/{path}", bytes(size), zipfile.ZIP_DEFLATED, 1)
                else:
                    file.writestr(f"archive/{path}", content)
        return raw.getvalue()

    return make


def _npz():
    raw = io.BytesIO()
    np.savez(raw, w=HONEST)
    return raw.getvalue()


def _tar():
    import tarfile  # noqa: PLC0415 - for one attack

    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as file:
        for name in ("storages", "tensors", "pickle"):
            info = tarfile.TarInfo(name)
            info.size = len(EVIL)
            file.addfile(info, io.BytesIO(EVIL))
    return raw.getvalue()


ZIPS = {
    "an entry above its folder": with_entry("archive/../../evil"),
    "an entry of an absolute path": with_entry("/etc/evil"),
    "an entry of a Windows path": with_entry("C:\\evil"),
    "an entry of a drive": with_entry("archive/C:evil"),
    "an entry with backslashes": with_entry("archive/..\\evil"),
    "an entry of an empty part": with_entry("archive//evil"),
    "an entry of a dot": with_entry("archive/./evil"),
    "an entry that ends in a slash": with_entry("archive/evil/"),
    "an entry with a line's end in its name": with_entry("archive/a\nb"),
    "an entry of a long name": with_entry("archive/" + "a" * 5_000),
    "two folders": with_entry("other/data.pkl", EVIL),
    "a second pickle in another folder": with_entry("evil/data.pkl", EVIL),
    "an entry twice": twice,
    "an entry that is encrypted": patched(b"PK\x01\x02", b"\x01\x00", shift=8),
    "an entry that is strongly encrypted": patched(b"PK\x01\x02", b"\x41\x00", shift=8),
    "an entry that is encrypted in its own header": patched(b"PK\x03\x04", b"\x01\x00", shift=6),
    "a pickle that is deflated": deflated_entry("data.pkl"),
    "a storage that is deflated": deflated_entry("data/0"),
    "a pickle of 400 MB in 2": bomb("data.pkl"),
    "a storage of 400 MB in 2": bomb("data/0"),
    "a packing of another kind": patched(b"PK\x01\x02", b"\x0e\x00", shift=10),
    "entries that share bytes": overlapping,
    "an entry longer than its file": patched(b"PK\x01\x02", struct.pack("<II", 1 << 30, 1 << 30),
                                             shift=20),
    "an entry that reaches into the list": patched(b"PK\x01\x02", struct.pack("<II", 50, 50),
                                                   last=True, shift=20),
    "an entry of 2**32 - 1 bytes": patched(b"PK\x01\x02", b"\xff" * 8, shift=20),
    "an entry behind the end": patched(b"PK\x01\x02", b"\xf0\xff\xff\x7f", shift=42),
    "an entry of another name in its own header": patched(b"archive/data.pkl", b"archive/evil.pkl"),
    "more entries announced than there are": patched(b"PK\x05\x06", b"\xff\x00\xff\x00", shift=8),
    "fewer entries announced than there are": patched(b"PK\x05\x06", b"\x01\x00\x01\x00", shift=8),
    "one part of several": patched(b"PK\x05\x06", b"\x01\x00", shift=4),
    "a list of entries elsewhere": patched(b"PK\x05\x06", b"\x10\x00\x00\x00", shift=16),
    "a list of 4 GB": patched(b"PK\x05\x06", b"\xff\xff\xff\xff", shift=12),
    "a comment": lambda: zipped(PICKLED)[:-2] + b"\x04\x00evil",
    "a comment that is not there": patched(b"PK\x05\x06", b"\x04\x00", shift=20),
    "bytes before it": lambda: b"PK\x03\x04" + bytes(26) + zipped(PICKLED),
    "bytes behind it": lambda: zipped(PICKLED) + b"\x00",
    "a pickle behind it": lambda: zipped(PICKLED) + EVIL,
    "a second zip behind it": lambda: zipped(PICKLED) + zipped(PICKLED),
    "nothing but a beginning": b"PK\x03\x04",
    "nothing but an end": b"PK\x03\x04" + b"PK\x05\x06" + bytes(18),
    "no pickle": lambda: zipped(PICKLED).replace(b"data.pkl", b"data.txt"),
    "an order of bytes that is none": lambda: zipped(PICKLED, order=b"middle"),
    "an order of bytes of 10 MB": lambda: zipped(PICKLED, order=b"little" * 1_600_000),
    "a program of TorchScript": with_entry("archive/constants.pkl", EVIL),
    "code of TorchScript": with_entry("archive/code/__torch__.py", b"import os"),
    "a pickle of 70 MB": lambda: zipped(b"\x80\x02" + b"C\xff" + bytes(255) + b"." * (70 << 20)),
    "bytes behind its pickle": lambda: zipped(PICKLED + b"N."),
    "a hundred and ten thousand entries": lambda: zipped(
        PICKLED, more=[(f"archive/x{n}", b"") for n in range(110_000)]),
    "a storage cut short": lambda: zipped(PICKLED, numbers={"0": HONEST.tobytes()[:-1]}),
    "a storage padded": lambda: zipped(PICKLED, numbers={"0": HONEST.tobytes() + b"x"}),
    "a broken zip64 end": lambda: zipped(PICKLED)[:-22] + b"PK\x06\x07" + bytes(16)
    + zipped(PICKLED)[-22:],
    "NumPy's archive": _npz,
    "a spreadsheet": lambda: zipped(PICKLED, top="xl").replace(b"data.pkl", b"data.xml"),
}  # fmt: skip

for name, raw in ZIPS.items():
    attack("zip", f"a zip with {name}", raw)

HEAD = (0x1950A86A20F9469CFC6C, 1001, {})
WHOLE = lambda **given: lambda: streamed(PICKLED, **given)  # noqa: E731 - a table's short hand
STREAMS = {
    "a storage longer than the file": WHOLE(counts=[10**9]),
    "a storage of 2**62 numbers": WHOLE(counts=[2**62]),
    "a storage of -1 numbers": WHOLE(counts=[-1]),
    "a storage shorter than the pickle says": WHOLE(counts=[3]),
    "numbers cut short": lambda: streamed(PICKLED)[:-1],
    "numbers missing": WHOLE(numbers=[]),
    "bytes behind": lambda: streamed(PICKLED) + b"\x00",
    "a pickle behind": lambda: streamed(PICKLED) + EVIL,
    "a second stream behind": lambda: streamed(PICKLED) * 2,
    "a zip behind": lambda: streamed(PICKLED) + zipped(PICKLED),
    "no keys": WHOLE(keys=(), numbers=[HONEST]),
    "keys twice": WHOLE(keys=("0", "0")),
    "keys of another storage": WHOLE(keys=("1",)),
    "a key too many": WHOLE(keys=("0", "1")),
    "keys that are a dictionary": WHOLE(keys={"0": 1}, numbers=[HONEST]),
    "keys that are numbers": WHOLE(keys=(0,)),
    "another magic number": WHOLE(head=(1, *HEAD[1:])),
    "a magic number that is a list": WHOLE(head=([1], *HEAD[1:])),
    "another protocol": WHOLE(head=(HEAD[0], 1002, {})),
    "a protocol that is a text": WHOLE(head=(HEAD[0], "1001", {})),
    "a pickle alone": PICKLED,
    "a pickle of a list alone": lambda: pickle.dumps([1, 2]),
    "a view beyond its storage": lambda: streamed(
        state(("w", tensor(storage(view=value(("1", 2, 3))), shape=(3,))))),
    "a view of a negative offset": lambda: streamed(
        state(("w", tensor(storage(view=value(("1", -1, 3))))))),
    "a view of a negative length": lambda: streamed(
        state(("w", tensor(storage(view=value(("1", 0, -3))))))),
    "a view that is a number": lambda: streamed(state(("w", tensor(storage(view=value(7)))))),
    "a tensor beyond its view": lambda: streamed(
        state(("w", tensor(storage(view=value(("1", 2, 2))), shape=(3,))))),
    "a view whose tensor begins outside": lambda: streamed(
        state(("w", tensor(storage(view=value(("1", 2, 2))), offset=3, shape=(1,))))),
    "a module's source of no class": lambda: streamed(
        state(("w", tensor()), ("x", b"(" + value("module") + value("a") + value("b")
                                + value("c") + b"tQ"))),
    "the layout of 2016": _tar,
}  # fmt: skip

for name, raw in STREAMS.items():
    attack("legacy stream", f"a stream with {name}", raw)


def tensors(header, body=b""):
    text = header if isinstance(header, bytes) else header.encode()
    return len(text).to_bytes(8, "little") + text + body


def entry(kind="F32", shape="[4]", place="[0, 16]"):
    return f'{{"w": {{"dtype": "{kind}", "shape": {shape}, "data_offsets": {place}}}}}'


def entries(*places):
    parts = (f'"t{n}": {{"dtype": "U8", "shape": [{b - a}], "data_offsets": [{a}, {b}]}}'
             for n, (a, b) in enumerate(places))  # fmt: skip
    return "{" + ", ".join(parts) + "}"


SAFE = {
    "a header of 2**63 bytes": (1 << 63).to_bytes(8, "little") + b"{}",
    "a header longer than the file": (1000).to_bytes(8, "little") + b"{}",
    "a header of 2 MB": tensors("{" + " " * 2_000_000 + "}"),
    "a header nested too deep": tensors('{"a":' * 10_000),
    "a header that is no JSON": tensors("{w}"),
    "a header of a NaN": tensors('{"w": NaN}'),
    "a name twice": tensors(entry()[:-1] + ", " + entry()[1:], bytes(16)),
    "a type that is none": tensors(entry("PICKLE"), bytes(16)),
    "a type that is a list": tensors(entry().replace('"F32"', '["F32"]'), bytes(16)),
    "eight-bit floats": tensors(entry("F8_E4M3", place="[0, 4]"), bytes(4)),
    "a negative shape": tensors(entry(shape="[-4]"), bytes(16)),
    "a shape that overflows": tensors(entry(shape="[4294967296, 4294967296]"), bytes(16)),
    "a shape that is a text": tensors(entry(shape='"4"'), bytes(16)),
    "a shape of true": tensors(entry(shape="[true]", place="[0, 4]"), bytes(4)),
    "a shape of a thousand dimensions": tensors(entry(shape=str([1] * 1000), place="[0, 4]"),
                                                bytes(4)),
    "a place beyond the file": tensors(entry(place="[0, 17]"), bytes(16)),
    "a place backwards": tensors(entry(place="[16, 0]"), bytes(16)),
    "a place of three": tensors(entry(place="[0, 8, 16]"), bytes(16)),
    "a place of fractions": tensors(entry(place="[0.0, 16.0]"), bytes(16)),
    "a shape that does not fill its place": tensors(entry(shape="[3]"), bytes(16)),
    "tensors that share bytes": tensors(entries((0, 8), (4, 16)), bytes(16)),
    "a hole between tensors": tensors(entries((0, 4), (8, 16)), bytes(16)),
    "bytes behind the tensors": tensors(entry(), bytes(17)),
    "numbers cut short": tensors(entry(), bytes(15)),
    "notes that are numbers": tensors('{"__metadata__": {"a": 1}}'),
    "notes that are a list": tensors('{"__metadata__": []}'),
    "a tensor that is a number": tensors('{"w": 1}'),
    "a tensor of another field": tensors(entry()[:-2] + ', "code": "x"}}', bytes(16)),
    "a name of an escape sequence": tensors(entry().replace('"w"', '"\\u001b[2J"'), bytes(16)),
}  # fmt: skip
for name, raw in SAFE.items():
    attack("safetensors", f"safetensors with {name}", raw)

for name, raw in {
    "nothing": b"",
    "one byte": b"\x80",
    "zeros": bytes(1 << 20),
    "a text": b"import os\n" * 100,
    "a page": b"<!DOCTYPE html><html>Sign in</html>",
    "a pointer of Git LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "HDF5's first bytes": b"\x89HDF\r\n\x1a\n",
    "HDF5's first bytes and noise": b"\x89HDF\r\n\x1a\n" + bytes(range(256)) * 40,
}.items():
    attack("files of another kind", f"a file of {name}", raw)
