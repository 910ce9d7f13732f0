"""NIH's images under other people's labels, and Open-I, each in the layout it is published in."""

import json
from pathlib import Path

import numpy as np
import pytest
from published_layout import image, table

import cxrzoo
from cxrzoo.data import ChestMNIST, NIHGoogle, OpenI, RSNAPneumonia
from cxrzoo.errors import TableError
from cxrzoo.labels import NIH_LABELS


@pytest.fixture
def rsna(tmp_path):
    a, b, c = (f"0004cfab-14fd-4e49-80ba-63a80b6bddd{i}" for i in range(3))
    table(
        tmp_path / "stage_2_train_labels.csv",
        ("patientId", "x", "y", "width", "height", "Target"),
        [a, "", "", "", "", 0],
        [b, "264.0", "152.0", "213.0", "379.0", 1],
        [b, "562.0", "152.0", "256.0", "453.0", 1],
        [c, "", "", "", "", 0],
    )
    table(
        tmp_path / "stage_2_detailed_class_info.csv",
        ("patientId", "class"),
        [a, "No Lung Opacity / Not Normal"],
        [b, "Lung Opacity"],
        [b, "Lung Opacity"],
        [c, "Normal"],
    )
    for name in (a, b, c):
        image(tmp_path / "stage_2_train_images" / f"{name}.dcm")
    return tmp_path, (a, b, c)


def test_rsna_lists_an_image_once_and_knows_its_nih_patient_only_from_the_mapping(rsna):
    root, names = rsna
    records = RSNAPneumonia(root)
    assert records.labels == ("Pneumonia", "No Finding")
    np.testing.assert_array_equal(records.targets, [[0, 0], [1, 0], [0, 1]])
    assert records.patients is None  # patientId names an image
    originals = ("00000013_005.png", "00000013_026.png", "00030805_000.png")
    (root / "pneumonia-challenge-dataset-mappings_2018.json").write_text(
        json.dumps(
            [
                {"subset_img_id": name, "img_id": original, "orig_labels": ["Mass"]}
                for name, original in zip(names, originals, strict=True)
            ]
        )
    )
    records = RSNAPneumonia(root)
    assert list(records.patients) == ["13", "13", "30805"]
    sample = cxrzoo.load_sample()
    assert all(patient == str(int(patient)) for patient in sample.patients)  # written as NIH's
    assert list(records.metadata["nih_image"]) == list(originals)
    (root / "pneumonia-challenge-dataset-mappings_2018.json").write_text("[]")
    with pytest.raises(TableError, match="not RSNA's mapping"):
        RSNAPneumonia(root)


REPORT = """<?xml version="1.0" encoding="utf-8"?><eCitation>
   <meta type="rr"/><uId id="CXR{number}"/>
   <MedlineCitation><Article><Abstract>
   <AbstractText Label="FINDINGS">XXXX</AbstractText></Abstract></Article></MedlineCitation>
   <MeSH>{majors}<automatic>cardiomegaly</automatic></MeSH>
   {images}</eCitation>"""


def openi(root, number, majors, images):
    (root / "ecgen-radiology").mkdir(exist_ok=True)
    text = REPORT.format(
        number=number,
        majors="".join(f"<major>{major}  </major>" for major in majors),
        images="".join(f'<parentImage id="{name}"><panel type="x"/></parentImage>' for name in images),
    )  # fmt: skip
    (root / "ecgen-radiology" / f"{number}.xml").write_text(text)
    for name in images:
        image(root / "NLMCXR_png" / f"{name}.png", number)


def test_open_i_reads_the_major_terms_of_each_report(tmp_path):
    openi(tmp_path, 1, ["normal"], ["CXR1_1_IM-0001-3001", "CXR1_1_IM-0001-4001"])
    openi(
        tmp_path,
        2,
        ["Cardiomegaly/borderline", "Opacity/lung/base/left", "Thickening/pleura/apex"],
        ["CXR2_IM-0652-1001"],
    )
    openi(tmp_path, 10, ["No Indexing"], ["CXR10_IM-0002-1001"])
    openi(tmp_path, 11, ["Opacity/retina", "Calcified Granuloma/lung"], ["CXR11_IM-0067-1001"])
    openi(tmp_path, 12, ["normal"], [])
    (tmp_path / "ecgen-radiology" / "._1.xml").write_bytes(b"\0\5\x16\7")  # left by macOS
    records = OpenI(tmp_path)
    assert list(records.patients) == ["1", "1", "2", "10", "11"]
    present = [
        {label for label, v in zip(records.labels, row, strict=True) if v == 1}
        for row in records.targets
    ]
    assert present == [
        {"No Finding"}, {"No Finding"}, {"Cardiomegaly", "Lung Opacity", "Pleural_Thickening"},
        set(), set(),
    ]  # fmt: skip
    assert np.isnan(records.targets[3]).all()
    assert (records.targets[4] == 0).all()


def test_open_i_refuses_reports_with_entities(tmp_path):
    openi(tmp_path, 1, ["normal"], ["CXR1_1"])
    lol = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa">]><eCitation>&a;</eCitation>'
    (tmp_path / "ecgen-radiology" / "2.xml").write_text(lol)
    with pytest.raises(TableError, match="no document type"):
        OpenI(tmp_path)
    (tmp_path / "ecgen-radiology" / "2.xml").write_text("<eCitation>")
    with pytest.raises(TableError, match="not XML"):
        OpenI(tmp_path)


def test_chestmnist_unpacks_its_pixels_once_and_keeps_nihs_labels(tmp_path):
    random = np.random.default_rng(0)
    arrays = {}
    for part, n in (("train", 5), ("val", 2), ("test", 3)):
        arrays[f"{part}_images"] = random.integers(0, 256, (n, 28, 28), np.uint8)
        arrays[f"{part}_labels"] = random.integers(0, 2, (n, 14)).astype(np.int64)
    arrays["test_labels"][2] = 0
    np.savez_compressed(tmp_path / "chestmnist.npz", **arrays)
    records = ChestMNIST(tmp_path / "chestmnist.npz")
    assert records.labels == NIH_LABELS
    assert list(records.metadata["part"]) == ["train"] * 5 + ["val"] * 2 + ["test"] * 3
    np.testing.assert_array_equal(records.targets[:5, :14], arrays["train_labels"])
    assert records.targets[9, 14] == 1
    pixels = np.concatenate([arrays[f"{part}_images"] for part in ("train", "val", "test")])
    for path, grey in zip(records.images, pixels, strict=True):
        np.testing.assert_array_equal(cxrzoo.images.read_image(path)[:, :, 0], grey)
    before = {path: Path(path).stat().st_mtime_ns for path in records.images}
    again = ChestMNIST(tmp_path / "chestmnist.npz")
    assert {path: Path(path).stat().st_mtime_ns for path in again.images} == before


@pytest.mark.parametrize("spoil", ["no zip", "no labels", "other shape", "pickled", "fewer labels"])
def test_a_file_that_is_no_chestmnist_is_refused(tmp_path, spoil):
    images = np.zeros((2, 28, 28), np.uint8)
    labels = np.zeros((2, 14), np.int64)
    arrays = {f"{part}_{kind}": a for part in ("train", "val", "test")
              for kind, a in (("images", images), ("labels", labels))}  # fmt: skip
    if spoil == "no labels":
        del arrays["val_labels"]
    elif spoil == "other shape":
        arrays["train_images"] = np.zeros((2, 28, 28, 3), np.uint8)
    elif spoil == "pickled":
        arrays["train_labels"] = np.array([[None] * 14] * 2, object)
    elif spoil == "fewer labels":
        arrays["train_labels"] = labels[:1]
    path = tmp_path / "chestmnist.npz"
    np.savez(path, **arrays)
    if spoil == "no zip":
        path.write_bytes(b"<html>")
    with pytest.raises(TableError, match="no ChestMNIST"):
        ChestMNIST(path)


GOOGLE_HEADER = (
    "Image Index", "Finding Labels", "Follow-up #", "Patient ID", "Patient Age", "Patient Gender",
    "View Position", "OriginalImage[Width", "Height]", "OriginalImagePixelSpacing[x", "y]",
    "Fracture", "Pneumothorax", "Airspace opacity", "Nodule or mass", "Set Id",
)  # fmt: skip


def test_googles_adjudicated_labels_are_four_and_no_other(tmp_path):
    table(
        tmp_path / "google2019_nih-chest-xray-labels.csv.gz",
        GOOGLE_HEADER,
        ["00000013_008.png", "No Finding", 8, 13, 60, "M", "AP", 3056, 2544, 0.139, 0.139, "NO",
         "NO", "YES", "NO", "test"],
        ["00000013_026.png", "Cardiomegaly|Emphysema", 26, 13, 57, "M", "AP", 2500, 2048, 0.168,
         0.168, "NO", "YES", "NO", "NO", "validation"],
    )  # fmt: skip
    image(tmp_path / "images_001" / "images" / "00000013_008.png")
    image(tmp_path / "images_001" / "images" / "00000013_026.png")
    records = NIHGoogle(tmp_path)
    assert records.labels == ("Pneumothorax", "Lung Opacity", "Nodule or Mass", "Fracture")
    np.testing.assert_array_equal(records.targets, [[0, 1, 0, 0], [1, 0, 0, 0]])
    assert list(records.patients) == ["13", "13"]
    assert list(records.metadata["part"]) == ["test", "validation"]
