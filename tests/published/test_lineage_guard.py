"""A model remembers, hashed, whom it was trained on, and says so when it is measured on them."""

import dataclasses
import json
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxrzoo
from cxrzoo.cells import identifier
from cxrzoo.cli import main
from cxrzoo.data import load_sample
from cxrzoo.errors import LeakageWarning
from cxrzoo.inference import evaluate
from cxrzoo.pretrained import PatientSet, also_trained_on, open_artifact, patient_set
from cxrzoo.pretrained.patients import MAX_PATIENTS
from cxrzoo.training import Recipe

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
    lambda name: identifier(name) == name  # neither 'missing' nor to be written otherwise
)


def run(*arguments):
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    return end.value.code


@pytest.fixture(autouse=True)
def cli_changes_are_undone():
    shown = warnings.showwarning
    with warnings.catch_warnings():
        yield
    warnings.showwarning = shown


# Real patients.


def test_the_split_of_the_sample_is_told_apart(sample_parts):
    train = patient_set(sample_parts.train.patients)
    assert len(train) == len(set(sample_parts.train.patients))
    assert train.among(sample_parts.train.patients) == set(sample_parts.train.patients)
    for other in (sample_parts.validation, sample_parts.test):
        assert train.among(other.patients) == frozenset()


def test_of_thirty_thousand_strangers_none_is_taken_for_a_patient():
    members = patient_set(str(number) for number in range(1, 28_009))
    strangers = [str(number) for number in range(28_009, 60_000)]
    assert members.among([*strangers, "1", "28008"]) == {"1", "28008"}


def test_no_identifier_can_be_read_in_the_description(saved, sample_parts):
    text = (saved / "cxrzoo.json").read_text()
    lineage = json.loads(text)["lineage"]
    assert len(lineage["trained_on"]) == 1
    for patient in sample_parts.train.patients[:50]:
        assert f'"{patient}"' not in text


def test_nih_mini_was_not_trained_on_the_official_test_patients():
    lineage = open_artifact("nih-mini").config.lineage
    (patients,) = lineage.trained_on
    assert len(patients) == lineage.patients
    parts = load_sample().split("official")
    assert not patients.among(parts.test.patients)
    assert not patients.among(parts.validation.patients)


# Measuring.


def test_measuring_on_patients_of_the_training_warns_and_says_how_many(
    licensed_model, sample_parts
):
    seen = sample_parts.train[np.arange(20)]
    with pytest.warns(LeakageWarning, match=rf"trained on {len(set(seen.patients))} of these"):
        evaluate(licensed_model, seen.dataset(image_size=64), n_bootstrap=0)


def test_measuring_on_other_patients_is_silent(licensed_model, sample_parts):
    evaluate(licensed_model, sample_parts.test.dataset(image_size=64), n_bootstrap=0)


def test_a_model_without_lineage_is_taken_at_its_word(small, sample_parts):
    part = sample_parts.train[np.arange(4)].relabel(("Mass", "Edema", "No Finding"))
    evaluate(small("cnn_test1"), part.dataset(image_size=32), n_bootstrap=0)


def test_the_command_warns_and_with_strict_refuses(saved, capsys):
    command = ("evaluate", "--model", saved, "--sample", "--bootstrap", 0, "--part")
    assert run(*command, "train") == 0
    printed = capsys.readouterr()
    assert "warning: the model was trained on" in printed.err
    assert run(*command, "train", "--strict") == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: the model was trained on")
    assert len(printed.err.splitlines()) == 1
    assert run(*command, "test", "--strict") == 0
    assert "warning" not in capsys.readouterr().err


def test_a_training_and_what_it_started_from_are_both_remembered(sample_parts, tmp_path, quiet):
    recipe = Recipe(
        "tiny",
        "cnn_test1",
        learning_rate=1e-3,
        epochs=1,
        arguments={"filters": (2, 2), "hidden_units": 4},
        image_size=32,
        callbacks="modern",
        source="test",
    )
    half = len(sample_parts.train) // 2
    first, second = sample_parts.train[:half], sample_parts.train[half:]
    validation = sample_parts.validation
    one = cxrzoo.train(recipe, first, validation, tmp_path / "one", console=quiet)
    assert one.model.cxrzoo.lineage.trained_on == (patient_set(first.patients),)
    again = dataclasses.replace(recipe, weights=str(tmp_path / "one" / "model"), arguments={})
    two = cxrzoo.train(again, second, validation, tmp_path / "two", console=quiet)
    sets = two.model.cxrzoo.lineage.trained_on
    assert sets == (patient_set(first.patients), patient_set(second.patients))
    for part in (first, second):
        with pytest.warns(LeakageWarning):
            evaluate(two.model, part.dataset(image_size=32), n_bootstrap=0)


@pytest.fixture
def quiet(tmp_path):
    from rich.console import Console  # noqa: PLC0415

    with (tmp_path / "console.txt").open("w") as file:
        yield Console(file=file)


# The set itself.


@given(st.sets(names, min_size=1, max_size=30), st.sets(names, max_size=30))
def test_members_are_found_and_survive_json(members, others):
    found = patient_set(members)
    assert found.among(members | others) >= members
    assert found.among(others - members) == frozenset()
    assert PatientSet.from_json(json.loads(json.dumps(found.to_json()))) == found


@given(st.lists(names, min_size=1, max_size=20))
def test_the_same_patients_are_the_same_set_in_any_order(patients):
    assert patient_set(patients) == patient_set(reversed([*patients, None, patients[0]]))


def test_the_same_patient_has_another_hash_in_another_set():
    one, two = patient_set(["7"]), patient_set(["7", "8"])
    assert one.salt != two.salt
    assert one.members not in (two.members[:5], two.members[5:])


def test_unknown_patients_are_in_no_set():
    assert patient_set(None) is None
    assert patient_set([None, None]) is None
    assert patient_set(["7"]).among([None]) == frozenset()


def test_what_a_description_cannot_carry_is_left_out_oldest_first():
    assert patient_set(map(str, range(MAX_PATIENTS + 1))) is None
    sets = ()
    for number in range(20):
        sets = also_trained_on(sets, [str(number)])
    assert sets == tuple(patient_set([str(number)]) for number in range(4, 20))
    assert also_trained_on(sets, ["19"]) == sets
    assert also_trained_on(sets, None) == sets
