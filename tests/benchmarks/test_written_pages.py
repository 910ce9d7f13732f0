import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "file"),
    [("zoo", "zoo"), ("parity", "parity"), ("heat_maps", "guides/heat-maps")],
)
def test_a_page_is_what_its_command_writes_from_what_is_kept(name, file):
    program = f"import {name}_page; print({name}_page.page(), end='')"
    written = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT / "benchmarks" / "pages",
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert written == (ROOT / "docs" / f"{file}.md").read_text(encoding="utf-8")
