"""Every example runs, in an empty folder, as a person would start it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from blocks import ROOT
from world import make_world

sys.path.append(str(ROOT / "tests/hub"))

from loopback_client import environment
from loopback_hub import OWNER, LoopbackHub

EXAMPLES = ROOT / "examples"
# What an example needs to be started with; examples that are tested on their own floor.
ARGUMENTS = {"publish_and_fetch.py": ("acme/xray",)}
ELSEWHERE = {"train_ddp.py"}


def start(folder, *arguments, **variables):
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env=os.environ | variables | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "example", sorted({path.name for path in EXAMPLES.glob("*.py")} - ELSEWHERE - set(ARGUMENTS))
)
def test_an_example_runs_without_arguments_in_an_empty_folder(example, tmp_path):
    assert start(tmp_path, EXAMPLES / example).strip()


def test_an_example_publishes_to_the_hub_it_is_given_and_fetches_again(tmp_path):
    with LoopbackHub(tmp_path / "hub").running() as hub:
        variables = environment(hub.url, tmp_path / "home", HF_TOKEN=OWNER)
        printed = start(tmp_path, EXAMPLES / "publish_and_fetch.py", "acme/xray", **variables)
    assert "published hf://acme/xray@" in printed
    assert "(4, 15)" in printed


def test_the_notebook_runs_on_a_small_nih_folder(tmp_path):
    make_world(tmp_path)
    notebook = json.loads((EXAMPLES / "nih_full.ipynb").read_text())
    lines = [
        line.rstrip("\n")
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
        for line in [*cell["source"], ""]
        if not line.startswith("%")
    ]
    script = tmp_path / "notebook.py"
    script.write_text("\n".join(lines))
    small = {"NIH": "NIH", "OUTPUT": "out", "START": "none", "IMAGE_SIZE": "32", "EPOCHS": "1"}
    assert "macro" in start(tmp_path, script, **small)
    assert (tmp_path / "out/report.html").exists()


def test_examples_that_are_tested_elsewhere_are():
    tests = "".join(path.read_text() for path in Path(ROOT / "tests").rglob("test_*.py"))
    for example in ELSEWHERE & {path.name for path in EXAMPLES.glob("*.py")}:
        assert example.removesuffix(".py") in tests.replace("ELSEWHERE = {", "")
