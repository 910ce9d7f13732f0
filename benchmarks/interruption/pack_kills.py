"""Packing killed at random moments and gone on with: the same bytes as undisturbed.

    python benchmarks/interruption/pack_kills.py --images DIR [--kills 20] [--image-size 256] [--seed 0]

Each trial starts a process that packs DIR, sends it SIGKILL after a time drawn evenly between nothing and
what an undisturbed pack takes, sometimes again while it goes on, then lets it end, and compares every
file. Then a disk that is too small and a directory that is read-only, each as a file system of its own
where the system lets a user mount one (`unshare`).
"""

import argparse
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from killing import finished, killed

PACK = """
import sys
from pathlib import Path
import numpy as np
import cxrzoo
from cxrzoo.errors import CxrZooError
paths = sorted(Path(sys.argv[2]).glob("*.png"))
records = cxrzoo.Records(paths, np.zeros((len(paths), 1)), ("none",))
print("begun", flush=True)
try:
    cxrzoo.pack(records, sys.argv[1], int(sys.argv[3]))
except CxrZooError as error:
    print(error)
    sys.exit(2)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--image-size", type=int, default=256)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    arguments = [str(options.images), str(options.image_size)]
    chance = random.Random(options.seed)  # noqa: S311 - moments, not secrets
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole"
        seconds = finished(PACK, [str(whole), *arguments])
        expected = content(whole)
        shards = sum(name.endswith(".npy") for name in expected)
        print(f"undisturbed: {seconds:.1f} s, {shards} shards, {len(expected)} files")
        kills = equal = trials = kept = 0
        while kills < options.kills:
            folder = Path(scratch) / f"trial{trials}"
            trials += 1
            for _ in range(chance.randint(1, 2)):
                moment = chance.uniform(0, seconds)
                if kills < options.kills and killed(PACK, [str(folder), *arguments], moment):
                    kills += 1
                    kept += sum(path.suffix == ".npy" for path in folder.glob("pixels-*"))
            finished(PACK, [str(folder), *arguments])
            equal += content(folder) == expected
        print(f"{kills} kills in {trials} packs: {equal} of {trials} equal to the undisturbed one")
        print(f"finished shards found after a kill: {kept / kills:.1f} of {shards} on the mean")
        for words, mount in (
            ("a disk with room for half of it", f"size={sum(map(len, expected.values())) // 2}"),
            ("a read-only directory", "ro"),
        ):
            print(f"\n{words}:\n{mounted(Path(scratch), mount, arguments)}")


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def mounted(scratch: Path, options: str, arguments: list[str]) -> str:
    place = scratch / "mounted"
    place.mkdir(exist_ok=True)
    script = (
        'place="$1"; shift; mount -t tmpfs -o "$1" none "$place" || exit 9; shift\n'
        '"$@"; echo "status $?"; ls "$place"/pack 2>/dev/null | tr "\\n" " "'
    )
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "-", place, options]
    ended = subprocess.run(
        [*command, sys.executable, "-c", PACK, place / "pack", *arguments],
        check=False,
        capture_output=True,
        text=True,
    )
    return ended.stdout.strip() or f"not tried: {ended.stderr.strip()}"


if __name__ == "__main__":
    main()
