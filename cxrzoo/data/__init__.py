"""Chest X-rays as immutable tables, split by patient, and as batches that every backend takes.

Names are imported when they are first used: ``import cxrzoo.data`` loads neither Keras nor Pillow.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxrzoo.data.dataset import ImageDataset
    from cxrzoo.data.images import IMAGE_SUFFIXES, read_image, resize
    from cxrzoo.data.nih import NIHChestXray14, read_nih_entries
    from cxrzoo.data.records import Leakage, Records, concat
    from cxrzoo.data.sample import load_sample
    from cxrzoo.data.splits import Split
    from cxrzoo.data.tables import records_from_csv

_HOMES = {
    "IMAGE_SUFFIXES": "images",
    "ImageDataset": "dataset",
    "Leakage": "records",
    "NIHChestXray14": "nih",
    "Records": "records",
    "Split": "splits",
    "concat": "records",
    "load_sample": "sample",
    "read_image": "images",
    "read_nih_entries": "nih",
    "records_from_csv": "tables",
    "resize": "images",
}

__all__ = [
    "IMAGE_SUFFIXES",
    "ImageDataset",
    "Leakage",
    "NIHChestXray14",
    "Records",
    "Split",
    "concat",
    "load_sample",
    "read_image",
    "read_nih_entries",
    "records_from_csv",
    "resize",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cxrzoo.data' has no attribute {name!r}")
    value = getattr(import_module(f"cxrzoo.data.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
