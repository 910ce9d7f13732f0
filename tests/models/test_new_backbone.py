"""Adding a backbone is adding one file: everything else follows, or is generated.

Each file in ``new_backbones`` is put into a copy of the package, and the tests that hold for every model
are run on it there.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import pytest

import cxrzoo

PACKAGE = Path(cxrzoo.__file__).parent
TESTS = Path(__file__).parent.parent
NEW = sorted((Path(__file__).parent / "new_backbones").glob("*.py"))
GENERATED = {
    "cxrzoo/builders.py",
    "cxrzoo/__init__.pyi",
    "cxrzoo/models/__init__.pyi",
    "tests/public_names.txt",
}
# One process of three runs the small one; nox --session wide runs all of them on every backend.
QUICK = {"residual_cxr"} if keras.backend.backend() == "torch" else set()
SWEPT = ("models", "artifacts", "export", "published/test_golden_vectors.py", "test_package.py")


def files(root):
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture
def copy(tmp_path):
    """The package and its tests, as a developer's checkout has them."""
    skip = shutil.ignore_patterns("__pycache__", "sample", "test_new_backbone.py")
    shutil.copytree(PACKAGE, tmp_path / "cxrzoo", ignore=skip)
    (tmp_path / "cxrzoo/data/sample").symlink_to(PACKAGE / "data" / "sample")
    shutil.copytree(TESTS, tmp_path / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(TESTS.parent / "pyproject.toml", tmp_path)
    return tmp_path


def run(copy, *arguments):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


@pytest.mark.parametrize(
    "path",
    [pytest.param(one, marks=[] if one.stem in QUICK else [pytest.mark.wide]) for one in NEW],
    ids=[one.stem for one in NEW],
)
def test_one_new_file_is_all_that_a_backbone_takes(copy, path):
    assert len(path.read_text("utf-8").splitlines()) <= 40
    before = files(copy)
    shutil.copy(path, copy / "cxrzoo" / "models" / "backbones")
    assert run(copy, "tests/generate.py").returncode == 0
    changed = {name for name, content in files(copy).items() if before.get(name) != content}
    assert changed == {f"cxrzoo/models/backbones/{path.name}", *GENERATED}
    swept = run(
        copy,
        *("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--model", path.stem),
        *(f"tests/{name}" for name in SWEPT),
    )
    assert swept.returncode == 0, swept.stdout[-6000:]
    assert int(swept.stdout.split(" passed")[0].split()[-1]) >= 25, swept.stdout[-300:]
