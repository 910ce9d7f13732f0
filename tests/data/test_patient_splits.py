import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrzoo.data import Records, load_sample
from cxrzoo.data.splits import official_lists
from cxrzoo.errors import DataError, LeakageWarning

TRAIN_VAL, TEST = (sorted(names) for names in official_lists())
PARTS = ("train", "validation", "test")


def table(names, patients=None):
    names = list(names)
    return Records(names, np.zeros((len(names), 1)), ("A",), patients=patients)


def official(names):
    # NIH's file names start with the patient.
    return table(names, [str(int(name[:8])) for name in names])


def sides(split):
    return {name: part for part in PARTS for name in getattr(split, part).file_names}


some_names = st.lists(
    st.one_of(
        st.integers(0, len(TRAIN_VAL) - 1).map(TRAIN_VAL.__getitem__),
        st.integers(0, 300).map(TRAIN_VAL.__getitem__),
        st.integers(0, len(TEST) - 1).map(TEST.__getitem__),
    ),
    min_size=1,
    max_size=60,
    unique=True,
)
some_patients = st.lists(st.integers(0, 25).map(str), min_size=1, max_size=80)


def test_the_official_lists_part_all_images_and_all_patients():
    assert len(TRAIN_VAL) == 86_524
    assert len(TEST) == 25_596
    assert not {name[:8] for name in TRAIN_VAL} & {name[:8] for name in TEST}


def test_the_whole_official_split_holds_out_an_eighth_of_the_patients_for_validation():
    split = official(TRAIN_VAL + TEST).split("official")
    assert not any(split.leakage().values())
    assert len(split.test) == len(TEST)
    n_train, n_validation = (len(set(p.patients)) for p in (split.train, split.validation))
    patients = n_train + n_validation
    assert patients == len({name[:8] for name in TRAIN_VAL})
    # Five standard deviations of a binomial around 1/8.
    assert abs(n_validation - patients / 8) < 5 * np.sqrt(patients * 7 / 64)


@given(some_names, st.integers(0, 3), st.randoms(use_true_random=False))
def test_an_image_stands_on_its_official_side_whatever_else_is_at_hand(names, seed, random):
    whole = sides(official(names).split("official", seed=seed))
    assert set(whole) == set(names)
    part = random.sample(names, random.randint(1, len(names)))
    again = sides(official(part).split("official", seed=seed))
    assert again == {name: whole[name] for name in part}
    assert all((side == "test") == (name in official_lists()[1]) for name, side in whole.items())


@given(some_names, st.integers(0, 3))
def test_no_patient_stands_in_two_official_parts(names, seed):
    split = official(names).split("official", seed=seed)
    assert all(leak.patients == 0 for leak in split.leakage().values())


@given(some_patients, st.integers(0, 3), st.randoms(use_true_random=False))
def test_the_patient_split_parts_patients_whatever_the_order_of_rows(patients, seed, random):
    names = [f"{i}.png" for i in range(len(patients))]
    split = table(names, patients).split("patient", seed=seed)
    assert sum(len(getattr(split, part)) for part in PARTS) == len(names)
    assert not any(split.leakage().values())
    rows = list(range(len(names)))
    random.shuffle(rows)
    shuffled = table([names[i] for i in rows], [patients[i] for i in rows])
    assert sides(shuffled.split("patient", seed=seed)) == sides(split)


@given(st.integers(1, 400))
def test_the_patient_split_is_70_10_20_of_the_patients(n):
    split = table([f"{i}.png" for i in range(n)], [str(i) for i in range(n)]).split("patient")
    counts = [len(getattr(split, part)) for part in PARTS]
    assert sum(counts) == n
    assert all(abs(c - share * n) <= 1 for c, share in zip(counts, (0.7, 0.1, 0.2), strict=True))


@given(st.integers(0, 60), st.integers(0, 3))
def test_the_paper_split_parts_images(n, seed):
    records = table([f"{i}.png" for i in range(n)], [str(i) for i in range(n)])
    split = records.split("paper", seed=seed)  # every patient has one image: nothing to warn of
    assert sorted(sides(split)) == sorted(records.file_names)
    assert sides(split) == sides(records.split("paper", seed=seed))


def test_the_paper_split_says_how_many_test_images_share_a_patient_with_train():
    records = table([f"{i}.png" for i in range(100)], ["p"] * 50 + [str(i) for i in range(50)])
    with pytest.warns(LeakageWarning) as caught:
        split = records.split("paper")
    shared = sum(patient == "p" for patient in split.test.patients)
    assert f"{shared} of 20 test images ({5 * shared:.1f} %)" in str(caught[0].message)
    assert caught[0].filename == __file__
    with pytest.warns(LeakageWarning, match="patients are unknown"):
        table(["a.png", "b.png"]).split("paper")


def test_the_samples_official_parts_are_all_there_and_share_no_patient():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        split = load_sample().split("official")
    assert all(len(getattr(split, part)) for part in PARTS)
    assert not any(split.leakage().values())
    assert "official" in repr(split)


def test_another_seed_holds_out_other_patients_and_the_same_test_images():
    zero, one = (
        sides(official(TRAIN_VAL[:2000] + TEST[:9]).split("official", seed=s)) for s in (0, 1)
    )
    assert zero != one
    assert all(one[name] == "test" for name in TEST[:9])


@pytest.mark.parametrize("name", ["official", "patient"])
def test_splits_by_patient_need_patients(name):
    with pytest.raises(DataError, match="knows none"):
        table(TEST[:3]).split(name)
    with pytest.raises(DataError, match="1 of 3 rows"):
        table(TEST[:3], ["1", None, "2"]).split(name)


def test_file_names_that_are_in_no_official_list_are_counted_and_named():
    with pytest.raises(DataError, match=r"2 of 3 file names .*'mine\.png'"):
        table(["mine.png", TEST[0], "too.png"], ["1", "2", "3"]).split("official")


def test_a_split_that_does_not_exist_is_refused():
    with pytest.raises(DataError, match="official, patient, stratified, paper"):
        table(["a.png"]).split("random")
    with pytest.raises(DataError, match="seed"):
        table(["a.png"]).split("paper", seed=-1)


def published(*parts, patients=None):
    names = [f"{i}.png" for i in range(len(parts))]
    column = {"part": np.array(parts, object)}
    return Records(names, np.zeros((len(names), 1)), ("A",), patients=patients, metadata=column)


@pytest.mark.parametrize("word", ["valid", "val", "validate", "validation"])
def test_the_official_split_of_another_set_is_the_one_that_it_was_published_with(word):
    split = published("train", word, "test", "train").split("official")
    assert [list(getattr(split, part).file_names) for part in PARTS] == [
        ["0.png", "3.png"], ["1.png"], ["2.png"],
    ]  # fmt: skip


def test_where_no_validation_part_is_published_an_eighth_of_the_others_patients_is_held_out():
    patients = [str(i // 2) for i in range(800)] + ["t"] * 9
    split = published(*["train"] * 800, *["test"] * 9, patients=patients).split("official")
    assert len(split.test) == 9
    assert 70 <= len(split.validation) <= 130
    assert not any(split.leakage().values())
    by_image = published(*["train"] * 800, "test").split("official", seed=1)
    assert 70 <= len(by_image.validation) <= 130


def test_a_set_of_which_no_test_part_was_published_has_no_official_split():
    for parts in (["train", "valid"], ["train", None, "test"], ["train", "fold 2", "test"]):
        with pytest.raises(DataError, match="no published test part"):
            published(*parts, patients=list("abc")[: len(parts)]).split("official")


def test_nihs_lists_go_before_what_another_study_calls_a_test_part():
    records = Records(
        [TEST[0], TRAIN_VAL[0]], np.zeros((2, 1)), ("A",), patients=["1", "2"],
        metadata={"part": np.array(["validation", "test"], object)},
    )  # fmt: skip
    assert list(records.split("official").test.file_names) == [TEST[0]]
