"""One identity of an image: packs, leakage, predictions and their truth tell images apart alike."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cxrzoo.data.image_names import (
    components,
    image_key,
    image_names,
    key_depth,
    match_images,
    named_before,
)

pieces = st.sampled_from(["p1", "p2", "s1", "v.png"])
paths = st.lists(pieces, min_size=1, max_size=4).map("/".join)
tables = st.lists(paths, unique=True, max_size=7)


@given(tables)
def test_names_are_as_short_as_tells_all_apart_on_any_system(images):
    depth = key_depth(images)
    names = image_names(images)
    assert names == [image_key(path, depth) for path in images]
    assert len(set(names)) == len(images)
    if depth > 1:
        assert len({image_key(path, depth - 1) for path in images}) < len(images)
    for other in (
        lambda p: p.replace("/", "\\"),
        lambda p: f"./{p}",
        lambda p: p.replace("/", "//"),
    ):
        assert image_names(map(other, images)) == names
    assert image_names([f"/moved/to/{path}" for path in images])[: len(images)] == [
        image_key(f"/moved/to/{path}", key_depth([f"/moved/to/{p}" for p in images]))
        for path in images
    ]


def tail_of(a, b):
    return a[-min(len(a), len(b)) :] == b[-min(len(a), len(b)) :]


@given(st.lists(paths, max_size=7))
def test_an_image_named_before_is_one_whose_path_ends_as_another_does(images):
    split = [components(path) for path in images]
    expected = [
        path
        for i, path in enumerate(images)
        if any(tail_of(split[i], before) for before in split[:i])
    ]
    assert named_before(images) == expected


@given(tables, st.data())
def test_images_are_matched_wherever_they_were_moved_to_and_by_their_plain_names(known, data):
    if named_before(known):
        return
    rows = data.draw(
        st.permutations(range(len(known))).map(lambda order: order[: len(order) // 2 + 1])
    )
    picked = [known[row] for row in rows]
    for change in (
        lambda path: path,
        lambda path: f"/scans/{path}",
        lambda path: "D:\\scans\\" + path.replace("/", "\\"),
        lambda path: image_key(path, max(key_depth(known), 1)),
        lambda path: path.upper().replace(".PNG", ".dcm"),
    ):
        found, several = match_images([change(path) for path in picked], known)
        moved, _ = match_images(picked, [change(path) for path in known])
        assert (found.tolist(), several) == (list(rows), [])
        assert moved.tolist() == list(rows)


def test_what_cannot_be_told_apart_is_never_guessed():
    known = ["p1/v.png", "p2/v.png", "w.png"]
    for asked, rows, several in (
        (["v.png"], [-1], ["v.png"]),
        (["p3/v.png"], [-1], []),
        (["x/w.png", "p2/v.png"], [2, 1], []),
        (["w.jpg", "w.png"], [-1, 2], []),
        (["P1/V.PNG", "p1/v.png"], [-1, 0], []),
        (["elsewhere/p1/v.jpg"], [0], []),
        (["w"], [2], []),
    ):
        found, unclear = match_images(asked, known)
        assert (found.tolist(), unclear) == (rows, several), asked
    near = match_images(["a.png"], ["A.png", "a.PNG"])
    assert (near[0].tolist(), near[1]) == ([-1], ["a.png"])
    assert match_images([], known)[0].dtype == np.intp
