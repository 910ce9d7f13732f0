"""Build, predict and train on each Keras backend, beside plain `keras.applications`, in one run.

    python benchmarks/speed/backends.py build | throughput [--rounds 5] [--images 32] [--size 224]
        [--peer-python PYTHON] [--output FILE.json]

One process a backend holds `mobilenet_cxr` and `keras.applications.MobileNet` with the same layers on
top, and works on both in turn; but for `build` both have the weights of `nih-mini`. `predict` is
`model.predict`, `train` is `fit` over the same images for an epoch; a first round, which compiles, is not
counted. The plain network gets pixels that its caller has scaled, off the clock; `mobilenet_cxr` gets
bytes and scales them itself. torchxrayvision's DenseNet121 has random weights and a process of its own.
"""

import argparse
import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from ratios import ABSENT, LARGER, Part, Ratio, Table, options_of, ratio, say
from rounds import Contender, Worker, serve, take_turns

HERE = Path(__file__).parent
BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
OURS, PLAIN = "mobilenet_cxr", "MobileNet of keras.applications"
PEER = "DenseNet121 of torchxrayvision"
BATCH = 16
WORKS = {"build": ("build",), "throughput": ("predict", "train")}
WORK = {
    "build": "Building a network of {size} x {size} pixels with random weights.",
    "throughput": "Scores for {images} images, and training on them, in batches of "
    f"{BATCH}, by networks of {{size}} x {{size}} pixels.",
}


def main() -> None:
    parser = options_of(__doc__, rounds=5, peer=True)
    parser.add_argument("what", choices=WORKS)
    parser.add_argument("--images", type=int, default=32)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(building(options) if options.what == "build" else computing(options))
    return measure(options)


def measure(options: argparse.Namespace) -> None:
    installed = [backend for backend in BACKENDS if find_spec(backend)]
    sizes = [str(options.images), str(options.size)]
    given = ["--images", sizes[0], "--size", sizes[1]]
    workers = {
        BACKENDS[backend]: Worker(
            [sys.executable, __file__, options.what, *given, "--serve"],
            {**os.environ, "KERAS_BACKEND": backend},
        )
        for backend in installed
    }
    left_out = [
        f"{name}, which is not installed." for name in BACKENDS.values() if name not in workers
    ]
    peer = None
    if options.peer_python:
        peer = Worker(
            [options.peer_python, str(HERE / "torchxrayvision_peer.py"), "network", *sizes]
        )
    else:
        left_out.append(ABSENT)
    tables = tuple(
        Table(work, tuple(compared(work, workers, peer, options.rounds)))
        for work in WORKS[options.what]
    )
    for worker in [*workers.values(), *([peer] if peer else [])]:
        worker.end()
    work = WORK[options.what].format(**vars(options))
    notes = (LARGER,) if peer else ()
    say(Part(work, options.rounds, tables, notes, tuple(left_out)), options.output)


def compared(
    work: str, workers: dict[str, Worker], peer: Worker | None, rounds: int
) -> list[Ratio]:
    contenders: dict[str, Contender] = {}
    for backend, worker in workers.items():
        contenders[f"{OURS}, {backend}"] = worker.turn(f"{work} ours")
        contenders[f"{PLAIN}, {backend}"] = worker.turn(f"{work} plain")
    if peer and work != "train":
        contenders[PEER] = peer.turn(work)
    take_turns(contenders, 1)  # what starts once
    costs = take_turns(contenders, rounds)
    ours = [f"{OURS}, {backend}" for backend in workers]
    pairs = [(name, f"{PLAIN}, {backend}") for name, backend in zip(ours, workers, strict=True)]
    pairs += [(name, ours[0]) for name in ours[1:]]
    pairs += [(name, PEER) for name in ours if PEER in contenders]
    return [ratio(costs, *pair) for pair in pairs]


Works = dict[str, Callable[[int], Any]]


def building(options: argparse.Namespace) -> Works:
    ours, plain = builders(options.size)
    works: Works = {"build ours": lambda _: ours(), "build plain": lambda _: plain()}
    for work in works.values():
        work(0)  # what starts once
    return works


def computing(options: argparse.Namespace) -> Works:
    import numpy as np  # noqa: PLC0415 - the parent needs none of it
    from keras.applications.mobilenet import preprocess_input  # noqa: PLC0415

    random = np.random.default_rng(0)
    shape = (options.images, options.size, options.size, 1)
    pixels = random.integers(0, 256, shape).astype(np.uint8)
    targets = random.integers(0, 2, (options.images, 15)).astype(np.float32)
    works: Works = {}

    def hold(name: str, model: Any, x: np.ndarray) -> None:
        model.compile("adam", "binary_crossentropy")
        works[f"predict {name}"] = lambda _: model.predict(x, batch_size=BATCH, verbose=0)
        works[f"train {name}"] = lambda _: model.fit(
            x, targets, batch_size=BATCH, shuffle=False, verbose=0
        )

    import cxrzoo  # noqa: PLC0415

    # An untrained network's signals fade to numbers so small that PyTorch takes several times as long.
    ours = cxrzoo.mobilenet_cxr(input_shape=shape[1:], weights="nih-mini")
    _, build_plain = builders(options.size)
    plain = build_plain()
    plain.set_weights(ours.get_weights())
    hold("ours", ours, pixels)
    hold("plain", plain, preprocess_input(pixels.astype(np.float32)))
    for work in works.values():
        work(0)  # compiles
    return works


def builders(size: int) -> tuple[Callable[[], Any], Callable[[], Any]]:
    import keras  # noqa: PLC0415 - as above
    from keras import layers  # noqa: PLC0415

    import cxrzoo  # noqa: PLC0415

    def plain() -> keras.Model:
        trunk = keras.applications.MobileNet((size, size, 1), include_top=False, weights=None)
        x = layers.GlobalAveragePooling2D()(trunk.output)
        x = layers.Dropout(0.5)(x)
        x = layers.Dense(512, activation="relu")(x)
        x = layers.Dropout(0.5)(x)
        return keras.Model(trunk.input, layers.Dense(15, activation="sigmoid")(x))

    return lambda: cxrzoo.mobilenet_cxr(input_shape=(size, size, 1)), plain


if __name__ == "__main__":
    main()
