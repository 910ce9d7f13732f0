import os

import pytest

from cxrzoo.errors import DataNotFoundError
from cxrzoo.inference import expand_paths


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A tree of files; what is in them is not looked at."""
    for name in (
        "b.png",
        "a.PNG",
        "scan.jpeg",
        "notes.txt",
        "raw.dat",
        "p/2.png",
        "p/1.jpg",
        "q/readme.md",
    ):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return "tree"


def test_a_folder_stands_for_the_images_below_it_sorted(folder):
    names = ["a.PNG", "b.png", "p/1.jpg", "p/2.png", "scan.jpeg"]
    assert expand_paths([folder]) == [os.path.join(folder, *name.split("/")) for name in names]  # noqa: PTH118 - the text is compared


def test_a_file_is_taken_whatever_its_ending(folder):
    assert expand_paths(["tree/raw.dat"]) == ["tree/raw.dat"]


def test_paths_keep_the_order_they_were_given_in(folder):
    assert expand_paths(["tree/scan.jpeg", "tree/p", "tree/b.png"]) == [
        "tree/scan.jpeg",
        "tree/p/1.jpg",
        "tree/p/2.png",
        "tree/b.png",
    ]


def test_patterns_match_files_and_folders_sorted(folder):
    assert expand_paths(["tree/*.png"]) == ["tree/b.png"]
    assert expand_paths(["tree/**/*.png"]) == ["tree/b.png", "tree/p/2.png"]
    assert expand_paths(["tree/[pq]"]) == ["tree/p/1.jpg", "tree/p/2.png"]


@pytest.mark.parametrize(
    "twice",
    [
        ["tree/b.png", "tree/b.png"],
        ["tree/b.png", "tree/*.png"],
        ["tree/b.png", "./tree/b.png", "tree//b.png"],
    ],
)
def test_each_file_is_taken_once_at_its_first_place_and_in_its_first_spelling(folder, twice):
    assert expand_paths(twice) == ["tree/b.png"]


def test_a_path_object_is_a_path(folder, tmp_path):
    assert expand_paths([tmp_path / "tree" / "b.png"]) == [str(tmp_path / "tree" / "b.png")]


def test_a_file_whose_name_is_a_pattern_is_itself(tmp_path):
    for name in ("scan[1].png", "scan1.png"):
        (tmp_path / name).touch()
    path = str(tmp_path / "scan[1].png")
    assert expand_paths([path]) == [path]


@pytest.mark.parametrize("given", ["absent.png", "absent/", "tree/*.tif", "", "tree/b.png/c.png"])
def test_what_names_nothing_is_an_error_that_names_it(folder, given):
    with pytest.raises(DataNotFoundError, match="is no file, no folder and no pattern"):
        expand_paths(["tree/b.png", given])


def test_a_folder_without_images_is_an_error_that_says_what_was_expected(folder):
    with pytest.raises(DataNotFoundError, match=r"tree/q holds no image.*\.png"):
        expand_paths(["tree/q"])
