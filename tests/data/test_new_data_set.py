"""Adding a data set is adding one file: everything else follows, or is generated.

A file of ``new_data_sets`` is put into a copy of the package. There it is read from Python and trained on
by the command, and the tests that hold for every data set are run.
"""

import json
import shutil
from pathlib import Path

import pytest
from package_copy import copy_package, files, run

import cxrzoo

NEW = Path(__file__).parent / "new_data_sets" / "shenzhen.py"
GENERATED = {
    "cxrzoo/readers.py",
    "cxrzoo/__init__.pyi",
    "cxrzoo/data/__init__.pyi",
    "docs/datasets.md",
    "tests/public_names.txt",
}


@pytest.fixture
def copy(tmp_path):
    return copy_package(tmp_path / "copy", page="datasets.md")


@pytest.fixture
def shenzhen(tmp_path):
    """Sixty images of the sample, named as that set names its own."""
    folder = tmp_path / "Shenzhen" / "CXR_png"
    folder.mkdir(parents=True)
    for i, path in enumerate(cxrzoo.load_sample().images[:60]):
        shutil.copy(path, folder / f"CHNCXR_{i:04}_{i % 2}.png")
    return folder.parent


def test_one_new_file_is_all_that_a_data_set_takes(copy, shenzhen, tmp_path):
    assert len(NEW.read_text("utf-8").splitlines()) <= 45
    before = files(copy)
    shutil.copy(NEW, copy / "cxrzoo" / "data" / "sets")
    run(copy, "tests/generate.py")
    changed = {name for name, content in files(copy).items() if before.get(name) != content}
    assert changed == {f"cxrzoo/data/sets/{NEW.name}", *GENERATED}
    read = "import sys, cxrzoo; r = cxrzoo.Shenzhen(sys.argv[1]); print(r.labels, len(r))"
    assert run(copy, "-c", read, shenzhen) == "('Tuberculosis', 'No Finding') 60\n"
    run(
        copy,
        *("-m", "cxrzoo.cli", "train", "--dataset", "shenzhen", "--data", shenzhen),
        *("--dataset-option", "labels=tuberculosis", "--recipe", "cnn-test1-b"),
        *("--image-size", "32", "--epochs", "1", "--output", tmp_path / "run"),
    )
    model = json.loads((tmp_path / "run/model/cxrzoo.json").read_text())
    assert model["labels"] == ["Tuberculosis"]
    assert model["lineage"]["split"] == "stratified"  # its own, as nothing else was asked for
    swept = run(
        copy,
        *("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", "shenzhen or vocabulary"),
        *("tests/data/test_every_data_set.py", "tests/data/test_vocabulary.py"),
    )
    assert int(swept.split(" passed")[0].split()[-1]) >= 7, swept[-300:]
