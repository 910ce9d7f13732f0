"""Training: recipes as data, callbacks, masked losses, and the run."""

from cxrzoo.training.callbacks import callback_preset
from cxrzoo.training.history import HistoryCSV
from cxrzoo.training.losses import (
    MaskedAsymmetricLoss,
    MaskedBinaryCrossentropy,
    balancing_weights,
    masked_binary_crossentropy,
)
from cxrzoo.training.paper.reproduce import PAPER_ROWS, reproduce_paper
from cxrzoo.training.paper.table import Reproduction
from cxrzoo.training.recipe import Recipe, find_recipe, recipes
from cxrzoo.training.run import Run, train
from cxrzoo.training.validation import ValidationAUC

__all__ = [
    "PAPER_ROWS",
    "HistoryCSV",
    "MaskedAsymmetricLoss",
    "MaskedBinaryCrossentropy",
    "Recipe",
    "Reproduction",
    "Run",
    "ValidationAUC",
    "balancing_weights",
    "callback_preset",
    "find_recipe",
    "masked_binary_crossentropy",
    "recipes",
    "reproduce_paper",
    "train",
]
