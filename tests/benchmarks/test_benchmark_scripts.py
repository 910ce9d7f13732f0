"""Every script finds what it imports: of its own folder or one that it names, and of today's cxrzoo."""

import ast
import importlib
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SCRIPTS = sorted(BENCHMARKS.glob("*/*.py"))
MODULES = {script.stem for script in SCRIPTS}


def imports(script):
    for node in ast.walk(ast.parse(script.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, [alias.name for alias in node.names]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_finds_the_modules_beside_it(script):
    text = script.read_text("utf-8")
    folders = [script.parent]
    folders += [one for one in BENCHMARKS.iterdir() if f'parents[1] / "{one.name}"' in text]
    for module, _ in imports(script):
        if module in MODULES:
            assert any((folder / f"{module}.py").exists() for folder in folders), module


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_imports_no_name_that_cxrzoo_has_no_more(script):
    for module, names in imports(script):
        if module.partition(".")[0] == "cxrzoo":
            home = importlib.import_module(module)
            for name in names:  # of an old one, the warning is an error
                assert hasattr(home, name) or importlib.import_module(f"{module}.{name}")
