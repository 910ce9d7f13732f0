"""The table of decoders in docs/decoding.md, measured on files of one's own.

    python benchmarks/speed/decoders.py --images DIR [--rounds 5]

Needs opencv-python-headless, imagecodecs, pyvips with pyvips-binary: the benchmark's own needs. Times are
processor seconds of one thread, so that other work on the machine counts less; decoders take turns, and a
ratio is that of one round. "Same pixels" counts the 8-bit grey files on which a decoder agrees with
`read_image`. Below the table: what several processes gain over as many threads of cxrzoo's own decoding.
"""

import argparse
import io
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import imagecodecs
import numpy as np
import pyvips
from PIL import Image
from ratios import ratio
from rounds import Contender, take_turns, timed

from cxrzoo.images import read_image

SIZE = 224


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    files = sorted(options.images.glob("*.png"))
    grey = [path for path in files if Image.open(path).mode == "L"]
    cv2.setNumThreads(1)
    pyvips.cache_set_max(0)
    decoders = {
        "Pillow": lambda data: np.asarray(Image.open(io.BytesIO(data))),
        "OpenCV": lambda data: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED),
        "imagecodecs": imagecodecs.png_decode,
        "imagecodecs (libspng)": imagecodecs.spng_decode,
        "pyvips": lambda data: pyvips.Image.new_from_buffer(data, "").numpy(),
    }
    data = [path.read_bytes() for path in grey]
    same = {
        name: sum(
            np.array_equal(np.squeeze(decode(d)), read_image(p)[:, :, 0])
            for d, p in zip(data, grey, strict=True)
        )
        for name, decode in decoders.items()
    }
    reading = {name: decoding(decode, data) for name, decode in decoders.items()}
    reading["read_image"] = timed(lambda _: [read_image(path, SIZE) for path in grey])
    costs = take_turns(reading, options.rounds)
    print(f"{len(grey)} 8-bit grey PNGs of {len(files)} in all\n")
    print("| decoder | version | time, Pillow = 1 (range) | same pixels |\n|---|---|---|---|")
    versions = {
        "Pillow": Image.__version__,
        "OpenCV": cv2.__version__,
        "imagecodecs": imagecodecs.__version__,
        "imagecodecs (libspng)": imagecodecs.__version__,
        "pyvips": pyvips.__version__,
    }
    for name in costs:
        words = "`read_image` to 224 x 224" if name == "read_image" else name
        times = ratio(costs, "Pillow", name).processor
        print(
            f"| {words} | {versions.get(name, '')} | {times} "
            f"| {same.get(name, len(grey))} of {len(grey)} |"
        )
    sharing(files, options.rounds)


def decoding(decode: Callable[[bytes], Any], data: list[bytes]) -> Contender:
    def all_of_them(_: int) -> None:
        for one in data:
            decode(one)

    return timed(all_of_them)


def sharing(files: list[Path], rounds: int) -> None:
    workers = os.cpu_count() or 1
    read = partial(read_image, size=SIZE)
    with (
        ThreadPoolExecutor(workers) as threads,
        ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as processes,
    ):
        list(processes.map(read, files[:8]))  # they start
        pools = {"one thread": None, "threads": threads, "processes": processes}
        costs = take_turns(
            {name: shared(pool, read, files) for name, pool in pools.items()}, rounds
        )
    print(f"\nAll {len(files)} files, {workers} workers, images/s over those of one thread:")
    for name in ("threads", "processes"):
        print(f"- {name}: {ratio(costs, name, 'one thread').wall}")


def shared(pool: Executor | None, read: partial[np.ndarray], files: list[Path]) -> Contender:
    return timed(lambda _: through(pool, read, files))


def through(pool: Executor | None, read: partial[np.ndarray], files: list[Path]) -> None:
    for _ in map(read, files) if pool is None else pool.map(read, files, chunksize=4):
        pass


if __name__ == "__main__":
    main()
