"""A million rows split, filtered and packed: what a row costs at 10^4, 10^5 and 10^6, and memory.

    python benchmarks/speed/scale.py [--rows 10000 100000 1000000] [--edge 8]

Rows name different paths: a thousand tiny PNGs, seen through as many linked folders as it takes. Each
size runs in a process of its own, so that its peak memory is its own. "Memory" of packing is what it
grew by at its peak over what the table itself had taken.
"""

import argparse
import ctypes
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import cxrzoo
from cxrzoo.data import open_pack

FILES = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--edge", type=int, default=8)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.rows[0], options.edge, Path(options.one))))
        return
    print("| rows | split by patient | filter | pack | table | memory of packing |")
    print("|---|---|---|---|---|---|")
    for rows in options.rows:
        with tempfile.TemporaryDirectory() as scratch:
            command = [sys.executable, __file__, "--rows", str(rows), "--edge", str(options.edge)]
            ended = subprocess.run([*command, "--one", scratch], check=True, stdout=subprocess.PIPE)
        found = json.loads(ended.stdout)
        costs = (f"{1e6 * found[name] / rows:.1f} µs" for name in ("split", "filter", "pack"))
        sizes = (f"{found[name]:.0f} MiB" for name in ("table", "growth"))
        print(f"| {rows:,} | {' | '.join(costs)} | {' | '.join(sizes)} |", flush=True)


def measure(n: int, edge: int, scratch: Path) -> dict[str, float]:
    images = tiny_images(n, edge, scratch)
    generator = np.random.default_rng(0)
    before = memory("VmRSS")
    records = cxrzoo.Records(
        images=images(),
        targets=(generator.random((n, 15)) < 0.1).astype(np.float32),
        labels=cxrzoo.NIH_LABELS,
        patients=[f"p{i}" for i in generator.integers(0, n // 4, n).tolist()],
    )
    table = memory("VmRSS") - before
    split_seconds, parts = timed(lambda: records.split("patient"))
    assert not parts.train.leakage(parts.test)  # noqa: S101 - the benchmark's own check
    filter_seconds, some = timed(lambda: records[records.targets[:, 1] == 1])
    assert 0.09 < len(some) / n < 0.11  # noqa: S101 - as above
    del parts, some
    give_back()
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before = memory("VmRSS")
    pack_seconds, _ = timed(lambda: cxrzoo.pack(records, scratch / "pack", edge))
    growth = memory("VmHWM") - before
    pack = open_pack(scratch / "pack")
    rows = generator.integers(0, n, 100)
    expected = [cxrzoo.images.read_image(records.images[row], edge) for row in rows]
    assert np.array_equal(pack.pixels(rows), expected)  # noqa: S101 - as above
    return {
        "split": split_seconds,
        "filter": filter_seconds,
        "pack": pack_seconds,
        "table": table,
        "growth": growth,
    }


def tiny_images(n: int, edge: int, scratch: Path) -> Callable[[], list[str]]:
    from PIL import Image  # noqa: PLC0415 - the process that only starts others needs none

    folder = scratch / "images"
    folder.mkdir()
    noise = np.random.default_rng(1).integers(0, 256, (FILES, edge, edge), np.uint8)
    for i, pixels in enumerate(noise):
        Image.fromarray(pixels).save(folder / f"{i}.png")
    folders = [scratch / f"part{i}" for i in range(-(-n // FILES))]
    for linked in folders:
        linked.symlink_to(folder)
    return lambda: [f"{folders[i // FILES]}/{i % FILES}.png" for i in range(n)]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def memory(name: str) -> float:
    """VmRSS or VmHWM of this process in MiB (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def give_back() -> None:
    # What glibc holds of memory that was freed would hide what packing takes.
    ctypes.CDLL(None).malloc_trim(0)


if __name__ == "__main__":
    main()
