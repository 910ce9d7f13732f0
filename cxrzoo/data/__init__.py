"""Chest X-rays as immutable tables, split by patient, and as batches that every backend takes.

Names are imported when they are first used: ``import cxrzoo.data`` loads neither Keras nor Pillow.
"""

from cxrzoo.lazy import lazy_names
from cxrzoo.readers import READERS

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "concatenate": ("concat",),
        "csv_table": ("write_quarantine",),
        "dataset": ("ImageDataset",),
        "display": ("plot_cooccurrence", "plot_samples"),
        "feeds": ("Shard",),
        "leakage": ("Leakage",),
        "packs.mapped": ("Pack", "open_pack"),
        "packs.pack": ("cached_pack", "pack"),
        "records": ("Records", "Split"),
        "sets": ("SETS", "VOCABULARY", "open_set"),
        **{f"sets.{file}": (reader,) for file, reader in READERS.items()},
        "sets.experts": ("ExpertReads", "NIHExperts", "read_expert_reads"),
        "sets.nih": ("NIHChestXray14", "load_sample", "read_nih_entries"),
        "sets.register": ("DataSet", "register_data_set"),
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
