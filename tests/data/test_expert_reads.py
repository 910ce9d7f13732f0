"""The set that five radiologists read, in the layout of its two files."""

import csv
import gzip

import expert_tables
import numpy as np
import pytest
from published_layout import image

from cxrzoo.data import ExpertReads, NIHExperts, open_set, read_expert_reads
from cxrzoo.errors import DataError, DataNotFoundError, MissingImagesWarning, TableError
from cxrzoo.labels import NIH_FINDINGS

# The file has Abnormal first and Other last; records have NIH's fourteen first.
ORDER = [*range(1, 15), 0, 15]


@pytest.fixture(scope="module")
def drawn():
    return expert_tables.draw(n=20, seed=3)


@pytest.fixture
def folder(tmp_path, drawn):
    return expert_tables.write(tmp_path, drawn)


@pytest.mark.parametrize("gz", [True, False])
def test_every_reader_and_the_majority_are_read_as_they_stand_in_the_files(tmp_path, drawn, gz):
    names, patients, reads, majority, _ = drawn
    found = read_expert_reads(expert_tables.write(tmp_path, drawn, gz=gz))
    assert found.images == tuple(names)
    assert found.patients == tuple(patients)
    assert found.labels == (*NIH_FINDINGS, "Abnormal", "Other")
    assert found.readers == expert_tables.READERS
    assert found.panel == expert_tables.PANEL
    np.testing.assert_array_equal(found.reads, reads[:, :, ORDER])
    np.testing.assert_array_equal(found.majority, majority[:, ORDER])


@pytest.mark.parametrize("whose", ["majority", *expert_tables.READERS])
def test_records_of_the_majority_and_of_one_reader_have_their_labels_and_images(
    folder, drawn, whose
):
    names, patients, reads, majority, _ = drawn
    for name in names:
        image(folder / "images_001" / "images" / name)
    found = open_set("nih-experts", folder, reads=whose)
    expected = (majority if whose == "majority" else reads[:, expert_tables.READERS.index(whose)])[
        :, ORDER
    ]
    rows = [list(found.file_names).index(name) for name in names]
    np.testing.assert_array_equal(found.targets[rows], expected)
    assert [found.patients[row] for row in rows] == patients
    assert (whose in found.name) != (whose == "majority")


def test_images_that_are_not_there_are_told_or_left_out(folder, drawn):
    with pytest.raises(DataNotFoundError, match="none of the 20 images"):
        NIHExperts(folder)
    image(folder / drawn[0][4])
    with pytest.warns(MissingImagesWarning, match="19 of 20"):
        assert list(NIHExperts(folder, missing="drop").file_names) == [drawn[0][4]]


def test_reads_of_some_images_keep_their_order(folder, drawn):
    found = read_expert_reads(folder)
    some = found.take([5, 2, 2][:2])
    assert some.images == (drawn[0][5], drawn[0][2])
    np.testing.assert_array_equal(some.reads, found.reads[[5, 2]])
    np.testing.assert_array_equal(some.majority, found.majority[[5, 2]])
    for rows in ([-1], [20], [0.5], [[0]]):
        with pytest.raises(DataError, match="rows must be"):
            found.take(rows)


def _spoil(folder, table, change):
    path = folder / f"google2021_all_findings_test_{table}.csv.gz"
    with gzip.open(path, "rt", newline="") as stream:
        rows = list(csv.reader(stream))
    change(rows)
    with gzip.open(path, "wt", newline="") as stream:
        csv.writer(stream).writerows(rows)


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("labels", lambda rows: rows.append(rows[1]), "repeat an image"),
        ("labels", lambda rows: rows[2].__setitem__(4, "MAYBE"), "Cardiomegaly.*'MAYBE'"),
        ("labels", lambda rows: rows[0].__setitem__(16, "Hernias"), "no column 'Hernia'"),
        ("individual_readers", lambda rows: rows.append(rows[1]), "two rows of one image"),
        ("individual_readers", lambda rows: rows[1].__setitem__(0, "x.png"), "'x.png' is not in"),
        ("individual_readers", lambda rows: rows[1].__setitem__(3, "2"), "Abnormal"),
    ],
)
def test_tables_that_make_no_sense_are_refused(folder, table, change, words):
    _spoil(folder, table, change)
    with pytest.raises(TableError, match=words):
        read_expert_reads(folder)


def test_what_a_reader_did_not_read_is_unknown(folder, drawn):
    _spoil(folder, "individual_readers", lambda rows: rows.pop(1))
    found = read_expert_reads(folder)
    assert np.isnan(found.reads).all(-1).sum() == 1
    assert np.isnan(found.reads).sum() == 16
    reader = int(np.argwhere(np.isnan(found.reads).all(-1))[0, 1])
    with pytest.raises(DataNotFoundError, match="none of the 19 images"):
        NIHExperts(folder, reads=expert_tables.READERS[reader])


def test_a_reader_whom_the_table_lacks_is_told(folder):
    _spoil(
        folder,
        "individual_readers",
        lambda rows: rows.__setitem__(
            slice(1, None), [r for r in rows[1:] if r[2] != "4343880271"]
        ),
    )
    with pytest.raises(TableError, match="no row of the reader 4343880271"):
        NIHExperts(folder, reads="4343880271")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reads": np.zeros((2, 1, 1))}, r"reads must be \(images, readers, labels\)"),
        ({"majority": np.full((2, 1), 2)}, "majority must be 1, 0 or NaN"),
        ({"patients": ("1",)}, "patients must be 2"),
        ({"images": ("a.png", "a.png")}, "images must differ"),
        ({"panel": ("z",)}, "'z' is none"),
    ],
)
def test_reads_that_do_not_fit_are_refused(change, words):
    good = {
        "images": ("a.png", "b.png"), "patients": ("1", "2"), "labels": ("Mass",),
        "readers": ("x", "y"), "reads": np.zeros((2, 2, 1)), "majority": np.zeros((2, 1)),
    }  # fmt: skip
    ExpertReads(**good)
    with pytest.raises(DataError, match=words):
        ExpertReads(**{**good, **change})
