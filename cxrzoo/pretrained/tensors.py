"""Tensors on disk: safetensors, written beside and renamed, read all or nothing."""

from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Final

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from cxrzoo.errors import ArtifactNotFoundError, TensorError
from cxrzoo.files import write_whole
from cxrzoo.opened import open_file, read_at_most

_TYPES: Final = ("float32", "float16")
Tensors = dict[str, np.ndarray]

HEADER_BYTES: Final = 1024 * 1024
"""The header names every tensor; 1 MiB is more than ten thousand of them take."""


def save_tensors(tensors: Mapping[str, np.ndarray], path: Path, *, dtype: str = "float32") -> None:
    """Write tensors as contiguous little-endian ``float32`` or ``float16``.

    Raises:
        TensorError: a tensor is not finite, or is not finite any more as ``float16``.
    """
    stored = {}
    for name, value in tensors.items():
        with np.errstate(over="ignore"):
            stored[name] = np.asarray(value, dtype=dtype, order="C")
        if not np.isfinite(stored[name]).all():
            raise TensorError(f"tensor {name!r} is not finite as {dtype}; the model is not saved.")
    write_whole(path, save(stored))


def load_tensors(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> Tensors:
    """Read exactly the tensors that ``shapes`` names, as ``float32``.

    Args:
        path: a safetensors file.
        shapes: the expected shape by name. A larger file than these can fill is not read.

    Raises:
        ArtifactNotFoundError: there is no such file.
        TensorError: the file is broken or too large, or a tensor is missing, extra, misshapen, of
            another type than ``float32`` or ``float16``, or not finite.
    """
    raw = read_bounded(
        path,
        tensor_bytes(shapes),
        expected=f"a cxrzoo model directory holds {path.name}",
        described="its configuration",
    )
    return parse_tensors(raw, shapes, source=str(path))


def tensor_bytes(shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Return the most bytes that a file of these tensors takes, its header counted."""
    return 4 * sum(prod(shape) for shape in shapes.values()) + HEADER_BYTES


def read_bounded(path: Path, limit: int, *, expected: str, described: str) -> bytes:
    """Read a safetensors file, unless it has more bytes than :func:`tensor_bytes` gives as ``limit``.

    ``expected`` (what should have been there) and ``described`` (by what) are for the errors.

    Raises:
        ArtifactNotFoundError: there is no such file.
        TensorError: the file is larger.
    """
    with open_file(
        path,
        lambda text: ArtifactNotFoundError(f"{text}: {expected}."),
        lambda _: ArtifactNotFoundError(f"{path} is not there: {expected}."),
    ) as file:
        raw = read_at_most(file, limit)
    require_bounded(path, raw, limit, described=described)
    assert raw is not None  # noqa: S101 - more than the limit was refused
    return raw


def require_bounded(path: Path, raw: bytes | None, limit: int, *, described: str) -> None:
    """Refuse the bytes of a safetensors file if they are more than :func:`read_bounded` takes.

    Raises:
        TensorError: they are, or nothing was read for that reason.
    """
    if raw is None or len(raw) > limit:
        raise TensorError(
            f"{path} is larger than the {limit - HEADER_BYTES} bytes of tensors that {described} "
            "describes."
        )


def read_safetensors(raw: bytes, *, source: str) -> Tensors:
    """Parse safetensors bytes, whatever they hold.

    Raises:
        TensorError: they are not exactly one such file.
    """
    header = int.from_bytes(raw[:8], "little")
    if len(raw) >= 8 and header > HEADER_BYTES:
        raise TensorError(
            f"{source} announces a header of {header} bytes; the most is {HEADER_BYTES}."
        )
    try:
        return load(raw)
    except (SafetensorError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise TensorError(f"{source} is not a whole safetensors file: {error!s:.300}.") from None


def parse_tensors(raw: bytes, shapes: Mapping[str, tuple[int, ...]], *, source: str) -> Tensors:
    """Parse safetensors bytes as :func:`load_tensors` does; ``source`` names them in errors."""
    return checked_tensors(read_safetensors(raw, source=source), shapes, source=source)


def checked_tensors(
    found: Mapping[str, np.ndarray], shapes: Mapping[str, tuple[int, ...]], *, source: str
) -> Tensors:
    """Return tensors as ``float32`` if they are exactly those of ``shapes``, and finite.

    Raises:
        TensorError: one is missing, extra, misshapen, of another type, or not finite.
    """
    if missing := sorted(set(shapes) - set(found)):
        raise TensorError(f"{source} lacks {some_names(missing)} that the model has.")
    if extra := sorted(set(found) - set(shapes)):
        raise TensorError(f"{source} holds {some_names(extra)} that the model does not have.")
    for name, value in found.items():
        if value.shape != tuple(shapes[name]):
            raise TensorError(
                f"{source}: tensor {name!r} has shape {value.shape}; the model's is {shapes[name]}."
            )
        if value.dtype.name not in _TYPES:
            raise TensorError(
                f"{source}: tensor {name!r} has type {value.dtype.name}; "
                f"expected {' or '.join(_TYPES)}."
            )
        if not np.isfinite(value).all():
            raise TensorError(f"{source}: tensor {name!r} holds values that are not finite.")
    return {name: value.astype(np.float32, copy=False) for name, value in found.items()}


def some_names(names: Sequence[str]) -> str:
    """Say how many tensors there are, and name up to three of them."""
    shown = ", ".join(repr(name[:80]) for name in names[:3])
    more = ", …" if len(names) > 3 else ""
    return f"{len(names)} tensor(s)" + (f" ({shown}{more})" if names else "")
