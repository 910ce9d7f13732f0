"""Records as batches that a recipe's model takes."""

from typing import Any

from cxrzoo.data import ImageDataset, Records
from cxrzoo.training.recipe import Recipe


def batches_of(records: Records, recipe: Recipe, cache: Any, **more: Any) -> ImageDataset:
    """Give every image once, in order and as it is, unless ``more`` says otherwise.

    Args:
        records: the images.
        recipe: says how they are read, and how many are in a batch.
        cache: a pack's directory, or None.
        more: ``shuffle``, ``seed``, ``augment`` and ``shard`` of ``records.dataset``.
    """
    return records.dataset(
        image_spec=recipe.image_spec, batch_size=recipe.batch_size, cache=cache, **more
    )
