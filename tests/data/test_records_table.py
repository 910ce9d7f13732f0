import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrzoo.data import Records, concat, load_sample
from cxrzoo.errors import DataError, LabelError
from cxrzoo.labels import NIH_LABELS

ALPHABET = ("A", "B", "C", "D", "E")


@st.composite
def tables(draw, labels=None):
    labels = labels or tuple(draw(st.lists(st.sampled_from(ALPHABET), min_size=1, unique=True)))
    n = draw(st.integers(0, 8))
    cell = st.sampled_from([0.0, 1.0, float("nan")])
    rows = draw(
        st.lists(st.lists(cell, min_size=len(labels), max_size=len(labels)), min_size=n, max_size=n)
    )
    known = draw(st.booleans())
    return Records(
        images=[f"{i}.png" for i in range(n)],
        targets=np.array(rows, np.float32).reshape(n, len(labels)),
        labels=labels,
        patients=draw(st.lists(st.sampled_from("xyz"), min_size=n, max_size=n)) if known else None,
        metadata={"age": np.arange(n, dtype=float)},
    )


def test_the_sample_can_neither_be_written_to_nor_changed_from_outside():
    sample = load_sample()
    for array in (sample.images, sample.targets, sample.patients, *sample.metadata.values()):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]
    with pytest.raises(TypeError):
        sample.metadata["age"] = np.zeros(len(sample))
    mine = np.zeros((1, 1), np.float32)
    table = Records(["a.png"], mine, ("A",))
    mine[0, 0] = 1
    assert table.targets[0, 0] == 0


def test_filtering_the_sample_keeps_every_column_in_step():
    sample = load_sample()
    mask = sample.metadata["age"] > 60
    old = sample[mask]
    assert 0 < len(old) < len(sample)
    assert (old.metadata["age"] > 60).all()
    rows = np.flatnonzero(mask)
    for i, row in enumerate(rows):
        assert old.images[i] == sample.images[row]
        assert old.patients[i] == sample.patients[row]
        assert (old.targets[i] == sample.targets[row]).all()
    assert list(sample[rows].images) == list(old.images)
    assert list(sample[::-1].images) == list(sample.images)[::-1]
    assert not old.targets.flags.writeable


def test_records_survive_the_way_to_a_worker_process():
    sample = load_sample()
    again = pickle.loads(pickle.dumps(sample))  # noqa: S301 - our own bytes
    assert again.labels == sample.labels
    assert list(again.images) == list(sample.images)
    assert dict(again.metadata).keys() == dict(sample.metadata).keys()


def test_the_summary_counts_what_is_present_absent_and_unknown():
    table = Records(["a", "b", "c"], [[1, np.nan], [0, np.nan], [1, 1]], ("A", "Longer"))
    assert table.summary().splitlines()[2:] == [
        "A              2         1         0",
        "Longer         1         0         2",
    ]
    assert "3 images" in repr(table)
    assert "patients unknown" in repr(table)


@given(tables(), st.permutations(ALPHABET), st.integers(1, 5))
def test_relabelling_moves_columns_and_invents_nothing(table, names, k):
    again = table.relabel(names[:k], missing="unknown")
    assert again.labels == tuple(names[:k])
    for j, label in enumerate(again.labels):
        if label in table.labels:
            expected = table.targets[:, table.labels.index(label)]
            np.testing.assert_array_equal(again.targets[:, j], expected)
        else:
            assert np.isnan(again.targets[:, j]).all()


@given(st.lists(tables(), min_size=1, max_size=4))
def test_concat_gives_the_union_of_labels_and_each_table_back(parts):
    whole = concat(*parts)
    assert set(whole.labels) == {label for part in parts for label in part.labels}
    assert len(whole) == sum(map(len, parts))
    start = 0
    for part in parts:
        rows = whole[start : start + len(part)]
        np.testing.assert_array_equal(rows.relabel(part.labels).targets, part.targets)
        others = [label for label in whole.labels if label not in part.labels]
        if others:
            assert np.isnan(rows.relabel(others).targets).all()
        if part.patients is not None:
            assert list(rows.patients) == list(part.patients)
        elif rows.patients is not None:
            assert set(rows.patients) <= {None}
        start += len(part)


def test_concat_fills_columns_that_a_table_lacks():
    first = Records(["a"], [[1]], ("A",), metadata={"age": np.array([40]), "sex": np.array(["F"])})
    second = Records(["b"], [[0]], ("A",))
    both = concat(first, second)
    assert both.metadata["age"][0] == 40
    assert np.isnan(both.metadata["age"][1])
    assert list(both.metadata["sex"]) == ["F", None]
    with pytest.raises(DataError, match="at least one"):
        concat()


def test_leakage_counts_shared_patients_their_images_and_file_names():
    train = Records(["t/1.png", "t/2.png"], [[0], [1]], ("A",), patients=["p", "q"])
    test = Records(["v/1.png", "v/3.png", "v/4.png"], [[0]] * 3, ("A",), patients=["p", "p", "r"])
    leak = train.leakage(test)
    assert (leak.patients, leak.images, leak.total, leak.files) == (1, 2, 3, ("1.png",))
    assert leak
    said = "1 shared patients with 2 of 3 images (66.7 %), 1 shared file names"
    assert str(leak) == said
    assert str([leak]) == f"[<Leakage: {said}>]"
    nobody = Records(["x.png"], [[0]], ("A",))
    assert train.leakage(nobody).patients is None
    assert not train.leakage(nobody)
    assert train.leakage(test[:0]).patients == 0


def test_a_label_that_is_not_there_is_refused_with_the_nearest_names():
    with pytest.raises(LabelError, match=r"'Odema' \(nearest: 'Edema'"):
        load_sample().relabel(["Odema"])
    assert load_sample().relabel(reversed(NIH_LABELS)).labels == NIH_LABELS[::-1]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"labels": ()}, LabelError, "one or more names"),
        ({"labels": ("A", "A")}, LabelError, "repeated: A"),
        ({"labels": "AB"}, LabelError, "single string"),
        ({"labels": ("A",)}, LabelError, "one column for each"),
        ({"targets": [[0, 1]]}, DataError, "2 images"),
        ({"targets": [[0, 1], [2, 0]]}, DataError, r"got 2\.0"),
        ({"patients": ["p"]}, DataError, "patients must have one value"),
        ({"metadata": {"age": np.zeros(3)}}, DataError, "age must have one value"),
        ({"images": [1, 2]}, DataError, "file paths"),
    ],
)
def test_columns_that_do_not_fit_are_refused(change, error, words):
    good = {"images": ["a", "b"], "targets": [[0, 1], [1, 0]], "labels": ("A", "B")}
    with pytest.raises(error, match=words):
        Records(**{**good, **change})


@pytest.mark.parametrize("rows", [[9], [True], [[0]], ["a"], 0, [0.5]])
def test_rows_that_do_not_fit_are_refused(rows):
    with pytest.raises(DataError):
        Records(["a", "b"], [[0], [1]], ("A",))[rows]


def test_blank_identifiers_are_unknown_patients():
    values = [7, None, float("nan"), "", np.float32("nan"), "nan"]
    table = Records(list("abcdef"), [[0]] * 6, ("A",), patients=values)
    assert list(table.patients) == ["7", None, None, None, None, None]
