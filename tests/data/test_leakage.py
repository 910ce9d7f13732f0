import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cxrzoo.data import Leakage, Records, concat, load_sample
from cxrzoo.data.image_names import components
from cxrzoo.data.leakage import (
    SAME_PICTURE,
    distinct_names,
    near_duplicates,
    picture_bits,
    picture_distances,
)
from cxrzoo.errors import ImageError

SAMPLE = load_sample()


def table(paths, patients=None):
    return Records([str(p) for p in paths], np.zeros((len(paths), 1)), ("A",), patients=patients)


def copies_of(path, folder):
    """One real X-ray as other people would have it."""
    image = Image.open(path)
    grey = np.asarray(image)
    folder.mkdir(exist_ok=True)
    image.save(folder / "again.jpg", quality=75)
    image.resize((96, 96)).save(folder / "smaller.png")
    image.resize((300, 300)).save(folder / "larger.png")
    image.convert("RGBA").save(folder / "rgba.png")
    Image.fromarray(grey.astype(np.uint16) * 200).save(folder / "sixteen.png")
    Image.fromarray((grey * 0.8 + 30).astype(np.uint8)).save(folder / "pale.png")
    return sorted(str(p) for p in folder.iterdir())


def test_copies_under_other_names_are_found_by_picture_and_only_by_picture(tmp_path):
    copies = copies_of(SAMPLE.images[0], tmp_path / "theirs")
    train, theirs = SAMPLE[:40], table(copies, ["x"] * len(copies))
    assert not train.leakage(theirs)
    assert train.leakage(theirs).pictures is None
    leak = train.leakage(theirs, pixels=True)
    assert leak
    assert leak.pictures == tuple((SAMPLE.images[0], copy) for copy in copies)
    assert "6 pairs of nearly the same picture" in str(leak)


def test_no_two_x_rays_of_different_patients_in_the_sample_are_the_same_picture():
    pairs = near_duplicates(SAMPLE.images, SAMPLE.images)
    patient = dict(zip(SAMPLE.images, SAMPLE.patients, strict=True))
    assert all(patient[a] == patient[b] for a, b in pairs)
    assert {(path, path) for path in SAMPLE.images} <= set(pairs)


def test_the_samples_official_parts_share_no_picture():
    parts = SAMPLE.split("official")
    assert not parts.train.leakage(parts.test, pixels=True)


def test_distances_count_the_bits_that_differ():
    first, second = (
        np.stack([picture_bits(np.asarray(Image.open(path))) for path in SAMPLE.images[a:b]])
        for a, b in ((0, 5), (5, 12))
    )
    assert first.shape == (5, 288)
    expected = [[int((a != b).sum()) for b in second] for a in first]
    np.testing.assert_array_equal(picture_distances(first, second), expected)
    assert np.min(expected) > SAME_PICTURE


def test_an_image_that_cannot_be_read_stops_the_comparison_and_is_named(tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"")
    with pytest.raises(ImageError, match="broken"):
        SAMPLE[:2].leakage(table([broken]), pixels=True)
    assert SAMPLE[:2].leakage(table([]), pixels=True).pictures == ()


def chexpert_like(*patients):
    return [f"root/train/{p}/study{s}/view1_frontal.jpg" for p in patients for s in (1, 2)]


def test_names_that_repeat_within_a_table_are_told_apart_by_their_folders():
    ours, theirs = table(chexpert_like("p1", "p2")), table(chexpert_like("p2", "p3"))
    leak = ours.leakage(theirs)
    assert leak.files == tuple(f"train/p2/study{study}/view1_frontal.jpg" for study in (1, 2))
    assert not table(chexpert_like("p1")).leakage(table(chexpert_like("p3")))
    twice = table([*chexpert_like("p1"), *chexpert_like("p1")])
    assert not twice.leakage(table(chexpert_like("p3")))
    ours, theirs = (
        table([f"{root}/{patient}/a/b/c/x.png" for patient in patients])
        for root, patients in (("here", ("p1", "p2")), ("there", ("p2", "p3")))
    )
    assert ours.leakage(theirs).files == ("p2/a/b/c/x.png",)


def test_the_same_file_in_other_folders_is_found_by_its_name(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        shutil.copy(SAMPLE.images[0], tmp_path / folder)
    name = Path(SAMPLE.images[0]).name
    leak = table([tmp_path / "a" / name]).leakage(table([tmp_path / "b" / name, "other.png"]))
    assert leak.files == (name,)


def test_rows_that_name_one_file_twice_still_leak_by_name():
    twice = concat(SAMPLE[:2], SAMPLE[:2])
    assert len(twice.leakage(SAMPLE[1:3]).files) == 1


@given(st.lists(st.text("ab/", min_size=1, max_size=9), min_size=1, max_size=8))
def test_distinct_names_are_as_many_as_rows(paths):
    names = distinct_names(table(paths).images)[0]
    assert len(names) == len(paths)
    wholes = ["/".join(components(path)) for path in paths]
    assert all(path.endswith(name) for path, name in zip(wholes, names, strict=True))


def test_leakage_is_true_when_anything_is_shared():
    assert not Leakage(0, 0, 3, ())
    assert not Leakage(None, None, 3, (), ())
    assert Leakage(None, None, 3, (), (("a", "b"),))
    assert Leakage(1, 1, 3, ())
    assert Leakage(None, None, 3, ("a",))
