"""A backbone's weights from a safetensors file, keyed as Keras names them: ``layer/variable``.

Such a file is no published model: it has no description, no labels and no head. What it may hold is
what the backbone of the model has, and nothing else; it may stop before whole last layers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from cxrzoo.errors import ArtifactNotFoundError, ModelError, TensorError
from cxrzoo.models.backbone import Patches
from cxrzoo.models.tensors import in_counted_order, is_counted, stable_names
from cxrzoo.models.tokens import Grid, resized_positions, square_grid
from cxrzoo.opened import given_path
from cxrzoo.pretrained.tensors import checked_tensors, read_bounded, read_safetensors, tensor_bytes

# RGB's first kernel may be three times that of a grey model.
_CHANNELS = 3


@dataclass(frozen=True, slots=True)
class BackboneWeights:
    """A backbone file that was read and fits.

    Attributes:
        tensors: ``float32`` by the model's names.
        fresh: the last layers, which the file lacks and which start with random weights.
        name: the file's own name and the beginning of its SHA-256, for a lineage.
    """

    tensors: Mapping[str, np.ndarray]
    fresh: tuple[str, ...]
    name: str

    @property
    def description(self) -> str:
        """What a model that starts from it started from."""
        return f"{self.name}; {_listed(self.fresh)} fresh" if self.fresh else self.name


def is_backbone_file(weights: Any) -> bool:
    """Return whether ``weights`` names a backbone file and no published model."""
    return isinstance(weights, str | Path) and str(weights).endswith(".safetensors")


def grey_kernel(kernel: np.ndarray) -> np.ndarray:
    """Return the kernel that does to a grey image what a first kernel for RGB does to RGB.

    A grey image fed three times gives ``sum_c(kernel_c * grey) = (sum_c kernel_c) * grey``. The kernel is
    ``(h, w, 3, n)``, or of patches ``(h * w * 3, n)``, the channels of a pixel beside each other.
    """
    *before, rows, n = kernel.shape
    return np.asarray(kernel.reshape(*before, rows // _CHANNELS, _CHANNELS, n).sum(axis=-2))


def read_backbone_file(
    path: str | Path,
    shapes: Mapping[str, tuple[int, ...]],
    *,
    grey: str | None,
    patches: Patches | None = None,
    grid: Grid = (0, 0),
) -> BackboneWeights:
    """Read a backbone file, all or nothing.

    Args:
        path: a safetensors file keyed ``layer/variable``. ``depthwise_kernel``, Keras 2's name, is
            read as ``kernel``.
        shapes: the shape of every tensor of the model's backbone by name, from the first layer to the
            last. The file may lack whole layers at the end.
        grey: of a model whose first kernel takes one channel, its name; one for RGB is summed.
        patches: how the model cuts its image into patches, if it does.
        grid: how many rows and columns of them it has; positions of another square grid are resized.

    Raises:
        ArtifactNotFoundError: there is no such file.
        TensorError: the file is broken or too large, or a tensor is missing, extra, misshapen, of
            another type than ``float32`` or ``float16``, or not finite.
    """
    path = given_path(path, ArtifactNotFoundError)
    raw = read_bounded(
        path,
        _CHANNELS * tensor_bytes(shapes),
        expected="a safetensors file of a backbone's weights was expected",
        described="this model's backbone",
    )
    found = _by_model_names(read_safetensors(raw, source=str(path)), path)
    fresh = _last_layers_missing(shapes, found)
    if fresh and any(is_counted(_layer(name)) for name in found):
        raise TensorError(
            f"{path} lacks {len(fresh)} layer(s) of this model, and has layers that nobody named "
            "(conv2d_3): which ones are missing cannot be told. Save all of the backbone's layers."
        )
    expected = {name: shape for name, shape in shapes.items() if _layer(name) not in fresh}
    adapted: dict[str, Callable[[np.ndarray], np.ndarray]] = {}
    if grey is not None:
        *before, rows, n = shapes[grey]
        rgb = (*before, rows * _CHANNELS, n)
        if grey in found and found[grey].shape == rgb:
            expected[grey] = rgb
            adapted[grey] = grey_kernel
    if patches is not None and patches.positions in found:
        held = found[patches.positions].shape
        if held != expected[patches.positions] and held[1:] == expected[patches.positions][1:]:
            old = square_grid(held, str(path))
            expected[patches.positions] = held
            adapted[patches.positions] = lambda one: resized_positions(one, old, grid, patches)
    tensors = dict(checked_tensors(found, expected, source=str(path)))
    for name, adapt in adapted.items():
        tensors[name] = adapt(tensors[name])
    return BackboneWeights(tensors, fresh, f"{path.name} (SHA-256 {sha256(raw).hexdigest()[:12]}…)")


def _by_model_names(found: Mapping[str, np.ndarray], path: Path) -> dict[str, np.ndarray]:
    names = {name: _keras3(name) for name in found}
    try:
        stable = stable_names(in_counted_order(names.values()))
    except ModelError:
        raise TensorError(
            f"{path} holds one tensor under two names, such as a depthwise kernel as 'kernel' and as "
            "'depthwise_kernel'; leave one of them."
        ) from None
    return {stable[names[name]]: value for name, value in found.items()}


def _keras3(name: str) -> str:
    layer, _, variable = name.rpartition("/")
    return f"{layer}/kernel" if variable == "depthwise_kernel" else name


def _last_layers_missing(shapes: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the layers at the end of which the file has nothing; none if it has nothing at all."""
    layers = list(dict.fromkeys(map(_layer, shapes)))
    held = {_layer(name) for name in found}
    last = max((place for place, layer in enumerate(layers) if layer in held), default=-1)
    return tuple(layers[last + 1 :]) if last >= 0 else ()


def _layer(name: str) -> str:
    return name.rpartition("/")[0]


def _listed(layers: tuple[str, ...]) -> str:
    """Name up to three layers, and how many more there are."""
    more = f" and {len(layers) - 3} more layers" if len(layers) > 3 else ""
    return ", ".join(layers[:3]) + more
