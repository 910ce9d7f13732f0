"""The benchmarks of speed in one run; writes `benchmarks/results.json` and `docs/benchmarks.md`.

    python benchmarks/speed/everything.py --images DIR --csv Data_Entry_2017_v2020.csv.gz
        [--peer-python PYTHON] [--only PART ...] [--rounds N]
    python benchmarks/speed/everything.py --page

DIR holds original NIH images (1024 x 1024 PNG), the CSV is NIH's. PYTHON has torchxrayvision (see
`peer_torchxrayvision.py`); without it, and without JAX, PyTorch or the extra `openvino`, their rows are
left out, and the page says so. Parts are import, build, throughput, releases, predict, data and
evaluator; a part that is run replaces its entry as soon as it is done, and leaves the others. `--page`
only writes the page again. `--rounds` is for a quick look: each part has a number of its own. The machine
should have nothing else to do; GPUs are hidden from what runs. The layout of `speed.json` is described
in `results.py`. `zoo_page.py` puts the speed of the releases on the zoo's page.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from machine import PEER_PACKAGES, machine, versions
from ratios import part_from_dict
from results import PAGE, PARTS, RESULTS, Entry, as_json, page, read_results

from cxrzoo.files import write_whole

HERE = Path(__file__).parent
SCRIPTS = {
    "import": ["imports.py"],
    "build": ["backends.py", "build"],
    "throughput": ["backends.py", "throughput"],
    "releases": ["releases.py"],
    "predict": ["predict.py"],
    "data": ["data.py"],
    "evaluator": ["evaluator.py"],
}
NEEDS_IMAGES = ("predict", "data")
HAS_NO_PEER = ("evaluator", "releases")
FIXED = {"CUDA_VISIBLE_DEVICES": "-1", "KERAS_BACKEND": "tensorflow"}
"""What every part's environment has; parts that compare backends set their own."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path)
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--peer-python")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--page", action="store_true")
    options = parser.parse_args()
    if options.page:
        write_whole(PAGE, page(read_results(RESULTS)))
        return
    if options.images is None and set(options.only) & set(NEEDS_IMAGES):
        parser.error(f"{' and '.join(NEEDS_IMAGES)} need --images")
    if options.csv is None and "data" in options.only:
        parser.error("data needs --csv")
    run(options)


def run(options: argparse.Namespace) -> None:
    place = machine() | {"load": f"{os.getloadavg()[0]:.1f}"}
    commit = checked_out()
    for name in PARTS:
        if name in options.only:
            entry = measured(name, options, place, commit)
            write_whole(RESULTS, as_json(read_results(RESULTS) | {name: entry}))
            write_whole(PAGE, page(read_results(RESULTS)))


def measured(
    name: str, options: argparse.Namespace, place: Mapping[str, str], commit: str | None
) -> Entry:
    print(f"# {PARTS[name]}\n", flush=True)
    start = time.perf_counter()
    peer = None if name in HAS_NO_PEER else options.peer_python
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch) / "found.json"
        command = [sys.executable, *words(name, options, peer), "--output", str(output)]
        subprocess.run(command, check=True, env=os.environ | FIXED)
        found = part_from_dict(json.loads(output.read_text(encoding="utf-8")))
    print(f"{name} took {time.perf_counter() - start:.0f} s\n", flush=True)
    date = datetime.now(UTC).date().isoformat()
    return Entry(date, commit, place, versions(), versions_of(peer) if peer else {}, found)


def words(name: str, options: argparse.Namespace, peer: str | None) -> list[str]:
    """Return the part's own command."""
    script, *rest = SCRIPTS[name]
    command = [str(HERE / script), *rest]
    if name in NEEDS_IMAGES:
        command += ["--images", str(options.images)]
    if name == "data":
        command += ["--csv", str(options.csv)]
    if peer:
        command += ["--peer-python", peer]
    if options.rounds:
        command += ["--rounds", str(options.rounds)]
    return command


def versions_of(python: str) -> dict[str, str]:
    asked = [python, str(HERE / "machine.py"), *PEER_PACKAGES]
    return dict(json.loads(subprocess.check_output(asked, text=True)))


def checked_out() -> str | None:
    """Return the commit, and whether other files differ from it than those written here."""

    def git(*asked: str) -> subprocess.CompletedProcess[str]:
        words = ["git", *asked]
        return subprocess.run(
            words, cwd=HERE.parents[1], capture_output=True, text=True, check=False
        )

    commit = git("rev-parse", "--short=12", "HEAD")
    if commit.returncode:
        return None
    written = (":!benchmarks/results.json", ":!docs/benchmarks.md")
    differs = git("status", "--porcelain", "--untracked-files=no", "--", ".", *written).stdout
    return commit.stdout.strip() + ("-dirty" if differs else "")


if __name__ == "__main__":
    main()
