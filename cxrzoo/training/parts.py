"""The two parts of the data that train and choose a model: checked, and as batches."""

from typing import Any

from cxrzoo.data import ImageDataset, Records
from cxrzoo.errors import LabelError, LeakageError, TrainingError, argument, either
from cxrzoo.training.recipe import Recipe


def check_parts(train: Records, validation: Records, *, allow_leakage: bool) -> None:
    """Refuse parts that are empty, of other labels, or of the same patients or files.

    Raises:
        TrainingError: a part is empty.
        LabelError: the two parts have different labels.
        LeakageError: patients or files stand on both sides, and ``allow_leakage`` is False.
    """
    for part, name in ((train, "training"), (validation, "validation")):
        if not len(part):
            raise TrainingError(f"the {name} part is empty; there is nothing to train on.")
    if train.labels != validation.labels:
        raise LabelError(
            f"the training part has labels {', '.join(train.labels)}; the validation part "
            f"{', '.join(validation.labels)}. Make them equal"
            + either(" with records.relabel(labels).", ".")
        )
    leakage = train.leakage(validation)
    if leakage and not allow_leakage:
        raise LeakageError(
            f"the validation part leaks into the training part: {leakage}. Split by patient, as in "
            + argument("split", "patient", python="records.split('patient')")
            + f", or pass {argument('allow_leakage', value=True)} and say so beside every figure."
        ).of(leakage.shared)


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
