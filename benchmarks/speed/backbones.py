"""How fast each builder of the zoo scores and trains on a processor, by backend and by OpenVINO.

    python benchmarks/speed/backbones.py [--images 8] [--rounds 3] [--size 224] [--only NAME ...]
        [--backends tensorflow jax torch openvino] [--no-training] [--again]

One process a backend, and one for OpenVINO (`cxrzoo.Scorer`), builds one network after the other; a
process of its own holds `mobilenet_cxr` on TensorFlow. In every round that one scores, and each of the
others scores, and takes one training step, over the same number of images. A speed is the median over
the rounds of how many times as many images a second of processor time that is as `mobilenet_cxr` on
TensorFlow scores: time of all threads, which what else the machine does changes little. A first round,
which compiles, is not counted. `results/backbones.json` is written after each builder, and
one that is there, measured in the same way, is left out unless `--again`; `tests/generate.py` puts the
speeds on the page on models.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from machine import machine, versions
from ratios import spread
from rounds import Contender, Worker, serve, take_turns

from cxrzoo.files import write_whole
from cxrzoo.zoo import listed_builders

RESULTS = Path(__file__).parents[1] / "results" / "backbones.json"
ENGINES = ("tensorflow", "jax", "torch", "openvino")
REFERENCE = "mobilenet_cxr"
# Threads that wait take no processor time.
FIXED = {"CUDA_VISIBLE_DEVICES": "-1", "OMP_WAIT_POLICY": "PASSIVE"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--only", nargs="+", choices=listed_builders(), metavar="NAME")
    parser.add_argument("--backends", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--no-training", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--serve", choices=ENGINES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(Works(options))
    else:
        measure(options)


def measure(options: argparse.Namespace) -> None:
    settings = {name: getattr(options, name) for name in ("images", "rounds", "size")}
    place = {"machine": machine(), "versions": versions(), "time": "processor", **settings}
    found = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    same = all(found.get(name) == place[name] for name in place)
    kept = found["builders"] if same and not (options.again and not options.only) else {}
    wanted = options.only or list(listed_builders())
    waiting = [name for name in wanted if options.again or name not in kept]
    if not waiting:
        return
    workers = {engine: Engine(engine, options) for engine in options.backends if installed(engine)}
    reference = Engine("tensorflow", options)
    for name in waiting:
        start = time.perf_counter()
        kept[name] = measured(name, workers, reference, options)
        builders = {one: kept[one] for one in sorted(kept)}
        write_whole(RESULTS, json.dumps({**place, "builders": builders}, indent=1) + "\n")
        print(f"{name}: {line(kept[name])}; {time.perf_counter() - start:.0f} s", flush=True)
        for worker in workers.values():  # which would keep the memory of every network
            worker.end()
            worker.restart()
    for worker in [*workers.values(), reference]:
        worker.end()


def installed(engine: str) -> bool:
    found = find_spec(engine) is not None
    if not found:
        print(f"{engine} is not installed, and left out", flush=True)
    return found


def measured(
    name: str, workers: dict[str, "Engine"], reference: "Engine", options: argparse.Namespace
) -> dict[str, Any]:
    """Return the speeds of one builder, their ranges, and what an engine could not do."""
    found: dict[str, Any] = {"on": datetime.now(UTC).date().isoformat(), "predict": {}, "train": {}}
    found |= {"range": {}, "failed": []}
    against = reference.turn("predict", REFERENCE)
    for engine, worker in workers.items():
        works = ["predict"] + ["train"] * (engine != "openvino" and not options.no_training)
        contenders = {work: worker.turn(work, name) for work in works}
        try:
            take_turns({"reference": against, **contenders}, 1)  # builds and compiles
            costs = take_turns({"reference": against, **contenders}, options.rounds)
        except SystemExit as error:
            found["failed"].append(f"{engine}: {error}")
            worker.restart()
            continue
        for work in works:
            pairs = zip(costs["reference"], costs[work], strict=True)
            times = spread([one.processor / other.processor for one, other in pairs])
            found[work][engine] = times.median
            found["range"][f"{work}, {engine}"] = [times.least, times.most]
    return found


def line(found: dict[str, Any]) -> str:
    pieces = [
        f"{work} {engine} {speed:.3g}"
        for work in ("predict", "train")
        for engine, speed in found[work].items()
    ]
    return ", ".join([*pieces, *found["failed"]])


class Engine:
    """A process that works on one backend, started again where it ended."""

    def __init__(self, name: str, options: argparse.Namespace) -> None:
        backend = "tensorflow" if name == "openvino" else name
        self._environment = {**os.environ, **FIXED, "KERAS_BACKEND": backend}
        sizes = ["--images", str(options.images), "--size", str(options.size)]
        self._words = [sys.executable, __file__, *sizes, "--serve", name]
        self.restart()

    def restart(self) -> None:
        self._worker = Worker(self._words, self._environment)

    def turn(self, work: str, name: str) -> Contender:
        return self._worker.turn(f"{work} {name}")

    def end(self) -> None:
        self._worker.end()


class Works(dict[str, Callable[[int], Any]]):
    """Works of a process by ``"predict NAME"`` and ``"train NAME"``: one network is held at a time."""

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__()
        self.options = options
        if options.serve == "torch":
            import torch  # noqa: PLC0415 - where it is the backend

            # A random network's signals fade to numbers so small that they take several times as long;
            # TensorFlow, JAX and OpenVINO take them as 0 by themselves.
            torch.set_flush_denormal(True)

    def __missing__(self, asked: str) -> Callable[[int], Any]:
        name = asked.partition(" ")[2]
        self.clear()
        self.update({f"{work} {name}": call for work, call in self._works(name)})
        return self[asked]

    def _works(self, name: str) -> Iterator[tuple[str, Callable[[int], Any]]]:
        import keras  # noqa: PLC0415 - the parent needs none of it
        import numpy as np  # noqa: PLC0415 - as above

        import cxrzoo  # noqa: PLC0415 - as above

        keras.utils.clear_session()
        n, size = self.options.images, self.options.size
        model = cxrzoo.create_model(
            name, input_shape=(size, size, 1), classifier_activation="sigmoid"
        )
        random = np.random.default_rng(0)
        x = random.integers(0, 256, (n, size, size, 1)).astype(np.uint8)
        y = random.integers(0, 2, (n, len(model.cxrzoo.labels))).astype(np.float32)
        if self.options.serve == "openvino":
            scorer = cxrzoo.Scorer(model, engine="openvino")
            yield "predict", lambda _: scorer.score(x, batch_size=n)
            return
        model.compile("adam", "binary_crossentropy")
        yield "predict", lambda _: model.predict(x, batch_size=n, verbose=0)
        yield "train", lambda _: model.train_on_batch(x, y)


if __name__ == "__main__":
    main()
