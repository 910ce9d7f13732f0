"""Every code block of README and docs runs, alone, in a folder with small data.

A block of Python has no names but its own, as if it were copied into a fresh interpreter. What an earlier
block of the page left on disk is there.

A block whose mark says that it needs the full data or the network, or that it runs in ``.ci/run``, is
only compiled: Python's syntax, and the options of our commands. Commands that install something are
passed over; ``.ci/run`` runs the README's bash blocks in a clean environment.
"""

import csv
import importlib.util
import io
import json
import os
import subprocess
import sys

import pytest
from blocks import PAGES, blocks_of
from click.testing import CliRunner
from world import make_world

from cxrzoo.cli.program import program

INSTALLING = ("python3", "pip", "nox")


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    root = tmp_path_factory.mktemp("world")
    make_world(root)
    return root


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_a_page_runs(page, world, monkeypatch):
    monkeypatch.chdir(world)
    monkeypatch.setenv("KERAS_BACKEND", os.environ.get("KERAS_BACKEND", "tensorflow"))
    for block in blocks_of(page):
        where = f"{block.page}, line {block.line}"
        if block.language == "python":
            code = compile(block.text, where, "exec")
            if block.mark is None:
                exec(code, {"__name__": "__main__"})  # noqa: S102 - the page's own code
        elif block.language in {"sh", "bash", "console"}:
            for command in block.commands():
                run(command, where, for_real=block.mark is None)
        elif block.language == "csv":
            widths = {len(row) for row in csv.reader(io.StringIO(block.text))}
            assert len(widths) == 1, where
        elif block.language == "json":
            json.loads(block.text)
        else:
            assert block.language == "text", f"{where}: nothing runs {block.language!r}"


def run(command, where, *, for_real):
    """Runs one command of a page: ours in this process, one with another backend in its own."""
    variables = {}
    while command and "=" in command[0]:
        name, _, value = command[0].partition("=")
        variables[name] = value
        command = command[1:]
    program_name, *arguments = command
    program_name = program_name.removeprefix(".venv/bin/").removeprefix(".venv-test/bin/")
    installs = program_name in INSTALLING or arguments[:2] == ["-m", "pip"]
    if installs:
        return
    if program_name == "python":
        assert arguments[0] == "-c", where
        compile(arguments[1], where, "exec")
        process(["-c", arguments[1]], where, variables)
        return
    assert program_name == "cxrzoo", f"{where}: unknown command {program_name!r}"
    backend = variables.get("KERAS_BACKEND")
    if not for_real or (backend and importlib.util.find_spec(backend) is None):
        ended = CliRunner().invoke(program, [*arguments, "--help"])
        assert ended.exit_code == 0, f"{where}: {ended.output}"
    elif variables:
        process(["-m", "cxrzoo.cli", *arguments], where, variables)
    else:
        ended = CliRunner().invoke(program, arguments)
        assert ended.exit_code == 0, f"{where}: {ended.output}\n{ended.exception!r}"


def process(arguments, where, variables):
    done = subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"{where}: {done.stderr}"
