"""`cxrzoo train` and `evaluate` killed at random moments: nothing half-written, the next one goes on.

    KERAS_BACKEND=tensorflow python benchmarks/interruption/kill_commands.py [--kills 20] [--seed 0]

Each command is sent SIGKILL after a time drawn evenly between nothing and what an undisturbed one takes,
imports left out; every other time the kill waits for the next file that appears, so that it falls into a
write. After each kill every file that has its name must be whole: JSON, CSV, PNG, HTML, HDF5 and
safetensors are read. Then the command is let end: it must leave the very files of the undisturbed one and
nothing else, and a run's history and weights must be its own, byte for byte.
"""

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from killing import finished
from safetensors.numpy import load

COMMAND = """
import sys
import cxrzoo.training
from cxrzoo.cli import main
print("begun", flush=True)
main(sys.argv[1:])
"""
DATA = ["--sample", "--split", "official"]
COMMANDS = {
    "train": [
        *("train", *DATA, "--recipe", "cnn-test1-a", "--image-size", "32", "--epochs", "4"),
        *("--batch-size", "32", "--output"),
    ],
    "evaluate": ["evaluate", *DATA, "--model", "nih-mini", "--bootstrap", "200", "--output"],
}
COMPARED = ("history.csv", "model/model.safetensors", "report.csv", "roc.png")
"""What is the same in every undisturbed run; `run.json` and reports say when they were made."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=COMMANDS)
    options = parser.parse_args()
    chance = random.Random(options.seed)  # noqa: S311 - moments, not secrets
    with tempfile.TemporaryDirectory() as scratch:
        good = [
            kill_command(name, command, Path(scratch) / name, chance, options.kills)
            for name, command in COMMANDS.items()
            if options.only in {None, name}
        ]
    if not all(good):
        sys.exit(1)


def kill_command(
    name: str, command: list[str], scratch: Path, chance: random.Random, wanted: int
) -> bool:
    scratch.mkdir()
    whole = scratch / "undisturbed"
    seconds = finished(COMMAND, [*command, str(whole)])
    expected = content(whole)
    print(f"{name}, undisturbed: {seconds:.1f} s, {len(expected)} files", flush=True)
    kills = runs = equal = in_writes = broken = 0
    while kills < wanted:
        folder = scratch / f"run{runs}"
        runs += 1
        for _ in range(min(chance.randint(1, 2), wanted - kills)):
            at_a_write = kills % 2 == 1
            if not killed([*command, str(folder)], chance.uniform(0, seconds), folder, at_a_write):
                break
            kills += 1
            partial = [path.name for path in folder.rglob("*.partial*")]
            in_writes += bool(partial)
            halves = [str(path) for path in named(folder) if not is_whole(path)]
            broken += len(halves)
            print(
                f"{name}, kill {kills}: {', '.join(partial) or 'in no write'} {halves or ''}",
                flush=True,
            )
        finished(COMMAND, [*command, str(folder)])
        found = content(folder)
        same = found.keys() == expected.keys() and all(
            found[one] == expected[one] for one in COMPARED if one in expected
        )
        equal += same
        if not same:
            print(
                f"{name}, run {runs}: differs; {sorted(found.keys() ^ expected.keys())}", flush=True
            )
    print(
        f"{name}: {kills} kills in {runs} directories, {in_writes} of them in a write; {broken} files "
        f"half-written; {equal} of {runs} equal to the undisturbed one, with nothing else left",
        flush=True,
    )
    return equal == runs and not broken


def killed(arguments: Sequence[str], seconds: float, folder: Path, at_a_write: bool) -> bool:  # noqa: FBT001
    """Send SIGKILL after some seconds, or at the next change after them; False if it ended before."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as running:
        assert running.stdout is not None  # noqa: S101 - asked for above
        running.stdout.readline()
        end = time.perf_counter() + seconds
        while running.poll() is None and time.perf_counter() < end:
            time.sleep(0.002)
        before = listing(folder)
        while at_a_write and running.poll() is None and listing(folder) == before:
            pass
        if running.poll() is not None:
            return False
        running.kill()
        return True


def listing(folder: Path) -> set[Path]:
    try:
        return set(folder.rglob("*"))
    except OSError:  # a directory that is just renamed
        return set()


def named(folder: Path) -> list[Path]:
    """Return the files that have their names, and are no lock."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def is_whole(path: Path) -> bool:
    raw = path.read_bytes()
    try:
        if path.suffix == ".json":
            json.loads(raw)
        elif path.suffix == ".safetensors":
            load(raw)
        elif path.suffix == ".csv":
            rows = list(csv.reader(raw.decode().splitlines()))
            return len({len(row) for row in rows}) == 1 and raw.endswith(b"\n")
        elif path.suffix == ".png":
            return raw.endswith(b"IEND\xaeB`\x82")
        elif path.suffix == ".html":
            return raw.rstrip().endswith(b"</html>")
        elif path.suffix == ".h5":
            import h5py  # noqa: PLC0415 - only here

            with h5py.File(path):
                pass
    except Exception:  # noqa: BLE001 - whatever a reader of half a file raises
        return False
    return bool(raw)


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


if __name__ == "__main__":
    main()
