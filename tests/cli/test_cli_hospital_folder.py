"""A folder as a hospital might send it, from its files to a report by the command line."""

import csv
import json
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

import cxrzoo

N = 36


def write_dicom(path, grey):
    """Signed 16 bits from -2048 on, without a window, under a patient's name."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = pydicom.uid.DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = generate_uid()
    file = FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
    file.SOPClassUID, file.SOPInstanceUID = meta.MediaStorageSOPClassUID, generate_uid()
    file.PatientName, file.PatientID, file.Modality = "Doe^Jane", "SECRET", "DX"
    file.Rows, file.Columns = grey.shape
    file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
    file.BitsAllocated = file.BitsStored = 16
    file.HighBit, file.PixelRepresentation = 15, 1
    file.PixelData = (grey.astype("<i2") * 16 - 2048).tobytes()
    file.save_as(path, enforce_file_format=True)


WRITERS = {
    ".png": lambda path, grey: Image.fromarray(grey.astype(np.uint16) * 257).save(path),
    ".dcm": write_dicom,
    ".jpg": lambda path, grey: Image.fromarray(grey).save(path, quality=95),
}


@pytest.fixture(scope="module")
def hospital(tmp_path_factory):
    """Linked folders of patients, files of one name, what systems leave, and a spreadsheet's table."""
    root, archive = tmp_path_factory.mktemp("hospital") / "sent", tmp_path_factory.mktemp("archive")
    sample, rows = cxrzoo.load_sample(), []
    effusion, infiltration = (sample.labels.index(label) for label in ("Effusion", "Infiltration"))
    for i in range(N):
        patient, (ending, write) = i // 2, list(WRITERS.items())[i % 3]
        folder = Path(f"patient{patient:02d}") / f"study{i % 2 + 1}"
        place = (archive if patient % 5 == 0 else root) / folder
        place.mkdir(parents=True)
        write(place / f"view1{ending}", np.asarray(Image.open(sample.images[i]).convert("L")))
        (place / f"._view1{ending}").write_bytes(b"AppleDouble")
        name = f"{folder}/view1{ending}".replace("/", "\\")
        words = ("False", "True") if i % 2 else ("nein", "ja")
        first, second = (words[int(sample.targets[i, j])] for j in (effusion, infiltration))
        known = f"{patient}.0" if patient % 7 else ""
        rows.append([name, known, first if i % 11 else "", second, "3"])
    for patient in archive.iterdir():
        (root / patient.name).symlink_to(patient, target_is_directory=True)
    (root / "again").symlink_to(root / "patient01", target_is_directory=True)
    for junk in ("__MACOSX/._view1.png", ".ipynb_checkpoints/view1-checkpoint.png", "Thumbs.db"):
        (root / junk).parent.mkdir(exist_ok=True)
        (root / junk).write_bytes(b"junk")
    header = ["Image File", "Patient", "pleural effusion", "Infiltrate", "Ward"]
    lines = [";".join(row) for row in [header, *rows]] + [";;;;"] * 3
    (root / "findings.csv").write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    return root


def test_from_files_and_a_spreadsheet_to_a_report(hospital, tmp_path, cxrzoo_command):
    scores, table = tmp_path / "scores.csv", hospital / "findings.csv"
    scored = cxrzoo_command("predict", hospital, "--model", "nih-mini", "--output", scores)
    assert scored.status == 0, scored.err
    assert "SECRET" not in scored.out + scored.err
    assert scored.err.count("warning: the values of a picture use a small part of the range") == 1
    with scores.open(newline="", encoding="utf-8") as file:
        images = [
            Path(row["image"]).relative_to(hospital).as_posix() for row in csv.DictReader(file)
        ]
    assert len(images) == len(set(images)) == N
    assert all(image.count("/") == 2 and "/." not in image for image in images)
    common = ("--image-column", "Image File", "--patient-column", "Patient", "--bootstrap", 20)
    of_scores = cxrzoo_command(
        *("evaluate", "--predictions", scores, "--truth", table),
        *common,
        *("--output", tmp_path / "a", "--json"),
    )
    assert of_scores.status == 0, of_scores.err
    report = json.loads(of_scores.out)["report"]
    assert [(row["label"], row["n"]) for row in report["rows"]] == [
        ("pleural effusion", N - len(range(0, N, 11))),
        ("Infiltrate", N),
    ]
    # 3 patients have no identifier, so that their 6 images stand for themselves.
    assert (report["n"], report["units"]) == (N, N // 2 - 3 + 6)
    assert report["unmatched_truth"] == ["Ward"]
    assert len(report["unmatched_predictions"]) == 13
    page = (tmp_path / "a" / "report.html").read_text("utf-8")
    assert "Ward" in page
    of_model = cxrzoo_command(
        "evaluate", "--model", "nih-mini", "--csv", table, "--labels", "Effusion,Infiltration",
        "--part", "all", *common, "--json",
    )  # fmt: skip
    assert of_model.status == 0, of_model.err
    # Patients of two places that are numbered alike look like the same.
    assert "warning: the model was trained on" in of_model.err
    again = json.loads(of_model.out)["report"]
    assert len(again["unmatched_predictions"]) == 13
    for one, other in zip(report["rows"], again["rows"], strict=True):
        assert one["roc_auc"] == pytest.approx(other["roc_auc"], abs=1e-3)
