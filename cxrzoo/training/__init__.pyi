"""What ``cxrzoo.training`` offers. Written by tests/generate.py; do not edit."""

from cxrzoo.training.callbacks import callback_preset as callback_preset
from cxrzoo.training.history import HistoryCSV as HistoryCSV
from cxrzoo.training.losses import MaskedAsymmetricLoss as MaskedAsymmetricLoss
from cxrzoo.training.losses import MaskedBinaryCrossentropy as MaskedBinaryCrossentropy
from cxrzoo.training.losses import balancing_weights as balancing_weights
from cxrzoo.training.losses import masked_binary_crossentropy as masked_binary_crossentropy
from cxrzoo.training.paper.reproduce import reproduce_paper as reproduce_paper
from cxrzoo.training.paper.rows import PAPER_ROWS as PAPER_ROWS
from cxrzoo.training.paper.table import Reproduction as Reproduction
from cxrzoo.training.recipe import Recipe as Recipe
from cxrzoo.training.recipe import find_recipe as find_recipe
from cxrzoo.training.recipe import recipes as recipes
from cxrzoo.training.run import Run as Run
from cxrzoo.training.run import train as train
from cxrzoo.training.validation import ValidationAUC as ValidationAUC
