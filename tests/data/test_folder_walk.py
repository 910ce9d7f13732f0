"""One walk of folders: what systems leave beside images, links, and what cannot be read."""

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrzoo.data import records_from_csv
from cxrzoo.data.folders import is_left_out, walk
from cxrzoo.data.image_files import find_images
from cxrzoo.errors import DataError
from cxrzoo.inference import expand_paths
from cxrzoo.inference.files import folder_failures

LITTER = (
    ".ipynb_checkpoints/x-checkpoint.png", ".DS_Store", "._x.png", "p/._x.png", "__MACOSX/._x.png",
    "__MACOSX/p/x.png", "Thumbs.db", "p/thumbs.db", "@eaDir/x.png/SYNOPHOTO_THUMB_XL.jpg",
    "p/@eaDir/1.jpg", "$RECYCLE.BIN/S-1-5/$R1.png", "System Volume Information/a.png", "x.png~",
    "#x.png#", "~$x.png", ".x.png.swp", ".Trash-1000/files/x.png", "#recycle/x.png",
    "lost+found/x.png", ".git/x.png", "p~/x.png", "__macosx/x.png", ".#x.png", ".hidden.dcm",
)  # fmt: skip
IMAGES = ("a.PNG", "p/1.jpg", "p/2.dcm", "q r/é.jpeg", "x.png")


@pytest.fixture
def tree(tmp_path):
    for name in (*LITTER, *IMAGES, "DICOMDIR", "p/IM0001", "notes.txt"):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "tree"


def below(folder, *given):
    """What `cxrzoo predict` would score, relative to the folder."""
    return [os.path.relpath(path, folder) for path in expand_paths(given or [folder])]


def test_what_systems_and_editors_leave_is_left_out_by_everyone_who_walks(tree, monkeypatch):
    assert below(tree) == sorted(IMAGES)
    names = {os.path.basename(name) for name in (*LITTER, *IMAGES)}  # noqa: PTH119
    named = {name: paths for name, paths in find_images(tree, {*names}).items() if paths}
    for name in IMAGES:
        assert named[os.path.basename(name)] == [str(tree / name)]  # noqa: PTH119
    monkeypatch.chdir(tree)
    for pattern in ("**/*.*", "**/*", "**"):
        found = [Path(path).parts for path in expand_paths([pattern])]
        assert found
        assert not [names for names in found if any(map(is_left_out, names))]
    assert expand_paths(["**/*.png"]) == ["x.png"]
    assert expand_paths(["*/1.jpg"]) == ["p/1.jpg"]


@pytest.mark.parametrize(
    "name", [name for name in LITTER if name.endswith((".png", ".jpg", ".dcm"))]
)
def test_what_is_named_itself_is_taken(tree, name):
    path = tree / name
    assert expand_paths([path]) == [str(path)]
    assert expand_paths([path.parent]).count(str(path)) == (not is_left_out(path.name))
    table = tree / "t.csv"
    table.write_text(f"image,Mass\n{name},1\n")
    assert list(records_from_csv(table, labels=["Mass"]).images) == [str(path)]


def test_linked_folders_are_followed_each_once_and_loops_end(tree, tmp_path):
    outside = tmp_path / "outside"
    (outside / "deep").mkdir(parents=True)
    (outside / "deep" / "o.png").touch()
    (outside / "round").symlink_to(outside)
    (outside / "up").symlink_to(tmp_path)
    for link, target in {
        "0-own": tree, "p/loop": tree / "p", "p/up": "..", "above": tmp_path, "root": "/",
        "a-first": tree / "p", "linked": outside, "second": outside, "p/self": "self",
    }.items():  # fmt: skip
        (tree / link).symlink_to(target)
    expected = sorted([*IMAGES, "linked/deep/o.png"])
    assert below(tree) == expected
    for pattern in ("**/*.png", "**/*.[jp]*g", "**/deep", "**/deep/**/*.png"):
        found = below(tree, f"{tree}/{pattern}")
        assert len(found) == len(set(map(os.path.realpath, expand_paths([f"{tree}/{pattern}"]))))
    assert below(tree, f"{tree}/**/*.png") == ["linked/deep/o.png", "x.png"]
    assert below(tree, f"{tree}/**/deep") == ["linked/deep/o.png"]
    assert below(tree, f"{tree}/[ls]*") == ["linked/deep/o.png"]
    assert find_images(tree, ["o.png", "1.jpg"]) == {
        "o.png": [str(tree / "linked/deep/o.png")],
        "1.jpg": [str(tree / "p/1.jpg")],
    }


def test_a_folder_that_is_a_link_or_whose_name_is_hidden_is_entered_when_it_is_named(tmp_path):
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "x.png").touch()
    (tmp_path / "link").symlink_to(".hidden")
    for name in (".hidden", "link"):
        assert below(tmp_path, tmp_path / name) == [f"{name}/x.png"]
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / ".hidden").symlink_to("../.hidden")
    for pattern in (".h*/*.png", "**/.hidden/*.png"):
        assert below(tmp_path, tmp_path / pattern) == [".hidden/x.png"]


def test_pipes_and_sockets_are_listed_under_their_names_and_never_opened(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "nowhere.png").symlink_to("gone")
    (tmp_path / "self.png").symlink_to("self.png")
    with socket.socket(socket.AF_UNIX) as held:
        monkeypatch.chdir(tmp_path)  # an address has 108 bytes at most
        held.bind("socket.png")
    names = ["nowhere.png", "pipe.png", "self.png", "socket.png"]
    assert below(tmp_path) == names
    assert find_images(tmp_path, names) == {}


@pytest.fixture
def locked(tree, monkeypatch):
    """A folder that cannot be listed, also by root."""
    scandir = os.scandir

    def refusing(path="."):
        if os.path.basename(path) == "locked":  # noqa: PTH119
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    (tree / "p" / "locked").mkdir()
    monkeypatch.setattr(os, "scandir", refusing)
    return tree / "p" / "locked"


def test_a_folder_that_cannot_be_listed_is_named_or_skipped(tree, locked):
    for walking in (
        lambda: expand_paths([tree]),
        lambda: expand_paths([locked]),
        lambda: expand_paths([f"{tree}/**/*.png"]),
        lambda: find_images(tree, ["x.png"]),
    ):
        with pytest.raises(
            DataError, match=r"p/locked cannot be looked into \(Permission denied\)"
        ):
            walking()
    failures = []
    found = expand_paths([tree], on_folder_error=folder_failures(failures))
    assert [os.path.relpath(path, tree) for path in found] == sorted(IMAGES)
    assert [folder for folder, _ in failures] == [str(locked)]
    assert expand_paths([locked], on_folder_error=folder_failures(failures)) == []


names = st.text(st.sampled_from("ab.~#$@é "), min_size=1, max_size=4).filter(
    lambda name: name not in (".", "..")
)


@given(st.sets(st.tuples(names, names), max_size=8))
def test_a_walk_gives_exactly_what_has_no_left_out_name_in_its_path(tmp_path_factory, pairs):
    root = tmp_path_factory.mktemp("walk")
    for folder, file in pairs:
        (root / f"d{folder}d").mkdir(exist_ok=True)
        (root / folder).mkdir(exist_ok=True)
        for parent in (f"d{folder}d", folder):
            (root / parent / f"{file}.").mkdir(exist_ok=True)
            (root / parent / f"{file}." / f"{file}!").touch()
    paths = [entry.path for entry in walk(root)]
    expected = [
        path for path in root.rglob("*") if not any(map(is_left_out, path.relative_to(root).parts))
    ]
    assert sorted(paths) == sorted(map(str, expected))
    assert paths == [entry.path for entry in walk(root)]
