"""Pictures of cases, and that nothing of a patient leaves with any picture."""

import base64
import csv
import html
import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import cxrzoo
from cxrzoo import save_pretrained
from cxrzoo.cli.program import program
from cxrzoo.errors import DataError, ImageError, LabelError
from cxrzoo.evaluation import auc_report, select_cases, write_cases_html
from cxrzoo.heatmaps import Explainer, draw_cases
from cxrzoo.heatmaps.colours import overlay
from cxrzoo.heatmaps.maps import to_one
from cxrzoo.images import ImageSpec
from cxrzoo.inference import predict_files

FIGURE = re.compile(
    r"<figure><div class='pair'><img src='data:image/jpeg;base64,([^']+)' alt='([^']+)'>"
    r"<img src='data:image/jpeg;base64,([^']+)' alt='([^']+)'></div>"
    r"<figcaption><b>([\d.]+)</b> ([^ <]+)"
)


def run(*words):
    return CliRunner().invoke(program, [str(word) for word in words])


def opened(coded):
    return Image.open(io.BytesIO(base64.b64decode(coded, validate=True)))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page of nih-mini on the sample, with pictures."""
    folder = tmp_path_factory.mktemp("evaluated")
    done = run("evaluate", "--model", "nih-mini", "--sample", "--bootstrap", 0, "--cases", 2,
               "--case-images", "--output", folder)  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "href='cases.html'" in (folder / "report.html").read_text()
    return (folder / "cases.html").read_text()


def test_each_picture_is_the_file_that_is_named_beside_its_heat_map(page):
    files = {Path(one).name: str(one) for one in cxrzoo.load_sample().images}
    figures = FIGURE.findall(page)
    assert len(figures) == page.count("<figure>") == (page.count("<img") - 1) / 2 > 60
    assert len(page) < 40_000 * len(figures)
    some = figures[::9]
    assert len({one[3] for one in some}) > 4
    explainer = Explainer("nih-mini")
    for plain, alt, heat, of, score, name in some:
        label = html.unescape(of).removeprefix("The same under its heat map of ")
        picture, over = opened(plain), opened(heat)
        assert name in alt
        assert (picture.mode, over.mode, picture.size, over.size) == (
            "L", "RGB", (256, 256), (256, 256),
        )  # fmt: skip
        assert not {*picture.info, *over.info} - {
            "jfif", "jfif_version", "jfif_unit", "jfif_density",
        }  # fmt: skip
        found = explainer.explain(files[name])
        j = explainer.labels.index(label)
        assert abs(found.scores[0, j] - float(score)) < 2e-3
        grey = np.asarray(Image.open(files[name]).convert("L").resize((256, 256)))
        assert np.abs(grey - np.asarray(picture, float)).mean() < 3
        laid = np.asarray(Image.fromarray(found[0][j]).resize((256, 256)))
        expected = overlay(grey, laid).astype(float)
        assert np.abs(expected - np.asarray(over, float)).mean() < 4


def test_without_the_switch_no_pixel_is_in_the_page(page, tmp_path):
    done = run("evaluate", "--model", "nih-mini", "--sample", "--bootstrap", 0, "--cases", 2,
               "--output", tmp_path)  # fmt: skip
    assert done.exit_code == 0, done.output
    text = (tmp_path / "cases.html").read_text()
    for word in ("data:", "<img", "base64"):
        assert word in page
        assert word not in text
    listed = re.findall(r"<li><b>([\d.]+)</b> ([^ <]+)", text)
    assert listed == [(score, name) for *_, score, name in FIGURE.findall(page)]


def test_a_page_of_predictions_lists_cases_and_has_no_heat_maps(sample_files, tmp_path):
    records = cxrzoo.load_sample()[:24]
    predict_files("nih-mini", list(records.images)).to_csv(tmp_path / "scores.csv")
    truth = next(Path(sample_files[0]).parents[1].rglob("Data_Entry_2017*.csv"), None) or next(
        Path(sample_files[0]).parents[2].rglob("Data_Entry_2017*.csv")
    )
    words = ("evaluate", "--predictions", tmp_path / "scores.csv", "--truth", truth,
             "--bootstrap", 0, "--cases", 3, "--output", tmp_path / "out")  # fmt: skip
    refused = run(*words, "--case-images")
    assert refused.exit_code == 2
    assert "--case-images goes with --model" in refused.output
    assert not (tmp_path / "out").exists()
    done = run(*words)
    assert done.exit_code == 0, done.output
    text = (tmp_path / "out" / "cases.html").read_text()
    assert "data:" not in text
    assert text.count("<li><b>") > 30


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--case-images", "-o", "x"), "--case-images goes with --cases"),
        (("--cases", 2), "--cases goes with --output"),
        (
            ("--cases", 2, "--case-method", "cam", "-o", "x"),
            "--case-method goes with --case-images",
        ),
        (("--cases", 0, "-o", "x"), "--cases"),
        (("--cases", 51, "-o", "x"), "--cases"),
    ],
)
def test_options_of_cases_that_are_of_no_use_are_refused(words, said):
    done = run("evaluate", "--model", "nih-mini", "--sample", *words)
    assert done.exit_code == 2
    assert said in done.output


def test_a_method_that_does_not_suit_the_model_is_refused_before_anything_is_measured(
    untrained, tmp_path, monkeypatch
):
    save_pretrained(untrained("cnn_test1", labels=cxrzoo.NIH_LABELS), tmp_path / "model")
    monkeypatch.setattr("cxrzoo.inference.evaluate", None)
    done = run("evaluate", "-m", tmp_path / "model", "--sample", "--cases", 2, "--case-images",
               "--case-method", "cam", "-o", tmp_path / "out")  # fmt: skip
    assert done.exit_code == 2, done.output
    assert "cam needs a head" in done.output
    assert not (tmp_path / "out").exists()


def test_more_cases_than_can_be_drawn_are_refused_before_anything_is_measured(tmp_path):
    words = ("evaluate", "-m", "nih-mini", "--sample", "--case-images", "-o", tmp_path / "out")
    done = run(*words, "--cases", 23)
    assert done.exit_code == 2
    assert "make 1,035: ask for fewer with --cases" in done.output
    assert not (tmp_path / "out").exists()


SIDE = st.integers(120, 256)


@settings(max_examples=25)
@given(SIDE, SIDE, st.sampled_from(["stretch", "pad", "crop"]), st.integers(0, 99))
def test_a_small_map_is_the_whole_one_made_small(height, width, aspect, seed):
    """Of a picture four times as high and wide, of any shape, padded or cropped."""
    values = np.random.default_rng(seed).uniform(size=(7, 7)).astype(np.float32)
    spec = ImageSpec(224, 224, aspect=aspect)
    found = to_one(spec.placement(height, width).undo(values))
    whole = spec.placement(4 * height, 4 * width).undo(values)
    expected = whole.reshape(height, 4, width, 4).mean((1, 3)) / whole.max()
    seen = (found > 0) & (expected > 0)  # where a crop ends may be a pixel further
    assert (seen != (found > 0)).sum() <= 2 * (height + width)
    assert np.quantile(np.abs(found - expected)[seen], 0.97) < 0.08
    assert found.max() == 1


def _report(labels):
    truth, scores = np.array([[1, 0], [0, 1], [1, 1]]), np.linspace(0.1, 0.9, 6).reshape(3, 2)
    return auc_report(truth, scores, labels=labels, n_bootstrap=0)


def test_what_cannot_be_drawn_is_said(small, sample_files, tmp_path):
    explainer = Explainer(small("cnn_test1"))
    cases = select_cases(_report(("mass", "EDEMA")), 2)
    drawn = draw_cases(explainer, cases, sample_files)
    assert {label for label, _ in drawn.heat} == {"mass", "EDEMA"}
    assert sorted(drawn.plain) == [0, 1, 2]
    with pytest.raises(DataError, match=r"images must be the file of every row.*row 2"):
        draw_cases(explainer, cases, sample_files[:2])
    with pytest.raises(ImageError, match=r"gone\.png"):
        draw_cases(explainer, cases, [*sample_files[:2], "gone.png"])
    with pytest.raises(LabelError, match=r"lacks Hernia; it has Mass"):
        draw_cases(explainer, select_cases(_report(("Mass", "Hernia")), 2), sample_files)
    read = [Path(one).read_bytes() for one in sample_files]
    same = draw_cases(explainer, cases, read, batch_size=1)
    assert same.plain == drawn.plain
    path = write_cases_html(cases, tmp_path / "cases.html", drawn)
    assert path.read_text().count("<figure>") == 1 + 2 + 2 + 1 + 2 + 2


def test_more_pictures_than_a_page_holds_are_refused(small, sample_files):
    labels = tuple(f"label {i}" for i in range(60))
    truth = np.random.default_rng(0).integers(0, 2, (30, 60))
    scores = np.random.default_rng(1).uniform(size=(30, 60))
    cases = select_cases(auc_report(truth, scores, labels=labels, n_bootstrap=0), 20)
    with pytest.raises(DataError, match=r"pictures to draw, and 1,000 are at the most"):
        draw_cases(Explainer(small("cnn_test1", labels=labels)), cases, sample_files * 5)


def test_labels_that_differ_in_strange_letters_have_a_picture_each(small, sample_files, tmp_path):
    labels = ("\u00d6dem", "\u00c4dem", "Mass")
    save_pretrained(small("cnn_test1", labels=labels), tmp_path / "model")
    done = run("explain", *sample_files[:2], "-m", tmp_path / "model", "--label", "all",
               "--output", tmp_path / "maps")  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads((tmp_path / "maps/heatmaps.json").read_text())["pictures"]
    named = [one["picture"] for row in told for one in row["labels"].values()]
    drawn = {path.name for path in (tmp_path / "maps").glob("0*.png")}
    assert len(named) == len(drawn) == 6
    assert {*named} == drawn
    with Image.open(tmp_path / "maps/sheet.png") as sheet:
        assert sheet.width == 1600
        assert sheet.height > 3 * 400  # three rows of two


SECRETS = {
    "PatientName": "Doebler^Janine",
    "PatientID": "PAT-47110815",
    "PatientBirthDate": "19610203",
    "AccessionNumber": "ACC-9988776",
    "InstitutionName": "St. Elsewhere",
    "ReferringPhysicianName": "Quincy^Medici",
    "StudyDescription": "Sturz vom Pferd",
    "PatientComments": "wants no visitors",
}
PRIVATE = "Vendor's own word about her"


def _write_dicom(path, grey, i):
    pydicom = pytest.importorskip("pydicom")
    meta = pydicom.dataset.FileMetaDataset()
    meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = pydicom.uid.DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = f"1.2.826.0.1.4711.{i}"
    file = pydicom.dataset.FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
    file.SOPClassUID, file.SOPInstanceUID = meta.MediaStorageSOPClassUID, f"1.2.826.0.1.4711.{i}"
    for name, value in SECRETS.items():
        setattr(file, name, value)
    file.private_block(0x0041, "ACME 1.0", create=True).add_new(0x01, "LO", PRIVATE)
    file.Modality = "DX"
    file.Rows, file.Columns = grey.shape
    file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
    file.BitsAllocated, file.BitsStored, file.HighBit, file.PixelRepresentation = 16, 12, 11, 0
    file.WindowCenter, file.WindowWidth = 2048, 4096
    file.PixelData = (grey.astype("<u2") * 16).tobytes()
    file.save_as(path, enforce_file_format=True)


def _contents(name, data):
    """Give bytes as they are, and what is packed in them, as in an npz and a page."""
    yield name, data
    if name.endswith(".npz"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for one in archive.namelist():
                yield f"{name}/{one}", archive.read(one)
    place = 8
    while name.startswith("maps/") and name.endswith(".png") and place < len(data):
        assert data[place + 4 : place + 8] in (b"IHDR", b"IDAT", b"IEND"), name  # no text, no EXIF
        place += 12 + int.from_bytes(data[place : place + 4], "big")
    for i, coded in enumerate(re.findall(rb"base64,([\w+/=]+)", data)):
        yield f"{name} picture {i}", base64.b64decode(coded)


def test_no_word_of_a_dicom_header_gets_out(tmp_path):
    """Of everything that explain and the page of cases write and print."""
    files, output = tmp_path / "files", tmp_path / "out"
    files.mkdir()
    sample = cxrzoo.load_sample()
    rows = []
    for i in range(6):
        _write_dicom(files / f"{i}.dcm", np.asarray(Image.open(sample.images[i]).convert("L")), i)
        patient = SECRETS["PatientID"] + (f"-{i}" if i % 2 else "")
        rows.append([f"{i}.dcm", patient, i % 2, i // 2 % 2])
    with (files / "table.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["image", "patient", "Effusion", "Mass"], *rows])
    printed = []
    for words in (
        ("explain", files / "0.dcm", files / "1.dcm", "--label", "Effusion", "--label", "Mass",
         "--output", output / "maps", "--arrays"),
        ("evaluate", "--model", "nih-mini", "--csv", files / "table.csv", "--labels", "Effusion,Mass",
         "--patient-column", "patient", "--part", "all", "--bootstrap", 2, "--cases", 3,
         "--case-images", "--output", output / "report", "--json"),
    ):  # fmt: skip
        done = run(*words)
        assert done.exit_code == 0, done.output
        printed.append((words[0], done.output.encode()))
    written = [
        content
        for path in sorted(output.rglob("*"))
        if path.is_file()
        for content in _contents(str(path.relative_to(output)), path.read_bytes())
    ]
    names = {name for name, _ in written}
    assert {"maps/heatmaps.npz", "maps/heatmaps.npz/values.npy", "maps/sheet.png", "maps/heatmaps.json",
            "report/cases.html", "report/cases.html picture 0"} <= names  # fmt: skip
    parts = {
        piece for value in (*SECRETS.values(), PRIVATE, "ACME 1.0") for piece in value.split("^")
    }
    parts |= {"1.2.826.0.1.4711", "02.03.1961", "1961-02-03"}
    for name, content in (*printed, *written):
        for part in parts:
            for coding in ("utf-8", "utf-16-le", "utf-32-le"):  # npz holds text as the last
                assert part.encode(coding) not in content, f"{name} has {part}"
