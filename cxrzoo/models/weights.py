"""A model's tensors by variable path, in and out."""

from collections.abc import Mapping

import keras
import numpy as np

from cxrzoo.errors import ModelError

__all__ = ["assign_tensors", "model_tensors", "tensor_shapes"]


def model_tensors(model: keras.Model) -> dict[str, np.ndarray]:
    """Gives a copy of every weight (trained and moving statistics) by its variable path."""
    return {
        path: np.array(keras.ops.convert_to_numpy(variable))
        for path, variable in _variables(model).items()
    }


def tensor_shapes(model: keras.Model) -> dict[str, tuple[int, ...]]:
    """Gives every weight's shape by its variable path."""
    return {path: tuple(variable.shape) for path, variable in _variables(model).items()}


def assign_tensors(model: keras.Model, tensors: Mapping[str, np.ndarray]) -> None:
    """Assigns every weight of the model from tensors by variable path; others are passed over."""
    for path, variable in _variables(model).items():
        variable.assign(tensors[path])


def _variables(model: keras.Model) -> dict[str, keras.Variable]:
    variables = {variable.path: variable for variable in model.weights}
    if len(variables) != len(model.weights):
        raise ModelError("two of the model's variables have the same path; give its layers names.")
    return variables
