"""The folder that the pages' code runs in: small data under the names that the pages use."""

import csv
import shutil
import sys
from pathlib import Path

import numpy as np
import pydicom
from blocks import ROOT
from PIL import Image
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from safetensors.numpy import save_file

sys.path.append(str(ROOT / "tests"))
sys.path.append(str(ROOT / "tests/data"))
sys.path.append(str(ROOT / "tests/convert"))

import expert_tables
from densenet_state import random_state
from published_layout import CHEXPERT_HEADER

import cxrzoo


def make_world(root):
    """Writes it."""
    sample = cxrzoo.load_sample()
    files = [Path(path) for path in sample.images]
    package = Path(cxrzoo.__file__).parent
    (root / "cxrzoo").symlink_to(package)  # a clone has it beside the README
    shutil.copytree(ROOT / "tests/evaluation/data", root / "tests/evaluation/data")

    (root / "NIH/images_001").mkdir(parents=True)
    (root / "NIH/images_001/images").symlink_to(files[0].parent)
    entries = package / "data/sample/Data_Entry_2017_sample.csv"
    for name in ("NIH/Data_Entry_2017_v2020.csv", "Data_Entry_2017_v2020.csv"):
        shutil.copy(entries, root / name)

    drawn = list(expert_tables.draw(n=len(sample), seed=0))
    drawn[0], drawn[1] = list(sample.file_names), list(sample.patients)
    expert_tables.write(root / "NIH", drawn, entries=False)

    save_file(random_state(3, 3), root / "chexnet.safetensors")
    own_table(root, sample)
    predictions(root, sample)
    chexpert(root / "CheXpert-v1.0-small", files)
    for folder in ("folder", "more-xrays", "more", "study"):
        (root / folder).mkdir()
    for name in ("xray.png", "a.png", "folder/1.png", "more-xrays/2.png"):
        shutil.copy(files[3], root / name)
    Image.open(files[4]).save(root / "more/3.jpg", quality=95)
    for name in ("b.dcm", "study/1.dcm"):
        dicom(root / name, files[5])
    for name in ("cxrzoo-quickstart/model", "run/model"):
        cxrzoo.save_pretrained(cxrzoo.from_pretrained("nih-mini"), root / name)


def own_table(root, sample, rows=30):
    """``mine.csv``, readable from its own folder and from ``xrays/``."""
    for folder in (root / "a", root / "xrays/a"):
        folder.mkdir(parents=True)
        for image in sample.images[:rows]:
            shutil.copy(image, folder)
    labels = ("Effusion", "Pneumonia", "Edema")
    rng = np.random.default_rng(0)
    with (root / "mine.csv").open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["image", "patient", *labels, "findings"])
        for i, image in enumerate(sample.images[:rows]):
            cells = rng.permutation([i % 2, (i // 2) % 2, (i // 3) % 2])
            names = [label for label, cell in zip(labels, cells, strict=True) if cell]
            names = names or ["No Finding"]
            table.writerow([f"a/{Path(image).name}", f"p{i}", *cells, "|".join(names)])


def predictions(root, sample):
    """``preds.csv``: scores that know a little of the truth."""
    _, scores = truth_and_scores(sample)
    with (root / "preds.csv").open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["Image Index", *(f"prob_{label}" for label in sample.labels)])
        for image, row in zip(sample.images, scores, strict=True):
            table.writerow([Path(image).name, *row])


def truth_and_scores(records):
    rng = np.random.default_rng(0)
    noise = rng.uniform(0, 1, records.targets.shape)
    return records.targets, 0.7 * noise + 0.2 * np.nan_to_num(records.targets) + 0.05


def chexpert(root, files, patients=40):
    root.mkdir()
    for part, members in (("train", range(patients)), ("valid", range(patients, patients + 2))):
        chexpert_part(root, part, files, members)


def chexpert_part(root, part, files, patients):
    rng = np.random.default_rng(0)
    with (root / f"{part}.csv").open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(CHEXPERT_HEADER)
        for i in patients:
            name = f"{part}/patient{i:05d}/study1/view1_frontal.jpg"
            (root / name).parent.mkdir(parents=True)
            Image.open(files[i]).resize((48, 48)).save(root / name)
            cells = rng.choice(["1.0", "0.0", "-1.0", ""], 14)
            table.writerow([f"{root.name}/{name}", "Male", 50, "Frontal", "AP", *cells])


def dicom(path, file):
    pixels = np.asarray(Image.open(file).convert("L"))
    dataset = pydicom.Dataset()
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid()
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.PixelData = pixels.tobytes()
    dataset.save_as(path, enforce_file_format=True)
