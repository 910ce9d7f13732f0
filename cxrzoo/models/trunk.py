"""A trunk's weights from a safetensors file, keyed as Keras names them: ``layer/variable``.

Such a file is no published model: it has no description, no labels and no head. What it may hold is
what the trunk of the model has, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from cxrzoo.errors import TensorError
from cxrzoo.store.tensors import (
    checked_tensors,
    read_bounded,
    read_safetensors,
    tensor_bytes,
)

__all__ = ["Trunk", "TrunkFormat", "grey_kernel", "is_trunk_file", "read_trunk"]

# RGB's first kernel may be three times that of a grey model.
_CHANNELS = 3


@dataclass(frozen=True, slots=True)
class TrunkFormat:
    """What a trunk file of a builder may look like.

    Attributes:
        first_kernel: path of the kernel that takes the image; three channels are summed for grey.
        may_lack: layers that a file may leave out, each as a whole; they start fresh.
    """

    first_kernel: str
    may_lack: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trunk:
    """A trunk file that was read and fits.

    Attributes:
        tensors: ``float32`` by the model's variable path.
        fresh: layers that the file lacks.
        name: the file's own name and the beginning of its SHA-256, for a lineage.
    """

    tensors: Mapping[str, np.ndarray]
    fresh: tuple[str, ...]
    name: str

    @property
    def description(self) -> str:
        """What a model that starts from it started from."""
        return f"{self.name}; {', '.join(self.fresh)} fresh" if self.fresh else self.name


def is_trunk_file(weights: Any) -> bool:
    """Says whether ``weights`` names a trunk file and no published model."""
    return isinstance(weights, str | Path) and str(weights).endswith(".safetensors")


def grey_kernel(kernel: np.ndarray) -> np.ndarray:
    """Gives the kernel ``(h, w, 1, n)`` that does to a grey image what ``(h, w, 3, n)`` does to RGB.

    A grey image fed three times gives ``sum_c(kernel_c * grey) = (sum_c kernel_c) * grey``.
    """
    return np.asarray(kernel.sum(axis=2, keepdims=True))


def read_trunk(
    path: str | Path, shapes: Mapping[str, tuple[int, ...]], trunk_format: TrunkFormat
) -> Trunk:
    """Reads a trunk file, all or nothing.

    Args:
        path: a safetensors file keyed ``layer/variable``. ``depthwise_kernel``, Keras 2's name, is
            read as ``kernel``.
        shapes: the shape of every tensor of the model's trunk by variable path.
        trunk_format: what the file may leave out, and its first kernel.

    Raises:
        ArtifactNotFoundError: there is no such file.
        TensorError: the file is broken or too large, or a tensor is missing, extra, misshapen, of
            another type than ``float32`` or ``float16``, or not finite.
    """
    path = Path(path).expanduser()
    raw = read_bounded(
        path,
        _CHANNELS * tensor_bytes(shapes),
        expected="a safetensors file of a trunk's weights was expected",
        described="this model's trunk",
    )
    found = read_safetensors(raw, source=str(path))
    names = {name: _keras3(name) for name in found}
    if len(set(names.values())) != len(names):
        raise TensorError(f"{path} holds a depthwise kernel under two names.")
    held = set(names.values())
    fresh = tuple(layer for layer in trunk_format.may_lack if not _of_layer(layer, held))
    expected = {name: shape for name, shape in shapes.items() if name.split("/")[0] not in fresh}
    kernel = trunk_format.first_kernel
    grey = shapes[kernel][2] == 1 and _channels(found.get(kernel)) == _CHANNELS
    if grey:
        expected[kernel] = (*shapes[kernel][:2], _CHANNELS, shapes[kernel][3])
    old = {new: name for name, new in names.items()}
    by_file = {old.get(name, name): shape for name, shape in expected.items()}
    checked = checked_tensors(found, by_file, source=str(path))
    tensors = {names[name]: value for name, value in checked.items()}
    if grey:
        tensors[kernel] = grey_kernel(tensors[kernel])
    return Trunk(tensors, fresh, f"{path.name} (SHA-256 {sha256(raw).hexdigest()[:12]}…)")


def _keras3(name: str) -> str:
    layer, _, variable = name.partition("/")
    return f"{layer}/kernel" if variable == "depthwise_kernel" else name


def _of_layer(layer: str, names: set[str]) -> list[str]:
    return [name for name in names if name.startswith(f"{layer}/")]


def _channels(kernel: np.ndarray | None) -> int | None:
    return kernel.shape[2] if kernel is not None and kernel.ndim == 4 else None
