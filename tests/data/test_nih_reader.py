import csv
import gzip
import shutil
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from cxrzoo.data import NIHChestXray14, load_sample, read_nih_entries
from cxrzoo.errors import DataError, DataNotFoundError, MissingImagesWarning, TableError
from cxrzoo.labels import NIH_LABELS

SAMPLE = Path(str(files("cxrzoo.data") / "sample"))
ENTRIES = SAMPLE / "Data_Entry_2017_sample.csv"
HEADER, *ROWS = csv.reader(ENTRIES.read_text().splitlines())


def write_csv(path, rows=ROWS, header=HEADER):
    text = "\n".join(",".join(row) for row in [header, *rows]) + "\n"
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


@pytest.fixture
def download(tmp_path):
    """Six images as NIH's archives unpack: images_001/images/... to images_012/images/..."""
    write_csv(tmp_path / "Data_Entry_2017_v2020.csv", ROWS[:6])
    for i, row in enumerate(ROWS[:6]):
        folder = tmp_path / f"images_{2 * i + 1:03}" / "images"
        folder.mkdir(parents=True)
        shutil.copy(SAMPLE / "images" / row[0], folder)
    return tmp_path


def test_every_row_of_the_sample_says_what_nihs_csv_says():
    sample = load_sample()
    assert list(sample.file_names) == [row[0] for row in ROWS]
    assert sample.labels == NIH_LABELS
    for i, row in enumerate(ROWS):
        present = {NIH_LABELS[j] for j in np.flatnonzero(sample.targets[i])}
        assert present == set(row[1].split("|"))
        assert sample.metadata["follow_up"][i] == int(row[2])
        assert sample.patients[i] == row[3]
        assert sample.metadata["age"][i] == int(row[4])
        assert sample.metadata["sex"][i] == row[5]
        assert sample.metadata["view"][i] == row[6]
    assert not np.isnan(sample.targets).any()


def test_the_download_is_read_as_it_unpacks(download):
    records = NIHChestXray14(download)
    assert list(records.file_names) == [row[0] for row in ROWS[:6]]
    assert all(Path(path).is_file() for path in records.images)
    assert "images_003" in records.images[1]
    assert records.name == "nih-chestxray14"


def test_a_flat_folder_and_a_gzipped_csv_are_read(tmp_path):
    write_csv(tmp_path / "Data_Entry_2017.csv.gz", ROWS[:2])
    for row in ROWS[:2]:
        shutil.copy(SAMPLE / "images" / row[0], tmp_path)
    assert len(NIHChestXray14(str(tmp_path))) == 2


def test_links_to_folders_are_followed_and_circles_are_not(tmp_path):
    write_csv(tmp_path / "Data_Entry_2017.csv", ROWS[:2])
    (tmp_path / "images").symlink_to(SAMPLE / "images")
    (tmp_path / "round").symlink_to(tmp_path)
    assert len(NIHChestXray14(tmp_path)) == 2


def test_the_first_editions_ages_and_column_names_are_read(tmp_path):
    header = [*HEADER, ""]  # its header line ends in a comma, as do its rows
    rows = [[*row, ""] for row in ROWS[:3]]
    for row, age in zip(rows, ("058Y", "013M", "002D"), strict=True):
        row[4] = age
    old = read_nih_entries(write_csv(tmp_path / "Data_Entry_2017.csv", rows, header))
    np.testing.assert_allclose(old.metadata["age"], [58, 13 / 12, 2 / 365.25])
    header = [name.replace("Patient Gender", "Patient Sex") for name in HEADER]
    new = read_nih_entries(write_csv(tmp_path / "Data_Entry_2017_v2020.csv", ROWS[:3], header))
    assert list(new.metadata["sex"]) == list(old.metadata["sex"])


def test_the_corrected_edition_is_taken_before_the_first(download):
    write_csv(download / "Data_Entry_2017.csv", ROWS[6:9])
    assert list(NIHChestXray14(download).file_names) == [row[0] for row in ROWS[:6]]


def test_rows_without_an_image_are_an_error_or_said_in_one_line(download):
    shutil.rmtree(download / "images_001")
    with pytest.raises(DataNotFoundError, match=rf"1 of 6 rows .*{ROWS[0][0]}.*missing='drop'"):
        NIHChestXray14(download)
    with pytest.warns(MissingImagesWarning, match="1 of 6 rows") as caught:
        records = NIHChestXray14(download, missing="drop")
    assert list(records.file_names) == [row[0] for row in ROWS[1:6]]
    assert caught[0].filename == __file__
    assert "\n" not in str(caught[0].message)
    with pytest.raises(DataError, match="missing must be one of error, drop"):
        NIHChestXray14(download, missing="ignore")


def test_the_same_name_in_two_folders_asks_which(download):
    (download / "256").mkdir()
    for row in ROWS[:6]:
        shutil.copy(SAMPLE / "images" / row[0], download / "256")
    with pytest.raises(DataError, match=r"6 file names .*'256'.*images=\.\.\."):
        NIHChestXray14(download)
    for images in ("256", download / "256"):
        assert all("256" in path for path in NIHChestXray14(download, images=images).images)


@pytest.mark.parametrize("missing", ["error", "drop"])
def test_a_folder_with_none_of_the_images_is_an_error(download, missing):
    (download / "other").mkdir()
    (download / "other" / "cat.png").write_bytes(b"")
    with pytest.raises(DataNotFoundError, match="none of the 6 images"):
        NIHChestXray14(download, images="other", missing=missing)


def test_folders_and_csvs_that_are_not_there_are_named(tmp_path):
    with pytest.raises(DataNotFoundError, match="no such folder"):
        NIHChestXray14(tmp_path / "nowhere")
    with pytest.raises(DataNotFoundError, match="no such folder of images"):
        NIHChestXray14(SAMPLE, images="nowhere")
    with pytest.raises(DataNotFoundError, match="no Data_Entry_2017"):
        NIHChestXray14(tmp_path)
    with pytest.raises(DataNotFoundError, match="no such file"):
        read_nih_entries(tmp_path / "Data_Entry_2017.csv")


def broken(column, value):
    row = list(ROWS[1])
    row[HEADER.index(column)] = value
    return [ROWS[0], row]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (broken("Finding Labels", "Infiltrate"), r"'Infiltrate' \(nearest: 'Infiltration'\)"),
        (broken("Finding Labels", ""), "unknown label"),
        (broken("Patient Age", "old"), "'Patient Age': cannot read 'old'"),
        (broken("Follow-up #", "x"), "'Follow-up #': cannot read 'x'"),
        (broken("Patient ID", ""), "has no 'Patient ID'"),
        (broken("Image Index", ROWS[0][0]), "1 of 2 rows repeat"),
        ([ROWS[0], ROWS[1][:3]], "line 3: expected 11 cells"),
        ([], "no rows"),
    ],
)
def test_a_csv_that_makes_no_sense_is_refused_in_one_line(tmp_path, rows, words):
    path = write_csv(tmp_path / "Data_Entry_2017.csv", rows)
    with pytest.raises(TableError, match=words) as caught:
        read_nih_entries(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_csv_without_the_columns_says_which_are_there(tmp_path):
    path = tmp_path / "Data_Entry_2017.csv"
    path.write_text("image index,Finding Labels\na.png,Mass\n")
    with pytest.raises(TableError, match=r"'Image Index' \(nearest: 'image index'\).*it has"):
        read_nih_entries(path)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe\x00a", b"\x00\x01"])
def test_a_file_that_is_no_csv_is_refused(tmp_path, content):
    path = tmp_path / "Data_Entry_2017.csv"
    path.write_bytes(content)
    with pytest.raises(TableError):
        read_nih_entries(path)


def test_a_truncated_gzip_is_refused(tmp_path):
    path = tmp_path / "Data_Entry_2017.csv.gz"
    path.write_bytes(gzip.compress(ENTRIES.read_bytes())[:500])
    with pytest.raises(TableError, match="cannot be read"):
        read_nih_entries(path)
    path.write_bytes(ENTRIES.read_bytes())
    with pytest.raises(TableError, match="cannot be read"):
        read_nih_entries(path)
