"""Public sets with labels of their own, each written in the layout it is published in."""

from itertools import pairwise

import numpy as np
import pytest
from published_layout import CHEXPERT_HEADER, image, table

import cxrzoo
from cxrzoo.data import (
    MIMICCXRJPG,
    VOCABULARY,
    CheXpert,
    PadChest,
    VinDrCXR,
    concat,
)
from cxrzoo.data.sets.chexpert import NAMES, labeler_cells
from cxrzoo.data.sets.layout import cells_as_targets
from cxrzoo.errors import DataError, DataNotFoundError, MissingImagesWarning, TableError
from cxrzoo.labels import NIH_LABELS


def row_of(records, name):
    return {
        label: None if np.isnan(value) else int(value)
        for label, value in zip(
            records.labels, records.targets[list(records.file_names).index(name)], strict=True
        )
    }


@pytest.fixture
def chexpert(tmp_path):
    root = tmp_path / "CheXpert-v1.0-small"
    table(
        root / "train.csv",
        CHEXPERT_HEADER,
        ["CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg", "Female", 68, "Frontal",
         "AP", "1.0", *[""] * 12, "1.0"],
        ["CheXpert-v1.0-small/train/patient00002/study2/view1_frontal.jpg", "Male", 87, "Frontal",
         "PA", "", "", "-1.0", "1.0", "", "-1.0", "-1.0", "", "-1.0", "", "-1.0", "", "0.0", ""],
        ["CheXpert-v1.0-small/train/patient00002/study2/view2_lateral.jpg", "Male", 87, "Lateral",
         "", "", "", "-1.0", "1.0", "", "-1.0", "-1.0", "", "-1.0", "", "-1.0", "", "0.0", ""],
    )  # fmt: skip
    table(
        root / "valid.csv",
        CHEXPERT_HEADER,
        ["CheXpert-v1.0-small/valid/patient64541/study1/view1_frontal.jpg", "Male", 73, "Frontal",
         "AP", "0.0", "1.0", *["0.0"] * 11, "1.0"][:19],
    )  # fmt: skip
    for name in (
        "train/patient00001/study1/view1_frontal",
        "train/patient00002/study2/view1_frontal",
        "train/patient00002/study2/view2_lateral",
        "valid/patient64541/study1/view1_frontal",
    ):
        image(root / f"{name}.jpg")
    return root


def test_chexpert_keeps_what_a_report_does_not_speak_of_unknown(chexpert):
    records = CheXpert(chexpert)
    assert len(records) == 4
    assert list(records.patients) == [
        "patient00001",
        "patient00002",
        "patient00002",
        "patient64541",
    ]
    assert list(records.metadata["view"]) == ["AP", "PA", "LATERAL", "AP"]
    assert list(records.metadata["part"]) == ["train"] * 3 + ["valid"]
    assert list(records.metadata["sex"]) == ["F", "M", "M", "M"]
    assert records.metadata["study"][1] == "patient00002/study2"
    known = dict(zip(records.labels, records.targets[0], strict=True))
    assert known["No Finding"] == 1
    assert known["Support Devices"] == 1
    assert np.isnan(known["Effusion"])
    valid = dict(zip(records.labels, records.targets[3], strict=True))
    assert valid["Enlarged Cardiomediastinum"] == 1
    assert valid["Effusion"] == 0


@pytest.mark.parametrize(("uncertain", "value"), [("unknown", np.nan), ("zeros", 0), ("ones", 1)])
def test_chexperts_uncertain_becomes_what_was_asked_for(chexpert, uncertain, value):
    records = CheXpert(chexpert, uncertain=uncertain)
    column = records.labels.index("Effusion")
    np.testing.assert_equal(records.targets[1, column], np.float32(value))
    assert records.targets[1, records.labels.index("Lung Opacity")] == 1
    assert records.targets[1, records.labels.index("Fracture")] == 0
    with pytest.raises(DataError, match="uncertain must be one of"):
        CheXpert(chexpert, uncertain="maybe")


@pytest.mark.parametrize(("old", "new"), [("zero", "zeros"), ("one", "ones")])
def test_the_old_words_for_uncertain_answer_with_the_new_ones(chexpert, old, new):
    with pytest.warns(DeprecationWarning, match=f"is now '{new}'") as caught:
        records = CheXpert(chexpert, uncertain=old)
    assert caught[0].filename == __file__
    np.testing.assert_array_equal(records.targets, CheXpert(chexpert, uncertain=new).targets)


def test_rows_without_an_image_are_an_error_or_said_in_one_line_in_every_reader(chexpert):
    (chexpert / "train/patient00001/study1/view1_frontal.jpg").unlink()
    with pytest.raises(DataNotFoundError, match="1 of 3 rows"):
        CheXpert(chexpert)
    with pytest.warns(MissingImagesWarning, match="1 of 3 rows") as caught:
        assert len(CheXpert(chexpert, missing="drop")) == 3
    assert caught[0].filename == __file__


MIMIC_LABELS = (
    "Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Enlarged Cardiomediastinum",
    "Fracture", "Lung Lesion", "Lung Opacity", "No Finding", "Pleural Effusion", "Pleural Other",
    "Pneumonia", "Pneumothorax", "Support Devices",
)  # fmt: skip


def test_mimic_gives_each_image_its_studys_labels(tmp_path):
    version = "mimic-cxr-2.0.0"
    cells = ["1.0", "", "-1.0", "0.0", *[""] * 10]
    table(
        tmp_path / f"{version}-chexpert.csv.gz",
        ("subject_id", "study_id", *MIMIC_LABELS),
        ["10000032", "50414267", *cells],
    )
    table(
        tmp_path / f"{version}-metadata.csv.gz",
        ("dicom_id", "subject_id", "study_id", "PerformedProcedureStepDescription", "ViewPosition",
         "Rows", "Columns", "StudyDate", "StudyTime"),
        ["02aa804e-bde0afdd", "10000032", "50414267", "CHEST (PA AND LAT)", "PA", 3056, 2544,
         21800506, "213014.531"],
        ["174413ec-4ec4c1f7", "10000032", "50414267", "CHEST (PA AND LAT)", "LATERAL", 3056, 2544,
         21800506, "213014.531"],
        ["2a2277a9-b0ded155", "10000764", "57375967", "", "AP", 2539, 3050, 21321015, "91935.4"],
    )  # fmt: skip
    table(
        tmp_path / f"{version}-split.csv.gz",
        ("dicom_id", "study_id", "subject_id", "split"),
        ["02aa804e-bde0afdd", "50414267", "10000032", "train"],
        ["174413ec-4ec4c1f7", "50414267", "10000032", "train"],
        ["2a2277a9-b0ded155", "57375967", "10000764", "test"],
    )
    files = tmp_path / "files"
    image(files / "p10/p10000032/s50414267/02aa804e-bde0afdd.jpg")
    image(files / "p10/p10000032/s50414267/174413ec-4ec4c1f7.jpg")
    image(files / "p10/p10000764/s57375967/2a2277a9-b0ded155.jpg")
    records = MIMICCXRJPG(tmp_path)
    assert list(records.patients) == ["10000032", "10000032", "10000764"]
    assert list(records.metadata["view"]) == ["PA", "LATERAL", "AP"]
    assert list(records.metadata["part"]) == ["train", "train", "test"]
    for name in ("02aa804e-bde0afdd.jpg", "174413ec-4ec4c1f7.jpg"):
        row = row_of(records, name)
        assert (row["Atelectasis"], row["Consolidation"], row["Edema"]) == (1, None, 0)
    assert set(row_of(records, "2a2277a9-b0ded155.jpg").values()) == {None}  # not labelled
    ones = MIMICCXRJPG(tmp_path, uncertain="ones")
    assert row_of(ones, "02aa804e-bde0afdd.jpg")["Consolidation"] == 1
    with pytest.raises(DataNotFoundError, match="negbio"):
        MIMICCXRJPG(tmp_path, labeler="negbio")


PADCHEST_HEADER = (
    "", "ImageID", "ImageDir", "StudyDate_DICOM", "StudyID", "PatientID", "PatientBirth",
    "PatientSex_DICOM", "ViewPosition_DICOM", "Projection", "MethodProjection", "Pediatric",
    "Modality_DICOM", "Manufacturer_DICOM", "PhotometricInterpretation_DICOM",
    "PixelRepresentation_DICOM", "PixelAspectRatio_DICOM", "SpatialResolution_DICOM",
    "BitsStored_DICOM", "WindowCenter_DICOM", "WindowWidth_DICOM", "Rows_DICOM", "Columns_DICOM",
    "XRayTubeCurrent_DICOM", "Exposure_DICOM", "ExposureInuAs_DICOM", "ExposureTime",
    "RelativeXRayExposure_DICOM", "ReportID", "Report", "MethodLabel", "Labels", "Localizations",
    "LabelsLocalizationsBySentence", "labelCUIS", "LocalizationsCUIS",
)  # fmt: skip


def padchest(root, *rows):
    lines = []
    for number, (name, patient, labels) in enumerate(rows):
        cells = dict.fromkeys(PADCHEST_HEADER, "")
        cells |= {
            "": number, "ImageID": name, "ImageDir": number % 2, "StudyID": f"s{patient}",
            "PatientID": patient, "PatientBirth": "1930.0", "PatientSex_DICOM": "F",
            "Projection": "PA", "MethodLabel": "Physician", "Labels": labels,
        }  # fmt: skip
        lines.append(list(cells.values()))
        image(root / str(number % 2) / name, number)
    table(root / "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv", PADCHEST_HEADER, *lines)


def test_padchests_lists_become_labels_and_what_says_nothing_stays_unknown(tmp_path):
    padchest(
        tmp_path,
        ("a.png", "1", "['normal']"),
        ("b.png", "2", "['laminar atelectasis', ' pleural effusion ', 'kyphosis', '']"),
        ("c.png", "2", "['hydropneumothorax', nan]"),
        ("d.png", "3", "['unchanged']"),
        ("e.png", "4", "['exclude', 'cardiomegaly']"),
        ("f.png", "5", ""),
    )
    records = PadChest(tmp_path)
    present = {
        name: {k for k, v in row_of(records, f"{name}.png").items() if v == 1} for name in "abcdef"
    }
    assert present == {
        "a": {"No Finding"}, "b": {"Atelectasis", "Effusion"}, "c": {"Effusion", "Pneumothorax"},
        "d": set(), "e": set(), "f": set(),
    }  # fmt: skip
    for name in "def":
        assert set(row_of(records, f"{name}.png").values()) == {None}
    assert row_of(records, "a.png")["Mass"] == 0
    assert list(records.patients) == ["1", "2", "2", "3", "4", "5"]
    assert records.metadata["birth_year"][0] == 1930
    padchest(tmp_path, ("a.png", "1", "__import__('os').getcwd()"))
    with pytest.raises(TableError, match="row 1: expected a list"):
        PadChest(tmp_path)


VINDR = (
    "Aortic enlargement", "Atelectasis", "Calcification", "Cardiomegaly", "Clavicle fracture",
    "Consolidation", "Edema", "Emphysema", "Enlarged PA", "ILD", "Infiltration", "Lung Opacity",
    "Lung cavity", "Lung cyst", "Mediastinal shift", "Nodule/Mass", "Pleural effusion",
    "Pleural thickening", "Pneumothorax", "Pulmonary fibrosis", "Rib fracture", "Other lesion",
    "COPD", "Lung tumor", "Pneumonia", "Tuberculosis", "Other diseases", "No finding",
)  # fmt: skip


def vindr_row(*present):
    return [int(name in present) for name in VINDR]


def test_vindr_takes_what_most_of_the_three_readers_say(tmp_path):
    one, two, three = "000434271f63a053", "00053190460d56c5", "f0000"
    table(
        tmp_path / "annotations/image_labels_train.csv",
        ("image_id", "rad_id", *VINDR),
        [one, "R1", *vindr_row("Pleural effusion", "Rib fracture", "Other lesion")],
        [one, "R2", *vindr_row("Pleural effusion", "Rib fracture", "Nodule/Mass")],
        [one, "R3", *vindr_row("No finding")],
        [two, "R8", *vindr_row("No finding")],
        [two, "R9", *vindr_row("No finding")],
        [two, "R10", *vindr_row("No finding")],
    )
    test_names = [name.replace("Other diseases", "Other disease") for name in VINDR]
    table(
        tmp_path / "annotations/image_labels_test.csv",
        ("image_id", *test_names),
        [three, *vindr_row("Tuberculosis")],
    )
    for name in (one, two):
        image(tmp_path / "train" / f"{name}.dicom")  # its name matters here; its content elsewhere
    image(tmp_path / "test" / f"{three}.dicom")
    records = VinDrCXR(tmp_path)
    assert records.patients is None
    assert list(records.metadata["part"]) == ["train", "train", "test"]
    seen = [
        {k for k, v in row_of(records, f"{name}.dicom").items() if v} for name in (one, two, three)
    ]
    assert seen == [{"Effusion", "Fracture"}, {"No Finding"}, {"Tuberculosis"}]
    assert not np.isnan(records.targets).any()


def test_sets_with_different_labels_come_together_with_the_union(chexpert):
    both = concat(CheXpert(chexpert), cxrzoo.load_sample())
    assert set(both.labels) == set(NAMES.values()) | set(NIH_LABELS)
    assert np.isnan(both.targets[4:, both.labels.index("Fracture")]).all()
    assert np.isnan(both.targets[:4, both.labels.index("Hernia")]).all()


def test_labels_come_in_the_vocabularys_order(chexpert):
    places = [VOCABULARY.index(label) for label in CheXpert(chexpert).labels]
    assert all(a < b for a, b in pairwise(places))


def test_cells_are_numbers_however_a_spreadsheet_saved_them():
    cells = ["1", "1.00", "1e0", "0", "0.00", "", "-1.00"]
    found = cells_as_targets("t.csv", "Mass", cells, labeler_cells("zeros"))
    np.testing.assert_array_equal(found, [1, 1, 1, 0, 0, np.nan, 0])
    for cell in ("2", "nan", "-1.00", "yes"):
        with pytest.raises(TableError, match=f"row 2: expected .*got '{cell}'"):
            cells_as_targets("t.csv", "Mass", ["1.00", cell])
