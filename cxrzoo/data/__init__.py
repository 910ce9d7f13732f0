"""Chest X-rays as immutable tables, split by patient, and as batches that every backend takes.

Names are imported when they are first used: ``import cxrzoo.data`` loads neither Keras nor Pillow.
"""

from typing import TYPE_CHECKING

from cxrzoo.lazy import lazy_names

if TYPE_CHECKING:
    from cxrzoo.data.dataset import ImageDataset
    from cxrzoo.data.gate import Finding, inspect
    from cxrzoo.data.images import IMAGE_SUFFIXES, read_image, resize
    from cxrzoo.data.leakage import Leakage
    from cxrzoo.data.nih import NIHChestXray14, read_nih_entries
    from cxrzoo.data.pack_map import Pack, open_pack
    from cxrzoo.data.packing import cached_pack, pack
    from cxrzoo.data.quarantine import write_quarantine
    from cxrzoo.data.readers.chestmnist import ChestMNIST
    from cxrzoo.data.readers.chexpert import CheXpert
    from cxrzoo.data.readers.google import NIHGoogle
    from cxrzoo.data.readers.mimic import MIMICCXRJPG
    from cxrzoo.data.readers.openi import OpenI
    from cxrzoo.data.readers.padchest import PadChest
    from cxrzoo.data.readers.rsna import RSNAPneumonia
    from cxrzoo.data.readers.vindr import VinDrCXR
    from cxrzoo.data.records import Records, concat
    from cxrzoo.data.sample import load_sample
    from cxrzoo.data.share import Share
    from cxrzoo.data.splits import Split
    from cxrzoo.data.tables import records_from_csv
    from cxrzoo.data.vocabulary import VOCABULARY

_HOMES = {
    "CheXpert": "readers.chexpert",
    "ChestMNIST": "readers.chestmnist",
    "Finding": "gate",
    "IMAGE_SUFFIXES": "images",
    "ImageDataset": "dataset",
    "Leakage": "leakage",
    "MIMICCXRJPG": "readers.mimic",
    "NIHChestXray14": "nih",
    "NIHGoogle": "readers.google",
    "OpenI": "readers.openi",
    "Pack": "pack_map",
    "PadChest": "readers.padchest",
    "RSNAPneumonia": "readers.rsna",
    "Records": "records",
    "Share": "share",
    "Split": "splits",
    "VOCABULARY": "vocabulary",
    "VinDrCXR": "readers.vindr",
    "cached_pack": "packing",
    "concat": "records",
    "inspect": "gate",
    "load_sample": "sample",
    "open_pack": "pack_map",
    "pack": "packing",
    "read_image": "images",
    "read_nih_entries": "nih",
    "records_from_csv": "tables",
    "resize": "images",
    "write_quarantine": "quarantine",
}

__all__ = [
    "IMAGE_SUFFIXES",
    "MIMICCXRJPG",
    "VOCABULARY",
    "CheXpert",
    "ChestMNIST",
    "Finding",
    "ImageDataset",
    "Leakage",
    "NIHChestXray14",
    "NIHGoogle",
    "OpenI",
    "Pack",
    "PadChest",
    "RSNAPneumonia",
    "Records",
    "Share",
    "Split",
    "VinDrCXR",
    "cached_pack",
    "concat",
    "inspect",
    "load_sample",
    "open_pack",
    "pack",
    "read_image",
    "read_nih_entries",
    "records_from_csv",
    "resize",
    "write_quarantine",
]


__getattr__, __dir__ = lazy_names(__name__, _HOMES)
