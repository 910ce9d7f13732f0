"""Two models that take each other's place all the time, and a reader: nothing missing, nothing mixed.

    KERAS_BACKEND=tensorflow python benchmarks/interruption/race.py [--opens 50000] [--writers 1]
        [--renames] [--kill 0.0]

Each writer is a process that replaces one directory by model 0 and model 1 in turn. The reader opens the
directory, reads description, tensors, golden vectors and report one after the other, and counts the
opens that failed and those whose files are of two models. ``--renames`` has the writers go without the
system's exchange of two directories, as on Windows and on some network file systems. With ``--kill``
the writers are killed and started again after so many seconds, again and again.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from cxrzoo.pretrained import open_artifact

WRITE = """
import json
import sys
from itertools import cycle, islice
from pathlib import Path
from safetensors.numpy import save
import numpy as np
from cxrzoo import directories
from cxrzoo.files import write_whole
embedded = Path(directories.__file__).parent / "pretrained" / "embedded" / "nih-mini"
DESCRIBED = json.loads((embedded / "cxrzoo.json").read_text())
target = Path(sys.argv[1])
if sys.argv[2] == "True":
    directories._EXCHANGERS.clear()
own = lambda entry: entry.name != "notes.txt"  # what save_pretrained does, without Keras
most = int(sys.argv[3]) or None
for n, which in enumerate(islice(cycle((0, 1)), most)):
    with directories.new_beside(target, own=own) as beside:
        described = {**DESCRIBED, "labels": [str(which)], "thresholds": None, "calibration": None}
        write_whole(beside / "cxrzoo.json", json.dumps(described))
        write_whole(beside / "model.safetensors", save({"which": np.full(9, which, "float32")}))
        write_whole(beside / "golden.safetensors", str(which))
        write_whole(beside / "report.json", str(which))
        directories.put_in_place(beside, target, own=own)
    if n == 0:
        print("written", flush=True)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--opens", type=int, default=50_000)
    parser.add_argument("--writers", type=int, default=1)
    parser.add_argument("--renames", action="store_true")
    parser.add_argument("--kill", type=float, default=0.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch) / "model"
        begun = [start(directory, options) for _ in range(options.writers)]
        (directory / "notes.txt").write_text("not of the format")
        counts: Counter[str] = Counter()
        beginning = killed = time.perf_counter()
        for _ in range(options.opens):
            counts[opened(directory)] += 1
            if options.kill and time.perf_counter() - killed > options.kill:
                for writer in begun:
                    stop(writer)
                counts["kills"] += len(begun)
                counts["absent after a kill"] += opened(directory) not in ("0", "1")
                begun = [start(directory, options) for _ in begun]
                killed = time.perf_counter()
        seconds = time.perf_counter() - beginning
        for writer in begun:
            stop(writer)
        last = start(directory, options, most=1)  # which cleans up what they left
        last.wait()
        notes = (directory / "notes.txt").exists()
        left = sorted(path.name for path in directory.parent.iterdir())
    failed = {name: n for name, n in counts.items() if name.startswith(("failed", "mixed"))}
    print(f"{options.opens:,} opens in {seconds:.0f} s; {dict(sorted(counts.items()))}")
    print(f"failed or mixed: {sum(failed.values())}; notes.txt kept: {notes}; beside it: {left}")


def start(
    directory: Path, options: argparse.Namespace, *, most: int = 0
) -> "subprocess.Popen[bytes]":
    """Start a writer, of ``most`` models or until it is stopped; wait until it has written one."""
    writer = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", WRITE, directory, str(options.renames), str(most)],
        stdout=subprocess.PIPE,
    )
    assert writer.stdout is not None  # noqa: S101 - asked for above
    writer.stdout.readline()
    return writer


def stop(writer: "subprocess.Popen[bytes]") -> None:
    writer.kill()
    writer.wait()
    if writer.stdout is not None:
        writer.stdout.close()


def opened(directory: Path) -> str:
    """Return which model was read, or what went wrong."""
    try:
        artifact = open_artifact(directory)
        found = {
            artifact.config.labels[0],
            str(int(artifact.tensors({"which": (9,)})["which"][0])),
            artifact.read("golden.safetensors").decode(),
            artifact.read("report.json").decode(),
        }
    except Exception as error:  # noqa: BLE001 - counted
        return f"failed: {type(error).__name__}: {error!s:.60}"
    return found.pop() if len(found) == 1 else "mixed"


if __name__ == "__main__":
    main()
