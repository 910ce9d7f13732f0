"""`fit` over a pack beside the same `fit` over an array in memory, in one run.

    python benchmarks/speed/pack_fit.py --images DIR [--n 1024] [--image-size 128] [--alpha 0.25]
        [--rounds 25]

One compiled model; each round fits one epoch over the array and one over the pack, shuffled, in turn and
in changing order. Timed from the first batch's beginning to the last one's end: what TensorFlow takes to
put its input pipeline away, some seconds at times, befalls both. A ratio is that of the two costs of a
round, so that other work on the machine, where it lasts longer than a round, falls on both. Printed are,
for the epoch, for its median step (what an epoch of thousands of them costs) and for the processor time
of all threads (which other work disturbs least), the median over the rounds and its 95 % interval.

Then the same with a model that does next to nothing, so that feeding is all there is: what a batch of the
pack costs more than one of the array, as a part of the first model's step.
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
from rounds import take_turns
from scipy.stats import binom

import cxrzoo

MEASURES = ("epoch", "median step", "processor time")
Costs = dict[str, dict[str, list[float]]]


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
        shape = (size, size, 1)
        model = cxrzoo.mobilenet_cxr(input_shape=shape, labels=records.labels, alpha=options.alpha)
        idle = keras.Sequential(
            [
                keras.Input(shape),
                keras.layers.Lambda(lambda x: keras.ops.cast(x[:, 0, 0], "float32")),
                keras.layers.Dense(3, "sigmoid"),
            ]
        )
        print(f"{len(records):,} images of {size} x {size}, alpha {options.alpha}, "
              f"{keras.backend.backend()}")  # fmt: skip
        feeding = costs(idle, packed, pixels, targets, 3 * options.rounds)
        stepping = costs(model, packed, pixels, targets, options.rounds)
        say(feeding, stepping)


class Clock(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:  # noqa: ARG002 - Keras's signature
        self.began = time.process_time()
        self.times = [time.perf_counter()]

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002 - as above
        self.times.append(time.perf_counter())
        self.processor = time.process_time() - self.began

    def spent(self) -> tuple[float, ...]:
        """Return what a step took, in the order of ``MEASURES``."""
        steps = np.diff(self.times)
        return steps.mean(), statistics.median(steps), self.processor / len(steps)


def costs(model: Any, packed: Any, pixels: Any, targets: Any, rounds: int) -> Costs:
    """Return the seconds of every round, by measure, for the array and for the pack."""
    model.compile("adam", "binary_crossentropy")
    clock = Clock()
    given = {"verbose": 0, "callbacks": [clock]}

    def array(_: int) -> tuple[float, ...]:
        model.fit(pixels, targets, batch_size=32, shuffle=True, **given)
        return clock.spent()

    def pack(_: int) -> tuple[float, ...]:
        model.fit(packed, shuffle=False, **given)
        return clock.spent()

    fits = {"array": array, "pack": pack}
    take_turns(fits, 1)  # compiles
    spent = take_turns(fits, rounds)
    return {
        measure: {name: [cost[i] for cost in costs] for name, costs in spent.items()}
        for i, measure in enumerate(MEASURES)
    }


def say(feeding: Costs, stepping: Costs) -> None:
    print(
        "| by | speed of the pack, array = 1: median, 95 % interval (range) | feeding, of a step |"
    )
    print("|---|---|---|")
    for measure in MEASURES:
        array, pack = stepping[measure]["array"], stepping[measure]["pack"]
        ratios = [a / p for a, p in zip(array, pack, strict=True)]
        low, high = interval(ratios)
        idle = feeding[measure]
        more = [p - a for a, p in zip(idle["array"], idle["pack"], strict=True)]
        step = statistics.median(array)
        least, most = (100 * each / step for each in interval(more))
        print(
            f"| {measure} | {statistics.median(ratios):.3f}, {low:.3f} to {high:.3f} "
            f"({min(ratios):.3f} to {max(ratios):.3f}) | {100 * statistics.median(more) / step:.2f} %, "
            f"{least:.2f} to {most:.2f} % |"
        )


def interval(values: list[float]) -> tuple[float, float]:
    """Return the median's interval by ranks (Conover, 3.2), at 95 % at the least from 6 values on."""
    below = max(0, int(binom.ppf(0.025, len(values), 0.5)) - 1)
    ranked = sorted(values)
    return ranked[below], ranked[-1 - below]


if __name__ == "__main__":
    main()
