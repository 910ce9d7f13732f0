import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrzoo.data import Records, load_sample
from cxrzoo.data.splits import PARTS
from cxrzoo.errors import DataError

SHARES = {"train": 0.7, "validation": 0.1, "test": 0.2}


@st.composite
def tables(draw):
    n, k = draw(st.integers(1, 60)), draw(st.integers(1, 4))
    cells = draw(st.lists(st.sampled_from([0, 0, 0, 1, np.nan]), min_size=n * k, max_size=n * k))
    patients = draw(st.lists(st.integers(0, 25).map(str), min_size=n, max_size=n))
    targets = np.array(cells, np.float32).reshape(n, k)
    return Records([f"{i}.png" for i in range(n)], targets, tuple("ABCD"[:k]), patients=patients)


def rare(n=3000, seed=0):
    """Patients with a few images each and labels of 0.3 % to 30 %."""
    random = np.random.default_rng(seed)
    rates = (0.3, 0.1, 0.03, 0.01, 0.003)
    targets = (random.random((n, len(rates))) < rates).astype(np.float32)
    targets[random.random(targets.shape) < 0.1] = np.nan
    patients = np.sort(random.integers(0, n // 3, n)).astype(str)
    names = [f"{i}.png" for i in range(n)]
    return Records(names, targets, tuple("ABCDE"), patients=list(patients))


def worst(split):
    """The largest distance of a part's share of a label's positives from what it should have."""
    positives = {part: np.sum(getattr(split, part).targets == 1, axis=0) for part in PARTS}
    total = sum(positives.values())
    return max(np.max(np.abs(positives[p] - SHARES[p] * total) / total) for p in PARTS)


@given(tables(), st.integers(0, 3), st.randoms(use_true_random=False))
def test_every_row_is_in_one_part_and_no_patient_in_two_whatever_the_order(table, seed, random):
    split = table.split("stratified", seed=seed)
    assert sum(len(getattr(split, part)) for part in PARTS) == len(table)
    assert not any(split.leakage().values())
    rows = list(range(len(table)))
    random.shuffle(rows)
    again = table[rows].split("stratified", seed=seed)
    for part in PARTS:
        assert set(getattr(again, part).images) == set(getattr(split, part).images)
    assert again.fingerprint == split.fingerprint


def test_rare_labels_have_their_share_in_each_part():
    table = rare()
    split = table.split("stratified")
    positives = np.sum(table.targets == 1, axis=0)
    # A patient's images stay together: one patient's worth of the rarest label is the least error.
    assert worst(split) <= 3 / positives.min()
    assert worst(split) < worst(table.split("patient"))
    for part, share in SHARES.items():
        assert abs(len(getattr(split, part)) / len(table) - share) < 0.01


def test_a_rare_label_that_comes_only_with_a_common_one_has_its_share_too():
    targets = np.zeros((900, 2), np.float32)
    targets[:600, 0] = 1
    targets[:20, 1] = 1
    order = np.random.default_rng(0).permutation(900)
    patients = [f"p{i}" for i in range(900)]
    table = Records([f"{i}.png" for i in range(900)], targets[order], ("A", "B"), patients=patients)
    split = table.split("stratified")
    assert [int(getattr(split, part).targets[:, 1].sum()) for part in PARTS] == [14, 2, 4]
    assert [int(getattr(split, part).targets[:, 0].sum()) for part in PARTS] == [420, 60, 120]


def test_the_real_samples_labels_are_shared_out_better_than_by_patient_alone():
    sample = load_sample()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        split = sample.split("stratified")
    assert not any(split.leakage().values())
    assert worst(split) < worst(sample.split("patient"))


def test_the_summary_says_what_was_reached():
    split = rare(400).split("stratified")
    lines = split.summary().splitlines()
    assert lines[0] == repr(split)
    assert lines[1].split() == list(PARTS)
    assert [int(n) for n in lines[2].split()[1:]] == [len(getattr(split, p)) for p in PARTS]
    column = split.train.targets[:, 0]
    share = 100 * np.nansum(column) / np.sum(~np.isnan(column))
    assert f"{int(np.nansum(column))} ({share:.2f} %)" in lines[3]
    empty = Records(["a.png"], [[np.nan]], ("A",), patients=["p"]).split("stratified")
    assert empty.summary().count("unknown") == 3


@pytest.mark.parametrize("name", ["official", "patient", "stratified"])
def test_a_fingerprint_names_the_parts_and_nothing_else(name):
    sample = load_sample()
    first = sample.split(name, seed=0).fingerprint
    assert len(first) == 64
    assert sample.split(name, seed=0).fingerprint == first
    assert sample[::-1].split(name, seed=0).fingerprint == first
    assert (
        sample.relabel(["Mass"]).split("patient").fingerprint == sample.split("patient").fingerprint
    )
    assert sample.split(name, seed=1).fingerprint != first
    assert sample[1:].split(name, seed=0).fingerprint != first


def test_patients_are_needed():
    with pytest.raises(DataError, match="knows none"):
        Records(["a"], [[0]], ("A",)).split("stratified")
