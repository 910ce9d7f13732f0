"""Readers of public data sets by their file. Written by tests/generate.py; do not edit."""

from typing import Final

READERS: Final = {
    "chestmnist": "ChestMNIST",
    "chexpert": "CheXpert",
    "experts": "NIHExperts",
    "google": "NIHGoogle",
    "mimic": "MIMICCXRJPG",
    "nih": "NIHChestXray14",
    "openi": "OpenI",
    "padchest": "PadChest",
    "rsna": "RSNAPneumonia",
    "vindr": "VinDrCXR",
}
