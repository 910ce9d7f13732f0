"""Names of a table that are not quite those of the files: found where one file can be meant, or named."""

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_nih_reader import ROWS, write_csv

from cxrzoo.data import NIHChestXray14, records_from_csv
from cxrzoo.data.image_names import near_names
from cxrzoo.errors import DataNotFoundError, MissingImagesWarning, TableError

E, NFD = unicodedata.normalize("NFC", "é"), unicodedata.normalize("NFD", "é")

FOUND = {
    # what the table says, all that is there, and what is meant
    "x.png": ("x.png", "X.png", "x.jpg"),
    f"{E}.png": (f"{NFD}.png",),
    f"{NFD}.png": (f"{E}.png",),
    f"{E.upper()}.PNG": (f"{NFD}.jpg",),
    "Straße.png": ("STRASSE.png",),
    "y.png": ("y.PNG",),
    "Y.PNG": ("y.png", "z.png"),
    "z.png": ("z.jpg", "zz.png"),
    "z.jpg": ("z.dcm",),
    "z.jpeg": ("z.JPG",),
    "z.tif": ("z.png",),
    "z.DICOM": ("z.dcm",),
    "noending": ("noending.dicom",),
    "im.dcm": ("im",),
    "study.1": ("study.1.png",),
    r"images\x.png": ("images/x.png",),
    r".\images\x.png": ("images/x.png",),
    "./x.png": ("x.png",),
    "./images/./x.png": ("images/x.png",),
    "images//x.png": ("images/x.png",),
    r"Images\P1\X.png": ("images/p1/x.jpg",),
    f"p{E}/x.png": (f"p{NFD}/x.png", "x.png"),
    "case.png": ("case.PNG", "case.jpg"),
    " x.png ": ("x.png",),
}


def make(folder, *files):
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()


def table(folder, *names):
    path = folder / "mine.csv"
    path.write_text("image,Mass\n" + "".join(f"{name},1\n" for name in names), encoding="utf-8")
    return path


def read(folder, *names, **options):
    records = records_from_csv(
        table(folder.parent, *names), images=folder, labels=["Mass"], **options
    )
    return [os.path.relpath(path, folder) for path in records.images]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


@pytest.mark.parametrize(("name", "there"), FOUND.items())
def test_a_near_form_is_found_where_one_file_can_be_meant(folder, name, there):
    make(folder, *there)
    assert read(folder, name) == [there[0]]
    many = [f"other{i}.png" for i in range(20)]  # the folder is listed, no file asked for
    make(folder, *many)
    assert read(folder, *many, name) == [*many, there[0]]


@pytest.mark.parametrize(
    ("names", "there", "nearest"),
    [
        (["z.png"], ["z.jpg", "z.dcm"], r"'z\.png' \(nearest: 'z\.dcm', 'z\.jpg'\)"),
        (["Y.png"], ["y.png", "y.PNG"], r"'Y\.png' \(nearest: 'y\.PNG', 'y\.png'\)"),
        (["x.png", "x.jpg"], ["x.jpg"], r"1 of 2 .*'x\.png' \(nearest: 'x\.jpg'\)"),
        (["X.png", "x.PNG"], ["x.png"], r"'X\.png' \(nearest: 'x\.png'\)"),
        (["images/x.png", r"images\x.png"], ["images/x.png"], r"1 of 2 .*nearest: 'images/x\.png'"),
        (["x.png"], ["images_001/x.png"], r"nearest: 'images_001/x\.png'"),
        (["images/x.png"], ["x.png"], r"nearest: 'x\.png'"),
        ([r"C:\films\x.png"], ["sub/x.jpg"], r"nearest: 'sub/x\.jpg'"),
        (["scan0001.png"], ["scan_0001.png", "other.png"], r"nearest: 'scan_0001\.png'"),
        (["x.png"], ["x.txt", "q.png"], r"'x\.png'"),
        (["p1/x.png"], ["P1/x.png", "p1_/x.png", "p2/y.png"][1:], r"nearest: 'p1_/x\.png'"),
        (["x.png"], ["x.png/y.png"], r"'x\.png'"),
    ],
)
def test_what_could_be_several_files_or_is_none_is_named_with_the_nearest(
    folder, names, there, nearest
):
    make(folder, *there)
    with pytest.raises(DataNotFoundError, match=nearest) as caught:
        read(folder, *names)
    assert "\n" not in str(caught.value)


def test_one_file_under_two_names_is_refused(folder):
    make(folder, "x.png", "images/y.png")
    for names in (["x.png", "./x.png"], ["images/y.png", "images//y.png"]):
        with pytest.raises(TableError, match=r"names one image twice, as '.*' and as '.*'"):
            read(folder, *names)


def test_rows_without_an_image_are_dropped_and_near_forms_kept(folder):
    make(folder, "a.jpg", "b.png")
    with pytest.warns(MissingImagesWarning, match=r"1 of 3 .*'gone\.png'"):
        assert read(folder, "a.png", "gone.png", "B.png", missing="drop") == ["a.jpg", "b.png"]


def test_data_sets_find_near_forms_at_any_depth(tmp_path):
    names = [row[0] for row in ROWS]
    write_csv(tmp_path / "Data_Entry_2017_v2020.csv")
    there = [f"images_001/images/{names[0].upper()}", f"deep/{names[1].replace('.png', '.jpg')}"]
    there += [f"images_002/{name}" for name in names[2:]]
    make(tmp_path, *there, f"other/{names[2].upper()}")
    records = NIHChestXray14(tmp_path)
    assert [os.path.relpath(path, tmp_path) for path in records.images] == there
    make(tmp_path, f"other/{names[1].replace('.png', '.dcm')}")
    with pytest.raises(
        DataNotFoundError, match=r"1 of .* \(nearest: 'deep/.*jpg', 'other/.*dcm'\)"
    ):
        NIHChestXray14(tmp_path)


names = st.lists(
    st.sampled_from(["a", "A", E, NFD, E.upper(), "ß", "SS", "."]), min_size=1, max_size=3
)
endings = st.sampled_from(["", ".png", ".PNG", ".jpg", ".txt"])
files = st.tuples(names.map("".join), endings).map("".join)


@given(st.sets(files, max_size=6), st.sets(files, max_size=6))
def test_near_names_pair_one_with_one_and_do_not_depend_on_order(asked, there):
    absent = sorted(asked - there)
    pairs = near_names(absent, sorted(there))
    assert pairs == near_names(absent[::-1], sorted(there, reverse=True))
    assert set(pairs) <= set(absent)
    assert set(pairs.values()) <= there
    assert len(set(pairs.values())) == len(pairs)
    for name in absent:
        alone = near_names([name], [name])
        assert alone == {name: name}
