"""A model with random weights in the place of its own, for baselines and sanity checks."""

import keras

from cxrzoo.models import entry, model_tensors
from cxrzoo.models.head import is_head
from cxrzoo.models.tensors import assign_tensors
from cxrzoo.pretrained import config_of


def randomised(model: keras.Model, seed: int, *, all_weights: bool) -> keras.Model:
    """Build a model anew, with first weights.

    Args:
        model: a model of the zoo, which stays as it is.
        seed: of the weights.
        all_weights: take first weights everywhere; else in the head alone.
    """
    config = config_of(model, "localise")
    keras.utils.set_random_seed(seed % 2**32)
    fresh = entry(config.builder).builder(
        **{**config.arguments, "labels": config.labels, "weights": None}
    )
    if not all_weights:
        own = model_tensors(model)
        own.update({name: one for name, one in model_tensors(fresh).items() if is_head(name)})
        assign_tensors(fresh, own)
    return fresh
