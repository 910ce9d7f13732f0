"""Chest X-rays as immutable tables, split by patient, and as batches that every backend takes.

Names are imported when they are first used: ``import cxrzoo.data`` loads neither Keras nor Pillow.
"""

from cxrzoo.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "dataset": ("ImageDataset",),
        "display": ("plot_cooccurrence", "plot_samples"),
        "leakage": ("Leakage",),
        "packs.mapped": ("Pack", "open_pack"),
        "packs.pack": ("cached_pack", "pack"),
        "quarantine": ("write_quarantine",),
        "records": ("Records", "Split", "concat"),
        "sample": ("load_sample",),
        "sets.chestmnist": ("ChestMNIST",),
        "sets.chexpert": ("CheXpert",),
        "sets.google": ("NIHGoogle",),
        "sets.mimic": ("MIMICCXRJPG",),
        "sets.nih": ("NIHChestXray14", "read_nih_entries"),
        "sets.openi": ("OpenI",),
        "sets.padchest": ("PadChest",),
        "sets.rsna": ("RSNAPneumonia",),
        "sets.vindr": ("VinDrCXR",),
        "sets.vocabulary": ("VOCABULARY",),
        "shard": ("Shard",),
        "tables": ("records_from_csv",),
    },
    renamed={
        "Finding": "cxrzoo.images.ImageProblem",
        "IMAGE_SUFFIXES": "cxrzoo.images.IMAGE_SUFFIXES",
        "Share": "cxrzoo.data.Shard",
        "inspect": "cxrzoo.images.check_images",
        "read_image": "cxrzoo.images.read_image",
        "resize": "cxrzoo.images.resize",
    },
)
