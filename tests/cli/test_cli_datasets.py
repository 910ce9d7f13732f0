"""Public data sets by name: --dataset NAME --data DIR --dataset-option NAME=VALUE."""

import csv
import json
import shutil
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

import cxrzoo
from cxrzoo.cli.options import DataArguments
from cxrzoo.data import SETS
from cxrzoo.data.sets.chexpert import NAMES

SAMPLE = Path(str(files("cxrzoo.data") / "sample"))
COMMANDS = {
    "train": ("--output", "run"),
    "evaluate": ("--model", "nih-mini"),
    "pack": ("--output", "pack"),
    "reproduce": ("--output", "table"),
}


@pytest.fixture
def chexpert(tmp_path, sample_files):
    """Images of the sample in CheXpert's folders; the report of every second is not sure."""
    root, rows = tmp_path / "CheXpert", []
    for i, path in enumerate(sample_files):
        place = Path(f"train/patient{i:05}/study1/view1_frontal.jpg")
        (root / place).parent.mkdir(parents=True)
        shutil.copy(path, root / place)
        rows.append(
            [f"CheXpert-v1.0/{place}", "Male", 50, "Frontal", "PA", *[(-1.0, 0.0)[i % 2]] * 14]
        )
    with (root / "train.csv").open("w", newline="") as stream:
        head = ("Path", "Sex", "Age", "Frontal/Lateral", "AP/PA", *NAMES)
        csv.writer(stream).writerows([head, *rows])
    return root


def test_a_set_is_read_with_its_options_and_split_as_it_is_usual_for_it(chexpert):
    source = DataArguments(data=chexpert, dataset="chexpert", dataset_option=("uncertain=ones",))
    records = source.read()
    np.testing.assert_array_equal(
        records.targets, cxrzoo.CheXpert(chexpert, uncertain="ones").targets
    )
    assert source.part(records).name == SETS["chexpert"].split == "patient"
    asked = DataArguments(data=chexpert, dataset="chexpert", split="paper", split_seed=3)
    parts = asked.part(asked.read())  # every patient has one image: nothing to warn of
    assert (parts.name, parts.seed) == ("paper", 3)


def test_data_alone_is_nih(tmp_path):
    for named in (None, "nih"):
        source = DataArguments(data=str(SAMPLE), dataset=named, images="images")
        records = source.read()
        assert list(records.images) == list(cxrzoo.load_sample().images)
        assert source.part(records).name == "official"


def test_a_set_is_packed_and_measured_by_its_name(cxrzoo_command, saved_model, chexpert, tmp_path):
    named = ("--dataset", "chexpert", "--data", chexpert, "--dataset-option", "uncertain=zeros")
    (chexpert / "train/patient00000/study1/view1_frontal.jpg").unlink()
    packed = cxrzoo_command(
        *("pack", *named, "--image-size", "16", "--missing", "drop", "--output", tmp_path / "pack"),
        "--json",
    )
    assert json.loads(packed.out)["images"] == len(list(chexpert.rglob("*.jpg"))), packed.err
    assert "1 of" in packed.err
    nih = ("--dataset", "nih", "--data", SAMPLE, "--bootstrap", "0", "--json")
    by_name = cxrzoo_command("evaluate", "--model", saved_model, *nih)
    sample = cxrzoo_command("evaluate", "--model", saved_model, "--sample", *nih[4:])
    assert by_name.status == 0, by_name.err
    assert by_name.out == sample.out


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--dataset", "chexprt"), "'chexprt' (nearest: 'chexpert'"),
        (("--dataset", "chexprt"), ", padchest, "),
        (("--dataset", "chexpert", "--dataset-option", "unsure=ones"), "uncertain=unknown|zeros|ones"),
        (("--dataset", "chexpert", "--dataset-option", "uncertain=1"), "uncertain=unknown|zeros|ones"),
        (("--dataset", "chexpert", "--images", "x"), "has no option 'images'"),
        (("--dataset", "chestmnist", "--missing", "drop"), "has no option 'missing'"),
        (("--dataset-option", "uncertain=ones"), "nih has no option 'uncertain'"),
        (("--dataset", "chexpert", "--dataset-option", "uncertain"), "takes NAME=VALUE"),
    ],
)  # fmt: skip
def test_what_no_set_has_is_refused_with_what_there_is(
    cxrzoo_command, tmp_path, monkeypatch, command, given, words
):
    monkeypatch.chdir(tmp_path)
    ended = cxrzoo_command(command, *COMMANDS[command], "--data", tmp_path, *given)
    assert (ended.status, ended.out) == (2, "")
    assert words in ended.err
    assert not list(tmp_path.iterdir())


def test_a_set_goes_with_data(cxrzoo_command):
    for source in (("--sample",), ("--csv", "mine.csv", "--labels", "Mass")):
        ended = cxrzoo_command("pack", *source, "--dataset", "chexpert", "--output", "pack")
        assert ended.status == 2
        assert "--dataset goes with --data." in ended.err


def test_list_has_the_data_sets(cxrzoo_command):
    rows = json.loads(cxrzoo_command("list", "--datasets", "--json").out)
    assert [row["name"] for row in rows] == sorted(SETS)
    text = cxrzoo_command("list", "chex*", "--datasets").out
    assert "uncertain=unknown|zeros|ones" in text
    assert "padchest" not in text
    assert cxrzoo_command("list", "--datasets", "--pretrained").status == 2
