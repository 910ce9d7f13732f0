"""Records as batches that a recipe's model takes."""

from typing import Any

from cxrzoo.data import ImageDataset, Records
from cxrzoo.training.recipe import Recipe

__all__ = ["batches_of"]


def batches_of(records: Records, recipe: Recipe, cache: Any, **more: Any) -> ImageDataset:
    """Gives every image once, in order and as it is, unless ``more`` says otherwise.

    Args:
        records: the images.
        recipe: has their size, number, channels and aspect.
        cache: a pack's directory, or None.
        more: ``shuffle``, ``seed``, ``augment`` and ``shard`` of ``records.dataset``.
    """
    return records.dataset(
        image_size=recipe.image_size,
        batch_size=recipe.batch_size,
        channels=recipe.channels,
        aspect=recipe.aspect,
        cache=cache,
        **more,
    )
