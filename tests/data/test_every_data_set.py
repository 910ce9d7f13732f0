"""What holds for every public data set, whichever file it is in."""

import inspect

import pytest

import cxrzoo
from cxrzoo.data import SETS, VOCABULARY, open_set
from cxrzoo.data.sets.register import register_data_set
from cxrzoo.data.splits import SPLIT_NAMES
from cxrzoo.errors import DataError, DataNotFoundError, LabelError

EVERY = pytest.mark.parametrize("name", SETS)


def test_there_are_ten_and_nih_is_one_of_them():
    assert set(SETS) >= {
        "nih", "chexpert", "mimic-cxr-jpg", "padchest", "vindr-cxr", "rsna", "openi", "nih-google",
        "nih-experts", "chestmnist",
    }  # fmt: skip


@EVERY
def test_what_is_known_of_a_set_is_complete(name):
    one = SETS[name]
    assert one.name == name
    assert all((one.title, one.holds, one.terms, one.labels, one.images))
    assert one.link.startswith("https://")
    assert one.split in SPLIT_NAMES
    assert one.patients is None or 0 < one.patients <= one.images
    assert set(one.labels) <= set(VOCABULARY)
    for option in one.options.values():
        assert option.default in option.values
    assert getattr(cxrzoo, one.reader.__name__) is one.reader
    assert inspect.getdoc(one.reader)


@EVERY
def test_a_folder_that_holds_something_else_says_what_was_expected(name, tmp_path):
    with pytest.raises(DataNotFoundError):
        open_set(name, tmp_path / "nowhere")
    with pytest.raises(DataNotFoundError):
        SETS[name].reader(tmp_path)


@EVERY
def test_options_and_values_that_are_not_there_are_refused_before_anything_is_read(name):
    with pytest.raises(DataError, match=r"has no option 'colour'.*; there is "):
        open_set(name, "nowhere", colour="red")
    for option, one in SETS[name].options.items():
        with pytest.raises(DataError, match=rf"{option}={one.values[0]}\|.*; got 'red'"):
            open_set(name, "nowhere", **{option: "red"})


def test_a_data_set_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(DataError, match=r"'chexprt' \(nearest: 'chexpert'.*there are .*padchest"):
        open_set("chexprt", "nowhere")


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"name": "New Set"}, DataError, "small letters"),
        ({"name": "chexpert"}, DataError, "has the data set 'chexpert' already"),
        ({"names": {"effusion": "effusion"}}, LabelError, "'Effusion'"),
    ],
)
def test_what_makes_no_data_set_is_refused_when_it_is_registered(change, error, words):
    known = {"name": "new", "title": "New", "names": {}, "holds": "", "images": 1, "terms": "",
             "link": "", "split": "patient", **change}  # fmt: skip
    with pytest.raises(error, match=words):
        register_data_set(known.pop("name"), **known)(lambda root: root)
    assert "new" not in SETS


def test_an_option_without_its_values_is_refused_when_it_is_registered():
    def reader(root, *, colour="red"):
        return root

    with pytest.raises(DataError, match="the type of colour must be a Literal"):
        register_data_set("new", title="New", names={}, holds="", images=1, terms="", link="",
                          split="patient")(reader)  # fmt: skip
