"""The small files of `written/`, which `write_weights.py` wrote."""

from pathlib import Path

WRITTEN = Path(__file__).parent / "written"
FILES = sorted(path.name for path in WRITTEN.iterdir() if path.suffix != ".npz")
