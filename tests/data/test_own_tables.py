import gzip

import numpy as np
import pytest

from cxrzoo.data import load_sample, records_from_csv
from cxrzoo.errors import DataNotFoundError, LabelError, MissingImagesWarning, TableError


@pytest.fixture
def folder(tmp_path):
    for name in ("a.png", "b.png", "c.png"):
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def write(folder, *lines, name="mine.csv"):
    path = folder / name
    text = "\n".join(lines) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    return path


def test_the_samples_own_csv_reads_the_same_as_anyones_table():
    sample = load_sample()
    folder = sample.images[0].rpartition("images")[0]
    records = records_from_csv(
        folder + "Data_Entry_2017_sample.csv",
        images=folder + "images",
        image_column="Image Index",
        label_column="Finding Labels",
        patient_column="Patient ID",
    )
    assert records.labels == tuple(sorted(sample.labels))
    np.testing.assert_array_equal(records.relabel(sample.labels).targets, sample.targets)
    assert list(records.images) == list(sample.images)
    assert list(records.patients) == list(sample.patients)


def test_one_column_a_label_where_blank_is_not_known(folder):
    csv = write(folder, "image,Mass,Edema,who", "a.png,1,,p", "b.png,0,1.0,", "c.png,,0,q")
    records = records_from_csv(csv, labels=["Edema", "Mass"], patient_column="who")
    np.testing.assert_array_equal(records.targets, [[np.nan, 1], [1, 0], [0, np.nan]])
    assert list(records.patients) == ["p", None, "q"]
    assert records.images[0] == str(folder / "a.png")
    assert records.name == "mine"


def test_one_column_that_lists_labels(folder):
    csv = write(
        folder, "path,found", "a.png,Mass; Edema", "b.png,No Finding", "c.png,", name="x.csv.gz"
    )
    records = records_from_csv(csv, label_column="found", separator=";")
    assert records.labels == ("Edema", "Mass", "No Finding")
    np.testing.assert_array_equal(records.targets, [[1, 1, 0], [0, 0, 1], [np.nan] * 3])
    assert records.patients is None
    assert records.name == "x"
    more = records_from_csv(
        csv, label_column="found", separator=";", labels=["Mass", "No Finding", "Edema", "Hernia"]
    )
    np.testing.assert_array_equal(more.targets[:2], [[1, 0, 1, 0], [0, 1, 0, 0]])


def test_paths_are_relative_to_the_images_folder_or_absolute(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    csv = write(elsewhere, "image,Mass", "a.png,1", f"{folder / 'b.png'},0")
    records = records_from_csv(csv, images=folder, labels=["Mass"])
    assert list(records.images) == [str(folder / "a.png"), str(folder / "b.png")]


def test_what_a_spreadsheet_saves_is_read(folder):
    csv = folder / "mine.csv"
    csv.write_bytes('\ufeffimage,Mass\r\n"a.png",1\r\n\r\n'.encode())
    assert records_from_csv(csv, labels=["Mass"]).targets[0, 0] == 1


def test_rows_without_an_image_are_an_error_or_said_in_one_line(folder):
    (folder / "folder.png").mkdir()
    csv = write(folder, "image,Mass", "a.png,1", "gone.png,0", "folder.png,0")
    with pytest.raises(DataNotFoundError, match=r"2 of 3 rows .*'gone\.png'.*missing='drop'"):
        records_from_csv(csv, labels=["Mass"])
    with pytest.warns(MissingImagesWarning, match="2 of 3 rows"):
        assert len(records_from_csv(csv, labels=["Mass"], missing="drop")) == 1


@pytest.mark.parametrize(
    ("lines", "arguments", "error", "words"),
    [
        (["image,Mas", "a.png,1"], {"labels": ["Mass"]}, TableError, r"'Mass' \(nearest: 'Mas'\)"),
        (["scan,Mass", "a.png,1"], {"labels": ["Mass"]}, TableError, "image_column="),
        (["image,Mass", "a.png,-1"], {"labels": ["Mass"]}, TableError, "'Mass', row 1 .*'-1'"),
        (
            ["image,Mass", "a.png,1", "b.png,perhaps"],
            {"labels": ["Mass"]},
            TableError,
            r"row 2 \('b\.png'\)",
        ),
        (["image,Mass", "a.png,1_0"], {"labels": ["Mass"]}, TableError, "got '1_0'"),
        (
            ["image,Mass", "a.png,1", "a.png,0"],
            {"labels": ["Mass"]},
            TableError,
            "1 of 2 rows repeat",
        ),
        (["image,Mass"], {"labels": ["Mass"]}, TableError, "no rows"),
        (["image,Mass", "a.png,1"], {}, LabelError, r"labels=\[\.\.\.\]"),
        (["image,Mass", "a.png,1"], {"labels": ["Mass", "Mass"]}, LabelError, "repeated"),
        (
            ["image,Mass,Mass", "a.png,1,0"],
            {"labels": ["Mass"]},
            TableError,
            "more than one column",
        ),
        (
            ["image,found", "a.png,Odema"],
            {"label_column": "found", "labels": ["Edema"]},
            LabelError,
            r"'Odema' \(nearest: 'Edema'\)",
        ),
        (["image,found", "a.png,"], {"label_column": "found"}, TableError, "no label"),
        (
            ["image,Mass", "a.png,1"],
            {"labels": ["Mass"], "patient_column": "who"},
            TableError,
            "'who'",
        ),
    ],
)
def test_a_table_that_makes_no_sense_is_refused_in_one_line(folder, lines, arguments, error, words):
    with pytest.raises(error, match=words) as caught:
        records_from_csv(write(folder, *lines), **arguments)
    assert "mine.csv" in str(caught.value) or error is LabelError
    assert "\n" not in str(caught.value)


def test_tables_and_folders_that_are_not_there_are_named(folder):
    with pytest.raises(DataNotFoundError, match="no such file"):
        records_from_csv(folder / "gone.csv", labels=["Mass"])
    csv = write(folder, "image,Mass", "a.png,1")
    with pytest.raises(DataNotFoundError, match="no such folder of images"):
        records_from_csv(csv, images=folder / "gone", labels=["Mass"])
    (folder / "empty.csv").write_bytes(b"")
    with pytest.raises(TableError, match="is empty"):
        records_from_csv(folder / "empty.csv", labels=["Mass"])
