"""Writes tables and images as public sets publish them."""

import csv
import gzip

import numpy as np
from PIL import Image

__all__ = ["CHEXPERT_HEADER", "image", "table"]

CHEXPERT_HEADER = (
    "Path", "Sex", "Age", "Frontal/Lateral", "AP/PA", "No Finding", "Enlarged Cardiomediastinum",
    "Cardiomegaly", "Lung Opacity", "Lung Lesion", "Edema", "Consolidation", "Pneumonia",
    "Atelectasis", "Pneumothorax", "Pleural Effusion", "Pleural Other", "Fracture",
    "Support Devices",
)  # fmt: skip


def table(path, header, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])


def image(path, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (24, 20), np.uint8)
    kind = "JPEG" if path.suffix == ".jpg" else "PNG"
    Image.fromarray(pixels).save(path, kind)
