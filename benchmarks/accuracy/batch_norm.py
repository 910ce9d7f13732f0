"""BatchNorm's moving statistics taken anew (Wu and Johnson, "Rethinking 'Batch' in BatchNorm", 2021)."""

from typing import Any


def batch_norms(model: Any) -> list[Any]:
    """Return every BatchNorm of a model, those of networks within it too."""
    return [
        layer
        for layer in model._flatten_layers()  # noqa: SLF001 - Keras has no public way
        if type(layer).__name__ == "BatchNormalization"
    ]


def settle_batch_norm(model: Any, batches: list[Any]) -> None:
    """Make the moving statistics the mean of those of the batches."""
    norms = batch_norms(model)
    before = [layer.momentum for layer in norms]
    for i, pixels in enumerate(batches if norms else []):
        for layer in norms:
            layer.momentum = i / (i + 1)
        model(pixels, training=True)
    for layer, momentum in zip(norms, before, strict=True):
        layer.momentum = momentum
