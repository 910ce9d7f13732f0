"""A network cut at its feature maps: what is below, what is above, and the gradients above."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from math import prod
from typing import Any, Final

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import ModelError, argument

Array = NDArray[np.float32]

Gradients = Callable[[Sequence[Array], Array], tuple[Array, Array]]
"""From the inputs ``(b, ...)`` of a network and weights ``(b, d)`` of its outputs: the outputs
``(b, d)``, and the gradient of their weighted sum with regard to the first input."""

_BACKENDS: Final = ("tensorflow", "jax", "torch")

_VALUES: Final = 2**23
"""Of cut tensors whose gradients are computed at a time: 32 MiB, and a few times that above the cut."""


def gradients_here(network: keras.Model) -> Gradients:
    """Return the gradients of a network by the backend that Keras has.

    Raises:
        ModelError: it has none, as OpenVINO.
    """
    backend = keras.backend.backend()
    if backend not in _BACKENDS:
        raise ModelError(
            f"gradients need Keras's backend tensorflow, jax or torch, and this is {backend}: set "
            f"KERAS_BACKEND, or take {argument('method', 'occlusion')}"
        )
    found: Gradients = import_module(f"cxrzoo.heatmaps.gradients_{backend}").gradients(network)
    return found


def as_input(tensors: list[Any]) -> Any:
    """Return tensors as a functional network is made of them and takes them: one alone is no list."""
    return tensors if len(tensors) > 1 else tensors[0]


@dataclass(frozen=True, eq=False)
class Head:
    """The last layer of a model: one output a label.

    Attributes:
        kernel: ``(d, k)``.
        bias: ``(k,)``.
        layer: the layer.
    """

    kernel: Array
    bias: Array
    layer: keras.layers.Dense

    @classmethod
    def of(cls, model: keras.Model) -> "Head":
        """Return a model's head as it is now."""
        layer = model.get_layer("predictions")
        kernel, bias = (keras.ops.convert_to_numpy(one) for one in (layer.kernel, layer.bias))
        return cls(np.asarray(kernel, np.float32), np.asarray(bias, np.float32), layer)

    def scores(self, vectors: Array) -> Array:
        """Return the model's scores ``(b, k)`` of what the layer takes, ``(b, d)``."""
        logits = keras.ops.convert_to_tensor(vectors @ self.kernel + self.bias)
        return np.asarray(keras.ops.convert_to_numpy(self.layer.activation(logits)), np.float32)


class Cut:
    """A model cut at one of its tensors.

    A residual beside the tensor is cut too, and held as it is: of a class token's last attention the
    gradient is that by way of the attention.

    Args:
        model: a model of the zoo, with its top.
        tensor: of its graph.

    Attributes:
        above: the network from the cut tensors to what the last layer takes.
    """

    def __init__(self, model: keras.Model, tensor: keras.KerasTensor) -> None:
        self.head = Head.of(model)
        tensors = [tensor, *_beside(model, tensor)]
        whole = tensor is model.inputs[0]
        self._below = None if whole else keras.Model(as_input(model.inputs), tensors)
        self.above = keras.Model(as_input(tensors), self.head.layer.input)
        self._gradients: Gradients | None = None

    def below(self, pixels: Array) -> list[Array]:
        """Return the cut tensors, each ``(b, ...)``."""
        if self._below is None:
            return [pixels]
        found = self._below.predict_on_batch(pixels)
        found = found if isinstance(found, list | tuple) else [found]
        return [np.asarray(one, np.float32) for one in found]

    def vectors(self, cut: list[Array]) -> Array:
        """Return what the head takes, ``(b, d)``."""
        return np.asarray(self.above.predict_on_batch(as_input(list(cut))), np.float32)

    def slopes(self, cut: list[Array], columns: Sequence[int]) -> tuple[Array, Array]:
        """Return what the head takes ``(b, d)``, and the gradients ``(b, k, ...)`` of its outputs.

        They are of the outputs before the activation, by the first of the cut tensors. A row an image
        and label: all of them go forward and backward at once, as far as memory is bounded.
        """
        self._gradients = self._gradients or gradients_here(self.above)
        n, k = len(cut[0]), len(columns)
        weights = self.head.kernel.T[list(columns)]
        pairs = np.indices((n, k)).reshape(2, -1)
        size = max(1, _VALUES // prod(cut[0].shape[1:]))
        vectors = np.empty((n, weights.shape[1]), np.float32)
        slopes = np.empty((n * k, *cut[0].shape[1:]), np.float32)
        for at in range(0, n * k, size):
            rows, labels = pairs[:, at : at + size]
            outputs, slopes[at : at + size] = self._gradients(
                [one[rows] for one in cut], np.ascontiguousarray(weights[labels])
            )
            vectors[rows] = outputs
        return vectors, slopes.reshape(n, k, *cut[0].shape[1:])


def _beside(model: keras.Model, tensor: keras.KerasTensor) -> list[keras.KerasTensor]:
    """Return the tensors beside one that what follows from it takes too."""
    follows, beside = {id(tensor)}, {}
    for operation in model.operations:
        if isinstance(operation, keras.layers.InputLayer):
            continue
        taken = keras.tree.flatten(operation.input)
        if not follows.isdisjoint(map(id, taken)):
            follows.update(map(id, keras.tree.flatten(operation.output)))
            beside.update({id(one): one for one in taken})
    return [one for key, one in beside.items() if key not in follows]
