"""Writes the small files of `written/` with PyTorch, safetensors and h5py themselves.

    python tests/convert/write_weights.py

Each layout once, with PyTorch 2.13; `expected.npz` has the numbers that `torch.load` gives for each.
The marks of big-endian machines and the views of PyTorch 1.0's storages are edited in afterwards, as
no little-endian machine and no later version writes them.
"""

import argparse
import io
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent / "written"


def network():
    import torch  # noqa: PLC0415 - the tests import this file without it
    from torch import nn  # noqa: PLC0415 - likewise

    torch.manual_seed(0)
    net = nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(1, 3, 3),
            norm=nn.BatchNorm2d(3),
            block=nn.Sequential(nn.Conv2d(3, 4, 1, bias=False), nn.ReLU()),
            fc=nn.Linear(4, 2),
        )
    )
    with torch.no_grad():
        net.norm.running_mean.normal_()
        net.norm.running_var.uniform_(0.5, 2)
    net.register_buffer("passing", torch.ones(2), persistent=False)
    return net


def views():
    import torch  # noqa: PLC0415 - as above

    whole = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    return OrderedDict(
        whole=whole,
        shared=whole,
        transposed=whole.T,
        strided=whole[1:3, ::2],
        expanded=torch.ones(1).expand(3, 2),
        parameter=torch.nn.Parameter(whole + 1),
        empty=torch.zeros(0, 3),
        scalar=torch.tensor(7),
    )


def types():
    import torch  # noqa: PLC0415 - as above

    numbers = torch.tensor([-2.0, 0.0, 1.0, 3.0])
    kinds = ("float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8")
    found = OrderedDict((kind, numbers.to(getattr(torch, kind))) for kind in kinds)
    found["uint8"], found["bool"] = numbers.abs().to(torch.uint8), numbers > 0
    return found


def checkpoint(net):
    import torch  # noqa: PLC0415 - as above

    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for parameter in net.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    return {
        "epoch": 3,
        "model": OrderedDict((f"module.{k}", v) for k, v in net.state_dict().items()),
        "optimizer": optimizer.state_dict(),
        "args": argparse.Namespace(lr=0.1, classes=["Mass", "Edema"]),
        "best": np.float64(0.8),
        "loss": torch.tensor(0.25),
    }


def saved(what, *, legacy=False):
    import torch  # noqa: PLC0415 - as above

    raw = io.BytesIO()
    # A legacy file carries the source of its modules' classes, and where that stood.
    asked = torch.serialization.get_source_lines_and_file
    torch.serialization.get_source_lines_and_file = lambda _: (["..."], 1, "network.py")
    try:
        torch.save(what, raw, _use_new_zipfile_serialization=not legacy)
    finally:
        torch.serialization.get_source_lines_and_file = asked
    return raw.getvalue()


def big_endian(raw):
    """The zip of a big-endian machine: its mark, and all numbers turned about."""
    source, target = zipfile.ZipFile(io.BytesIO(raw)), io.BytesIO()
    sizes = dict(zip((str(n) for n in range(10)), (8, 4, 2, 2, 8, 4, 2, 1, 1, 1), strict=True))
    with zipfile.ZipFile(target, "w") as zipped:
        for info in source.infolist():
            found = source.read(info)
            if info.filename.endswith("byteorder"):
                found = b"big"
            folder, _, key = info.filename.rpartition("/")
            if folder.endswith("/data"):
                found = np.frombuffer(found, f"u{sizes[key]}").byteswap().tobytes()
            zipped.writestr(info.filename, found)
    return target.getvalue()


class Persistent:
    """What a pickle asks for by a persistent id."""

    def __init__(self, *given):
        self.given = given


class OldPickler(pickle.Pickler):
    def persistent_id(self, value):
        return value.given if isinstance(value, Persistent) else None


def old_views(*, little_endian=True):
    """A stream as PyTorch 1.0 and before could write it: two views of one storage, by metadata."""
    from torch import FloatStorage, _utils  # noqa: PLC0415 - as above

    numbers = np.arange(10, dtype="<f4")
    kinds = [("17", None), ("17", ("18", 2, 6))]
    state = OrderedDict()
    for name, (key, view) in zip(("root", "part"), kinds, strict=True):
        storage = Persistent("storage", FloatStorage, key, "cpu", 10, view)
        state[name] = Rebuilt(_utils._rebuild_tensor_v2, storage, 1, (2, 2), (2, 1))
    raw = io.BytesIO()
    info = {"protocol_version": 1001, "little_endian": little_endian, "type_sizes": {"short": 2}}
    for value in (0x1950A86A20F9469CFC6C, 1001, info):
        pickle.dump(value, raw, protocol=2)
    OldPickler(raw, protocol=2).dump(state)
    pickle.dump(["17"], raw, protocol=2)
    return raw.getvalue() + (10).to_bytes(8, "little") + numbers.tobytes()


class Rebuilt:
    """Pickled, it is a call of the function that rebuilds a tensor."""

    def __init__(self, function, *given):
        self.function, self.given = function, given

    def __reduce__(self):
        return self.function, (*self.given, False, OrderedDict())


def hdf5(**options):
    import h5py  # noqa: PLC0415 - comes with Keras

    random = np.random.default_rng(0)
    raw = io.BytesIO()
    with h5py.File(raw, "w") as file:
        weights = file.create_group("model_weights")
        file.attrs["model_config"] = "{}"
        weights.attrs["layer_names"] = np.array([b"conv1", b"predictions"])
        for layer, shape in (("conv1", (3, 3, 1, 4)), ("predictions", (40, 3))):
            group = weights.create_group(layer)
            names = [f"{layer}/kernel:0", f"{layer}/bias:0"]
            group.attrs["weight_names"] = np.array([name.encode() for name in names])
            for name, size in zip(names, (shape, shape[-1:]), strict=True):
                numbers = random.normal(size=size).astype("float32")
                group.create_dataset(name, data=numbers, **options)
    return raw.getvalue()


def contents():
    """The files by name, and what each is made of for PyTorch."""
    from safetensors.torch import save  # noqa: PLC0415 - as above

    net = network()
    trained = checkpoint(network())
    flat = {name: value.contiguous().clone() for name, value in {**views(), **types()}.items()}
    return {
        "state_dict_zip.pt": saved(net.state_dict()),
        "state_dict_legacy.pt": saved(net.state_dict(), legacy=True),
        "module_zip.pt": saved(net),
        "module_legacy.pt": saved(net, legacy=True),
        "checkpoint_zip.pt": saved(trained),
        "checkpoint_legacy.pt": saved(trained, legacy=True),
        "views_zip.pt": saved(views()),
        "views_legacy.pt": saved(views(), legacy=True),
        "types_zip.pt": saved(types()),
        "types_legacy.pt": saved(types(), legacy=True),
        "types_big_endian.pt": big_endian(saved(types())),
        "old_views_legacy.pt": old_views(),
        "old_views_big_endian_legacy.pt": old_views(little_endian=False),
        "types.safetensors": save(flat, {"format": "pt"}),
        "keras.h5": hdf5(),
        "keras_gzip.h5": hdf5(compression="gzip", shuffle=True),
    }


def expected(name, raw):
    """The numbers of a file, as its own library gives them."""
    import h5py  # noqa: PLC0415 - as above
    import torch  # noqa: PLC0415 - as above
    from safetensors.torch import load  # noqa: PLC0415 - as above

    if name.endswith(".h5"):
        found = {}
        with h5py.File(io.BytesIO(raw)) as file:
            weights = file["model_weights"]
            weights.visititems(
                lambda path, one: found.update({path: one[()]}) if hasattr(one, "dtype") else None
            )
        return found
    if name.endswith(".safetensors"):
        state = load(raw)
    else:
        state = torch.load(io.BytesIO(raw), weights_only=False)
        state = state.get("model", state) if isinstance(state, dict) else state.state_dict()
    halves = (torch.bfloat16, torch.float16)
    return {
        key: (value.float() if value.dtype in halves else value).detach().numpy()
        for key, value in state.items()
    }


def main():
    HERE.mkdir(exist_ok=True)
    numbers = {}
    for name, raw in contents().items():
        (HERE / name).write_bytes(raw)
        found = expected(name, raw)
        numbers |= {f"{name}|{key}": value for key, value in found.items()}
    np.savez_compressed(HERE / "expected.npz", **numbers)


if __name__ == "__main__":
    main()
