"""A copy of the package and its tests, as a developer's checkout has them, to put a new file into."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import cxrzoo

PACKAGE = Path(cxrzoo.__file__).parent
TESTS = Path(__file__).parent


def copy_package(root, *, page=None):
    """Copies package, tests and, if it is named, a page of the documentation."""
    skip = shutil.ignore_patterns("__pycache__", "sample")
    shutil.copytree(PACKAGE, root / "cxrzoo", ignore=skip)
    (root / "cxrzoo/data/sample").symlink_to(PACKAGE / "data" / "sample")
    shutil.copytree(TESTS, root / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(TESTS.parent / "pyproject.toml", root)
    if page is not None:
        (root / "docs").mkdir()
        shutil.copy(TESTS.parent / "docs" / page, root / "docs")
    return root


def files(root):
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def run(copy, *arguments):
    """Runs Python in the copy and gives what it printed; it must end well."""
    ended = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert ended.returncode == 0, (ended.stdout + ended.stderr)[-6000:]
    return ended.stdout
