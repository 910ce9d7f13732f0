"""The way back to a description, for models that Keras copied or loaded."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cxrzoo.artifacts.sameness import require_described
from cxrzoo.errors import ModelError
from cxrzoo.models import model_tensors
from cxrzoo.pretrained import ModelConfig, config_of, open_artifact
from cxrzoo.typed import check_arguments


def describe(model: keras.Model, like: keras.Model | ModelConfig | str | Path) -> keras.Model:
    """Give a model that Keras copied or loaded its description again.

    What ``keras.saving.load_model``, ``keras.models.clone_model`` or ``copy.deepcopy`` return has the
    layers, but not the ``cxrzoo`` attribute that everything in cxrzoo which takes a model asks for. The
    network that ``like`` describes is built; it must have the same layers and tensors as the model, and
    with the model's weights the same outputs for real X-rays::

        model = keras.saving.load_model("mine.keras")
        cxrzoo.describe(model, like=cxrzoo.mobilenet_cxr(labels=LABELS, hidden_units=None))

    Args:
        model: what Keras returned, of a model that cxrzoo built.
        like: what it was: a model of the same builder and arguments, whose weights do not matter; its
            :class:`~cxrzoo.ModelConfig`; or a published model, as :func:`cxrzoo.from_pretrained` takes
            it. Layers do not tell the order of the labels: that of ``like`` is taken.

    Returns:
        The same object; its ``cxrzoo`` attribute is the description. A :class:`~cxrzoo.ModelConfig` is
        taken as it is. Of a model, thresholds, calibration and licence are taken only if the weights
        are the same, for they belong to those weights.

    Raises:
        ModelError: the model is another than described; says what differs.
        ArtifactNotFoundError: there is no such published model.
    """
    check_arguments(describe, locals(), ModelError)
    published = open_artifact(like) if isinstance(like, str | Path) else None
    if isinstance(like, ModelConfig):
        config = like
    elif published is not None:
        config = published.config
    else:
        config = config_of(like, "describe(model, like=...)")
    tensors = model_tensors(
        require_described(
            model,
            config,
            instead="Pass like= a model built with the builder and the arguments that this one was "
            "built with. Where only tensors have other names (Keras renames those of layers within "
            "layers), take that model with these weights: like.set_weights(model.get_weights()).",
            error=ModelError,
        ).model
    )
    if not isinstance(like, ModelConfig):
        theirs = (
            model_tensors(like)
            if published is None
            else published.tensors({name: value.shape for name, value in tensors.items()})
        )
        if not _same(tensors, theirs):
            config = ModelConfig(
                config.builder,
                config.arguments,
                config.labels,
                lineage=config.lineage,
                aspect=config.aspect,
            )
    model.cxrzoo = config
    return model


def _same(tensors: Mapping[str, Any], others: Mapping[str, Any]) -> bool:
    return all(
        name in others and np.array_equal(value, others[name]) for name, value in tensors.items()
    )
