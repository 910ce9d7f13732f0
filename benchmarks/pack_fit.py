"""`fit` over a pack beside the same `fit` over an array in memory, in one run.

    python benchmarks/pack_fit.py --images DIR [--n 1024] [--image-size 128] [--alpha 0.25] [--rounds 25]

One compiled model; each round fits one epoch over the array and one over the pack, shuffled, in turn and
in changing order. Timed from the first batch's beginning to the last one's end: what TensorFlow takes to
put its input pipeline away, some seconds at times, befalls both. A ratio is that of the two costs of a
round, so that other work on the machine, where it lasts longer than a round, falls on both. Printed are,
for the epoch, for its median step (what an epoch of thousands of them costs) and for the processor time
of all threads (which other work disturbs least), the median over the rounds and its 95 % interval.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from scipy.stats import binom

import cxrzoo


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--n", type=int, default=1_024)
    parser.add_argument("--image-size", type=int, default=128)
    parser.add_argument("--alpha", type=float, default=0.25)
    parser.add_argument("--rounds", type=int, default=25)
    options = parser.parse_args()
    paths = sorted(options.images.glob("*.png"))[: options.n]
    targets = np.random.default_rng(0).integers(0, 2, (len(paths), 3)).astype(np.float32)
    records = cxrzoo.Records(paths, targets, ("a", "b", "c"))
    with tempfile.TemporaryDirectory() as cache:
        size = options.image_size
        packed = records.dataset(image_size=size, batch_size=32, shuffle=True, cache=cache)
        pixels = packed.pack.pixels(np.arange(len(records)))
        model = cxrzoo.mobilenet_cxr(
            input_shape=(size, size, 1), labels=records.labels, alpha=options.alpha
        )
        model.compile("adam", "binary_crossentropy")
        print(f"{len(records):,} images of {size} x {size}, alpha {options.alpha}, "
              f"{keras.backend.backend()}")  # fmt: skip
        compare(model, packed, pixels, targets, options.rounds)


class Clock(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:  # noqa: ARG002 - Keras's signature
        self.began = time.process_time()
        self.times = [time.perf_counter()]

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002 - as above
        self.times.append(time.perf_counter())
        self.processor = time.process_time() - self.began


def compare(model: Any, packed: Any, pixels: Any, targets: Any, rounds: int) -> None:
    clock = Clock()
    given = {"verbose": 0, "callbacks": [clock]}
    fits = {
        "array": lambda: model.fit(pixels, targets, batch_size=32, shuffle=True, **given),
        "pack": lambda: model.fit(packed, shuffle=False, **given),
    }
    for fit in fits.values():
        fit()  # compiles
    found: dict[str, list[float]] = {"epoch": [], "median step": [], "processor time": []}
    for number in range(rounds):
        costs: dict[str, list[float]] = {}
        for name in list(fits) if number % 2 else list(fits)[::-1]:
            fits[name]()
            steps = np.diff(clock.times)
            costs[name] = [steps.sum(), statistics.median(steps), clock.processor]
        for measure, array, pack in zip(found, costs["array"], costs["pack"], strict=True):
            found[measure].append(array / pack)
        print(", ".join(f"{measure} {values[-1]:.3f}" for measure, values in found.items()))
    print(f"speed of the pack, array = 1, {rounds} rounds: median, 95 % interval (range)")
    for measure, values in found.items():
        low, high = interval(values)
        print(f"by {measure}: {statistics.median(values):.3f}, {low:.3f} to {high:.3f} "
              f"({min(values):.3f} to {max(values):.3f})")  # fmt: skip


def interval(values: list[float]) -> tuple[float, float]:
    """Of the median, at 95 % at the least where there are 6 values: by ranks (Conover, 3.2)."""
    below = max(0, int(binom.ppf(0.025, len(values), 0.5)) - 1)
    ranked = sorted(values)
    return ranked[below], ranked[-1 - below]


if __name__ == "__main__":
    main()
