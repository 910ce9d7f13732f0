import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_is_what_its_command_writes_from_what_the_benchmarks_kept():
    program = "import parity_page; print(parity_page.page(), end='')"
    written = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT / "benchmarks" / "pages",
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert written == (ROOT / "docs" / "parity.md").read_text(encoding="utf-8")
