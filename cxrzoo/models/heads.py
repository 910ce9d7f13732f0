"""A fresh head on a trained trunk."""

from collections.abc import Sequence
from dataclasses import replace

import keras

from cxrzoo.errors import ModelError
from cxrzoo.models._head import is_head
from cxrzoo.models.registry import create_model
from cxrzoo.models.weights import assign_tensors, model_tensors
from cxrzoo.store import ModelConfig

__all__ = ["replace_head"]


def replace_head(model: keras.Model, labels: Sequence[str]) -> keras.Model:
    """Gives a model with the same trunk weights and a fresh head for other labels.

    Args:
        model: a model of the zoo, with or without its top. It is left as it is.
        labels: names of the new outputs, in order.

    Returns:
        A new model with outputs ``(b, len(labels))``: the trunk's weights are copied, the layers
        above it are newly initialised.

    Raises:
        ModelError: the model is not of the zoo, or the labels are not different names.
    """
    config = getattr(model, "cxrzoo", None)
    if not isinstance(config, ModelConfig):
        raise ModelError(
            f"replace_head takes a model that cxrzoo built; {model.name!r} has no 'cxrzoo' config."
        )
    arguments = {**config.arguments, "include_top": True, "pooling": None}
    fresh = create_model(config.builder, **arguments, labels=labels)
    trunk = {path: value for path, value in model_tensors(model).items() if not is_head(path)}
    assign_tensors(fresh, model_tensors(fresh) | trunk)
    fresh.cxrzoo = replace(fresh.cxrzoo, lineage=config.lineage, aspect=config.aspect)
    return fresh
