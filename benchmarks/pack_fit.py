"""`fit` over a pack beside the same `fit` over an array in memory, in one run.

    python benchmarks/pack_fit.py --images DIR [--n 1024] [--image-size 128] [--rounds 5]

One compiled model; each round fits one epoch over the array and one over the pack, shuffled, in turn and
in changing order. Timed from the first batch's beginning to the last one's end: what TensorFlow takes to
put its input pipeline away, some seconds at times, befalls both. A ratio is that of the two rates of a
round; other work on the machine only slows, so that the fastest round of each says most where there is
some. The median step is what an epoch of thousands of them costs.
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

import cxrzoo


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--n", type=int, default=1_024)
    parser.add_argument("--image-size", type=int, default=128)
    parser.add_argument("--alpha", type=float, default=0.25)
    parser.add_argument("--rounds", type=int, default=5)
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
        self.times = [time.perf_counter()]

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002 - as above
        self.times.append(time.perf_counter())


def compare(model: Any, packed: Any, pixels: Any, targets: Any, rounds: int) -> None:
    clock = Clock()
    given = {"verbose": 0, "callbacks": [clock]}
    fits = {
        "array": lambda: model.fit(pixels, targets, batch_size=32, shuffle=True, **given),
        "pack": lambda: model.fit(packed, shuffle=False, **given),
    }
    for fit in fits.values():
        fit()  # compiles
    ratios = []
    steps: dict[str, list[float]] = {name: [] for name in fits}
    fastest = dict.fromkeys(fits, 0.0)
    for number in range(rounds):
        rates = {}
        for name in list(fits) if number % 2 else list(fits)[::-1]:
            fits[name]()
            rates[name] = len(pixels) / (clock.times[-1] - clock.times[0])
            steps[name].extend(np.diff(clock.times))
            fastest[name] = max(fastest[name], rates[name])
        ratios.append(rates["pack"] / rates["array"])
        print(f"array {rates['array']:.0f} images/s, pack {rates['pack']:.0f}: {ratios[-1]:.3f}")
    print(
        f"pack / array: median {statistics.median(ratios):.3f} "
        f"({min(ratios):.3f} to {max(ratios):.3f}); fastest round of each: "
        f"{fastest['pack'] / fastest['array']:.3f}; median step: "
        f"{statistics.median(steps['array']) / statistics.median(steps['pack']):.3f}"
    )


if __name__ == "__main__":
    main()
