"""Training: recipes as data, callbacks, masked losses, and the run.

Names are imported when they are first used: ``import cxrzoo.training`` loads no Keras.
"""

from cxrzoo.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "callbacks": ("callback_preset",),
        "history": ("HistoryCSV",),
        "losses": (
            "MaskedAsymmetricLoss",
            "MaskedBinaryCrossentropy",
            "balancing_weights",
            "masked_binary_crossentropy",
        ),
        "paper.reproduce": ("reproduce_paper",),
        "paper.rows": ("PAPER_ROWS",),
        "paper.table": ("Reproduction",),
        "recipe": ("Recipe", "find_recipe", "recipes"),
        "run": ("Run", "train"),
        "validation": ("ValidationAUC",),
    },
)
