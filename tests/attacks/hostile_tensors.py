"""Tensor files, golden vectors and directories that are broken, too large or not what they seem."""

import json
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from hostile import CONFIG, GOLDEN, GOLDEN_ATTACKS, TENSORS, Attack, Canary, attack
from safetensors.numpy import load_file, save, save_file

from cxrzoo.errors import ArtifactNotFoundError, ConfigError, TensorError


def rewritten(edit: Callable[[bytes], bytes], name: str = TENSORS) -> Attack:
    return lambda directory: (directory / name).write_bytes(edit((directory / name).read_bytes()))


def retensored(edit: Callable[[dict[str, np.ndarray]], Any]) -> Attack:
    def spoil(directory: Path) -> None:
        tensors = dict(load_file(directory / TENSORS))
        save_file(edit(tensors) or tensors, directory / TENSORS)

    return spoil


def header_and_data(raw: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(raw[:8], "little")
    return json.loads(raw[8 : 8 + length]), raw[8 + length :]


def packed(header: str | bytes, data: bytes = b"") -> bytes:
    header = header.encode() if isinstance(header, str) else header
    return struct.pack("<Q", len(header)) + header + data


def reheadered(edit: Callable[[dict[str, Any]], Any]) -> Attack:
    def spoil(raw: bytes) -> bytes:
        header, data = header_and_data(raw)
        return packed(json.dumps(edit(header) or header), data)

    return rewritten(spoil)


def entry(**given: Any) -> Callable[[dict[str, Any]], None]:
    return lambda header: header["predictions/bias"].update(given)


def twice(raw: bytes) -> bytes:
    header, data = header_and_data(raw)
    text = json.dumps(header)
    return packed(
        text[:-1] + ', "predictions/bias": ' + json.dumps(header["conv1/bias"]) + "}", data
    )


def without(tensors: dict[str, np.ndarray]) -> None:
    del tensors["predictions/bias"]


def put(value: float, path: str = "conv2/kernel") -> Callable[[dict[str, np.ndarray]], None]:
    def edit(tensors: dict[str, np.ndarray]) -> None:
        tensors[path] = tensors[path].copy()
        tensors[path].flat[-1] = value

    return edit


BILLION = json.dumps({"x": {"dtype": "F32", "shape": [10**9], "data_offsets": [0, 4 * 10**9]}})
OVERFLOW = json.dumps({"x": {"dtype": "F32", "shape": [2**63, 2**63], "data_offsets": [0, 4]}})
MANY = json.dumps(
    {str(i): {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for i in range(15_000)}
)

for name, spoil in {
    "an empty tensors file": rewritten(lambda _: b""),
    "seven bytes": rewritten(lambda raw: raw[:7]),
    "a header only": rewritten(lambda raw: raw[: 8 + int.from_bytes(raw[:8], "little")]),
    "tensors cut by one byte": rewritten(lambda raw: raw[:-1]),
    "tensors cut in the header": rewritten(lambda raw: raw[:100]),
    "tensors padded by one byte": rewritten(lambda raw: raw + b"\0"),
    "tensors padded by 50 MB": rewritten(lambda raw: raw + bytes(50_000_000)),
    "a second file behind the first": rewritten(lambda raw: raw + raw),
    "a header of 2**63 bytes": rewritten(lambda raw: struct.pack("<Q", 2**63) + raw[8:]),
    "a header of all ones": rewritten(lambda raw: b"\xff" * 8 + raw[8:]),
    "a header longer than the file": rewritten(lambda raw: struct.pack("<Q", len(raw)) + raw[8:]),
    "a header of no bytes": rewritten(lambda _: struct.pack("<Q", 0)),
    "a header of 2 MB": rewritten(lambda _: packed("{" + " " * 2_000_000 + "}")),
    "a header that is no JSON": rewritten(lambda _: packed("not JSON")),
    "a header that is a list": rewritten(lambda _: packed("[]")),
    "a header nested too deep": rewritten(lambda _: packed('{"a":' * 10_000)),
    "a header that is not UTF-8": rewritten(lambda _: packed(b'{"\xff\xfe": 1}')),
    "a header of fifteen thousand tensors": rewritten(lambda _: packed(MANY)),
    "a tensor of a billion numbers": rewritten(lambda _: packed(BILLION, bytes(64))),
    "a shape that overflows": rewritten(lambda _: packed(OVERFLOW, bytes(4))),
    "a negative shape": reheadered(entry(shape=[-3])),
    "a shape that is text": reheadered(entry(shape="3")),
    "a type that nobody knows": reheadered(entry(dtype="PICKLE")),
    "a tensor of eight-bit floats": reheadered(entry(dtype="F8_E4M3")),
    "offsets beyond the file": reheadered(entry(data_offsets=[0, 10**12])),
    "offsets that overlap": reheadered(entry(data_offsets=[0, 12])),
    "offsets backwards": reheadered(entry(data_offsets=[12, 0])),
    "a tensor named twice": rewritten(twice),
    "a tensor missing": retensored(without),
    "a tensor too many": retensored(lambda t: {**t, "extra/kernel": np.zeros(3, np.float32)}),
    "a tensor of another name": retensored(
        lambda t: {key.replace("conv2", "../conv2"): value for key, value in t.items()}
    ),
    "a tensor transposed": retensored(
        lambda t: {**t, "predictions/kernel": t["predictions/kernel"].T.copy()}
    ),
    "a tensor flattened": retensored(
        lambda t: {**t, "predictions/kernel": t["predictions/kernel"].ravel().copy()}
    ),
    "tensors in double precision": retensored(
        lambda t: {key: value.astype(np.float64) for key, value in t.items()}
    ),
    "tensors of whole numbers": retensored(
        lambda t: {key: value.astype(np.int32) for key, value in t.items()}
    ),
    "one NaN": retensored(put(np.nan)),
    "one infinity": retensored(put(np.inf)),
    "one negative infinity, in the last bias": retensored(put(-np.inf, "predictions/bias")),
    "a pickle for tensors": rewritten(lambda _: pickle.dumps(Canary())),
    "a NumPy archive for tensors": rewritten(lambda raw: b"PK\x03\x04" + raw),
    "HDF5 for tensors": rewritten(lambda raw: b"\x89HDF\r\n\x1a\n" + raw),
}.items():
    attack(TensorError, name, spoil)


# The directory.


def linked(name: str, target: str) -> Attack:
    def spoil(directory: Path) -> None:
        (directory / name).unlink()
        (directory / name).symlink_to(target)

    return spoil


def made_a_folder(name: str) -> Attack:
    def spoil(directory: Path) -> None:
        (directory / name).unlink()
        (directory / name).mkdir()

    return spoil


attack(ArtifactNotFoundError, "no description", lambda d: (d / CONFIG).unlink())
attack(ArtifactNotFoundError, "no tensors", lambda d: (d / TENSORS).unlink())
attack(ArtifactNotFoundError, "a folder for a description", made_a_folder(CONFIG))
attack(ArtifactNotFoundError, "a folder for tensors", made_a_folder(TENSORS))
attack(ArtifactNotFoundError, "a description that links nowhere", linked(CONFIG, "nowhere"))
attack(ArtifactNotFoundError, "a description that links to itself", linked(CONFIG, CONFIG))
attack(ConfigError, "a description that links to other files", linked(CONFIG, "/etc/hosts"))
attack(TensorError, "tensors that link to other files", linked(TENSORS, "/etc/hosts"))


# Golden vectors, which are read when asked for.


def golden(**tensors: np.ndarray) -> Attack:
    def spoil(directory: Path) -> None:
        whole = {**load_file(directory / GOLDEN), **tensors}
        (directory / GOLDEN).write_bytes(save(whole))

    return spoil


GOLDEN_ATTACKS |= {
    "golden vectors cut short": rewritten(lambda raw: raw[:-1], GOLDEN),
    "golden vectors padded by 50 MB": rewritten(lambda raw: raw + bytes(50_000_000), GOLDEN),
    "a pickle for golden vectors": rewritten(lambda _: pickle.dumps(Canary()), GOLDEN),
    "a tolerance that passes anything": golden(tolerance=np.array([1e9], np.float32)),
    "a tolerance that is NaN": golden(tolerance=np.array([np.nan], np.float32)),
    "golden outputs that are NaN": golden(outputs=np.full((4, 3), np.nan, np.float32)),
    "a thousand golden vectors": golden(
        inputs=np.zeros((1000, 32, 32, 1), np.uint8), outputs=np.zeros((1000, 3), np.float32)
    ),
    "golden vectors of another size": golden(inputs=np.zeros((4, 64, 64, 1), np.uint8)),
    "golden outputs that are a little off": lambda directory: golden(
        outputs=load_file(directory / GOLDEN)["outputs"] + np.float32(0.01)
    )(directory),
}
