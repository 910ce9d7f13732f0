"""The model that a run begins with: built, started from its weights, compiled."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras

from cxrzoo.data import Records
from cxrzoo.errors import TrainingError
from cxrzoo.models import building_in, create_model, is_backbone_file, replace_head
from cxrzoo.pretrained import config_of, open_artifact
from cxrzoo.training.losses import (
    MaskedAsymmetricLoss,
    MaskedBinaryCrossentropy,
    balancing_weights,
    masked_binary_crossentropy,
)
from cxrzoo.training.recipe import Recipe


def start_model(recipe: Recipe, train: Records) -> keras.Model:
    """Return a recipe's model for these labels; weights that have other labels get a fresh head."""
    with building_in(recipe.precision):
        return _start(recipe, train)


def best_model(trained: keras.Model, weights: Path) -> keras.Model:
    """Return a model of the same kind with the weights of a file, computing in float32 on one device.

    Raises:
        TrainingError: the file cannot be read.
    """
    config = config_of(trained, "train")
    with building_in("float32"):
        own = create_model(config.builder, **config.arguments, labels=config.labels)
    own.cxrzoo = config
    try:
        own.load_weights(weights)
    except (OSError, KeyError, ValueError) as error:
        raise TrainingError(
            f"{weights} cannot be read ({' '.join(str(error).split()):.200}). Delete {weights.parent} "
            "and give the same command again: it trains anew."
        ) from error
    return own


def _start(recipe: Recipe, train: Records) -> keras.Model:
    shape = recipe.image_spec.shape
    arguments = {**recipe.arguments, "input_shape": shape, "weights": recipe.weights}
    if (
        recipe.weights in {None, "imagenet"}
        or is_backbone_file(recipe.weights)
        or open_artifact(recipe.weights).config.labels == train.labels
    ):
        model = create_model(recipe.builder, **arguments, labels=train.labels)
    else:
        model = replace_head(create_model(recipe.builder, **arguments), train.labels)
    # What the weights that training starts from were read and read off with is not this model's.
    model.cxrzoo = replace(model.cxrzoo, aspect=recipe.aspect, thresholds=None, calibration=None)
    rate = _rate(recipe, math.ceil(len(train) / recipe.batch_size))
    optimizer = (
        keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay)
        if recipe.weight_decay
        else keras.optimizers.Adam(rate)
    )
    model.compile(optimizer=optimizer, loss=_loss(recipe, train))
    return model


def _rate(recipe: Recipe, steps: int) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """Return the optimizer's learning rate, for epochs of so many steps."""
    if recipe.schedule == "plateau":
        return recipe.learning_rate
    return keras.optimizers.schedules.CosineDecay(
        recipe.learning_rate / 100,
        max(1, (recipe.epochs - 1) * steps),
        warmup_target=recipe.learning_rate,
        warmup_steps=steps,
    )


def _loss(recipe: Recipe, train: Records) -> Callable[[Any, Any], Any]:
    if recipe.loss == "balanced":
        return MaskedBinaryCrossentropy(positive_weights=balancing_weights(train.targets))
    return MaskedAsymmetricLoss() if recipe.loss == "asymmetric" else masked_binary_crossentropy
