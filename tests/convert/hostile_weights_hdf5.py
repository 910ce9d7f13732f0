"""HDF5 files that lead elsewhere, never end, or hold what is no number."""

import io
import zlib

import h5py
import numpy as np
from h5py import h5d, h5p, h5s, h5t
from hostile_weights import attack


def hdf5(fill, **options):
    """A file of one honest array, and what ``fill`` does to the group of its layers."""

    def make():
        raw = io.BytesIO()
        with h5py.File(raw, "w", **options) as file:
            weights = file.create_group("model_weights")
            weights.attrs["layer_names"] = np.array([b"dense"])
            weights.create_dataset("dense/kernel:0", data=np.ones((2, 3), "float32"))
            fill(weights)
        return raw.getvalue()

    return make


def put(path, thing):
    def fill(weights):
        weights[path] = thing

    return fill


def stored(**options):
    return lambda weights: weights.create_dataset("dense/x", **options)


def virtual(weights):
    layout = h5py.VirtualLayout(shape=(4,), dtype="float32")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", shape=(4,))
    weights.create_virtual_dataset("dense/x", layout)


def external(weights):
    weights.create_dataset(
        "dense/x", shape=(4,), dtype="float32", external=[("/etc/hosts", 0, h5py.h5f.UNLIMITED)]
    )


def loop(weights):
    weights["dense/again"] = weights["dense"]


def long_loop(weights):
    weights.create_group("a/b/c/d")
    weights["a/b/c/d/e"] = weights["a"]


def ladder(weights):
    """Forty groups, each of which holds the next one twice: 2**40 paths."""
    group = weights.create_group("g0")
    for _ in range(14):
        inner = group.create_group("a")
        group["b"] = inner
        group = inner
    group.create_dataset("w", data=np.ones(1000, "float32"))


def deep(weights):
    weights.create_group("/".join("a" * 100)).create_dataset("w", data=np.ones(2, "float32"))


def gzip_bomb(weights):
    """A piece of 256 KB that inflates to 400 MB."""
    data = weights.create_dataset(
        "dense/x", shape=(65536,), dtype="float32", chunks=(65536,), compression="gzip"
    )
    packing = zlib.compressobj(9)
    packed = b"".join(packing.compress(bytes(4_000_000)) for _ in range(100)) + packing.flush()
    data.id.write_direct_chunk((0,), packed)


def short_gzip(weights):
    data = weights.create_dataset(
        "dense/x", shape=(4,), dtype="float32", chunks=(4,), compression="gzip"
    )
    data.id.write_direct_chunk((0,), zlib.compress(bytes(8)))


def unlike_piece(weights):
    data = weights.create_dataset(
        "dense/x", shape=(4,), dtype="float32", chunks=(4,), compression="gzip"
    )
    data.id.write_direct_chunk((0,), bytes(16), filter_mask=1)


def unknown_filter(weights):
    plist = h5p.create(h5p.DATASET_CREATE)
    plist.set_chunk((4,))
    plist.set_filter(32000, h5py.h5z.FLAG_OPTIONAL, ())
    space = h5s.create_simple((4,))
    data = h5d.create(weights["dense"].id, b"x", h5t.IEEE_F32LE, space, plist)
    h5py.Dataset(data).id.write_direct_chunk((0,), bytes(16))


def odd_float(weights):
    kind = h5t.IEEE_F32LE.copy()
    kind.set_ebias(7)
    h5d.create(weights["dense"].id, b"x", kind, h5s.create_simple((4,)))
    weights["dense/x"][...] = np.ones(4, "float32")


def odd_integer(weights):
    """Sixteen bits in the middle of 32, which NumPy's type does not tell."""
    kind = h5t.STD_I32LE.copy()
    kind.set_precision(16)
    kind.set_offset(8)
    h5d.create(weights["dense"].id, b"x", kind, h5s.create_simple((4,)))
    weights["dense/x"][...] = np.ones(4, "int32")


def reference(weights):
    weights.create_dataset("dense/x", data=weights["dense"].ref, dtype=h5py.ref_dtype)


def many(weights):
    for n in range(10_100):
        weights.create_group(f"g{n}")


def unlisted(weights):
    del weights.attrs["layer_names"]


def moved(thing):
    def fill(weights):
        file = weights.file
        del file["model_weights"]
        file["model_weights"] = thing

    return fill


HOSTILE = {
    "an external link": put("dense/x", h5py.ExternalLink("/etc/passwd", "/x")),
    "an external link for a layer": put("other", h5py.ExternalLink("other.h5", "/")),
    "an external link for all weights": moved(h5py.ExternalLink("/dev/zero", "/x")),
    "a soft link": put("dense/x", h5py.SoftLink("/model_weights/dense/kernel:0")),
    "a soft link to nowhere": put("dense/x", h5py.SoftLink("/nowhere")),
    "a soft link to itself": put("dense/x", h5py.SoftLink("/model_weights/dense/x")),
    "a soft link for all weights": moved(h5py.SoftLink("/")),
    "an array of other files' parts": virtual,
    "an array in another file": external,
    "a group in itself": loop,
    "a group in itself, four below": long_loop,
    "2**14 paths to one array": ladder,
    "groups a hundred deep": deep,
    "a piece that inflates to 400 MB": gzip_bomb,
    "a piece that inflates to less": short_gzip,
    "a piece packed unlike the others": unlike_piece,
    "a filter that nobody knows": unknown_filter,
    "a filter of LZF": stored(data=np.ones(4, "float32"), compression="lzf"),
    "a filter of checksums": stored(data=np.ones(4, "float32"), fletcher32=True),
    "a filter of offsets": stored(data=np.ones(4, "int32"), scaleoffset=0),
    "an array of a terabyte that is not there": stored(shape=(2**38,), dtype="float32"),
    "a terabyte in pieces that are not there": stored(
        shape=(2**38,), dtype="float32", chunks=(2**20,), compression="gzip"
    ),
    "pieces of 1 GB": stored(shape=(10,), maxshape=(None,), chunks=(2**28,), dtype="float32"),
    "an array in five thousand pieces": stored(data=np.ones(5000, "float32"), chunks=(1,)),
    "a small array that is not there": stored(shape=(4,), dtype="float32"),
    "an array that is half there": stored(
        shape=(10,), dtype="float32", chunks=(5,), compression="gzip"
    ),
    "a compound": stored(data=np.zeros(2, [("a", "f4"), ("b", "i4")])),
    "texts": stored(data=np.array([b"a", b"b"])),
    "texts of any length": stored(data=["a", "b"], dtype=h5py.string_dtype()),
    "lists of any length": stored(shape=(2,), dtype=h5py.vlen_dtype(np.float32)),
    "references": reference,
    "complex numbers": stored(data=np.zeros(2, "complex64")),
    "an enumeration": stored(data=np.zeros(2, bool)),
    "opaque bytes": stored(data=np.zeros(2, "V8")),
    "floats of another form": odd_float,
    "whole numbers of another form": odd_integer,
    "an array of nothing": stored(data=h5py.Empty("f4")),
    "a named type for a layer": put("dense/x", np.dtype("f4")),
    "ten thousand groups": many,
    "no list of layers": unlisted,
}
for name, fill in HOSTILE.items():
    attack("HDF5", f"HDF5 with {name}", hdf5(fill))
attack("HDF5", "HDF5 with a block before it", hdf5(lambda _: None, userblock_size=512))
