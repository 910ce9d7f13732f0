"""Adding a backbone is adding one file: everything else follows, or is generated.

Each file in ``new_backbones`` is put into a copy of the package, and the tests that hold for every model
are run on it there.
"""

import shutil
from pathlib import Path

import keras
import pytest
from package_copy import copy_package, files, run

NEW = sorted((Path(__file__).parent / "new_backbones").glob("*.py"))
GENERATED = {
    "cxrzoo/builders.py",
    "cxrzoo/__init__.pyi",
    "cxrzoo/models/__init__.pyi",
    "cxrzoo/zoo.json",
    "tests/public_names.txt",
}
# One process of three runs the small one; nox --session wide runs all of them on every backend.
QUICK = {"residual_cxr"} if keras.backend.backend() == "torch" else set()
SWEPT = ("models", "artifacts", "export", "published/test_golden_vectors.py", "test_package.py")


@pytest.fixture
def copy(tmp_path):
    return copy_package(tmp_path)


@pytest.mark.parametrize(
    "path",
    [pytest.param(one, marks=[] if one.stem in QUICK else [pytest.mark.wide]) for one in NEW],
    ids=[one.stem for one in NEW],
)
def test_one_new_file_is_all_that_a_backbone_takes(copy, path):
    assert len(path.read_text("utf-8").splitlines()) <= 40
    before = files(copy)
    shutil.copy(path, copy / "cxrzoo" / "models" / "backbones")
    run(copy, "tests/generate.py")
    changed = {name for name, content in files(copy).items() if before.get(name) != content}
    assert changed == {f"cxrzoo/models/backbones/{path.name}", *GENERATED}
    swept = run(
        copy,
        *("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--model", path.stem),
        *(f"tests/{name}" for name in SWEPT),
    )
    assert int(swept.split(" passed")[0].split()[-1]) >= 25, swept[-300:]
