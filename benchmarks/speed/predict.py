"""Scores a second: engines side by side, and files to CSV beside torchxrayvision, in one run.

    python benchmarks/speed/predict.py --images DIR [--files 100 1000] [--rounds 3] [--peer-python PYTHON]
        [--many 100000] [--output FILE.json]

The network alone: each engine is a process of its own that holds the same `mobilenet_cxr` of 224 pixels
and the same pixels; they take turns in every round. Its weights are those of `nih-mini`: an untrained
MobileNet's signals fade to numbers so small that some engines compute them slowly. Files to CSV: whole
commands, start-up and all, over the same files, linked from DIR until there are as many as each number
asks for; `--peer-python` is a Python with torchxrayvision (see `torchxrayvision_peer.py`). `--many`,
alone, scores that many links with a small network and prints how much memory the last nine tenths took.
Without OpenVINO's extra its rows are left out.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from ratios import ABSENT, LARGER, Part, Table, options_of, ratio, say
from rounds import Contender, Cost, Worker, command, linked, peak_mib, serve, take_turns

SIZE, BATCH, IMAGES = 224, 32, 64
OPENVINO = "OpenVINO engine, model of Keras's OpenVINO backend"
ENGINES = {  # name: (Keras backend, what computes)
    "TensorFlow, model.predict": ("tensorflow", "predict"),
    "TensorFlow, BatchNorm folded": ("tensorflow", "keras"),
    "PyTorch, model.predict": ("torch", "predict"),
    "PyTorch, BatchNorm folded": ("torch", "folded"),
    "JAX, model.predict": ("jax", "predict"),
    "JAX, BatchNorm folded": ("jax", "folded"),
    "Keras's OpenVINO backend, model.predict": ("openvino", "predict"),
    OPENVINO: ("openvino", "openvino"),
    "OpenVINO engine, model of TensorFlow": ("tensorflow", "openvino"),
    "OpenVINO engine, model of PyTorch": ("torch", "openvino"),
    "OpenVINO engine, BatchNorm folded before": ("tensorflow", "openvino folded"),
}
REFERENCE = "TensorFlow, model.predict"
FILES = {"cxrzoo predict, openvino": "openvino", "cxrzoo predict, keras": "keras"}
PEER = "torchxrayvision, DenseNet121"
AIMS = {(OPENVINO, REFERENCE): 1.2, ("cxrzoo predict, openvino", PEER): 8.0}
Costs = dict[str, list[Cost]]


def main() -> None:
    parser = options_of(__doc__, rounds=3, peer=True)
    parser.add_argument("--images", type=Path)
    parser.add_argument("--files", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--many", type=int, default=0)
    parser.add_argument("--backends", default="tensorflow,torch,openvino")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--through", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve({"predict": predicting(options.serve)})
    if options.through:
        return through(Path(options.through[0]), int(options.through[1]))
    if options.many:
        with tempfile.TemporaryDirectory() as scratch:
            return memory(options, Path(scratch))
    return say(measured(options), options.output)


def measured(options: argparse.Namespace) -> Part:
    """Time the engines alone and, where there are images, whole commands over files."""
    left_out = []
    if not find_spec("openvino"):
        left_out.append("OpenVINO, which is not installed.")
    if not options.peer_python:
        left_out.append(ABSENT)
    tables = [table("network alone", network(options), REFERENCE)]
    work, notes = f"Scores of `mobilenet_cxr` of {SIZE} pixels for {IMAGES} images in memory", []
    if options.images:
        work += ", and for files from the command's start to the written CSV"
        for n in options.files:
            with tempfile.TemporaryDirectory() as scratch:
                costs = commands(options, Path(scratch), n)
            reference = PEER if PEER in costs else "cxrzoo predict, keras"
            tables.append(table(f"{n:,} files to CSV", costs, reference))
            for name, found in costs.items():
                busy = statistics.median(cost.processor / cost.wall for cost in found)
                notes.append(
                    f"{name}, {n:,} files: {busy:.2f} of {os.cpu_count()} processors busy."
                )
        if options.peer_python:
            notes.append(LARGER)
    return Part(f"{work}.", options.rounds, tuple(tables), tuple(notes), tuple(left_out))


def network(options: argparse.Namespace) -> Costs:
    wanted = options.backends.split(",")
    workers = {}
    for name, (backend, engine) in ENGINES.items():
        needed = {backend, "openvino"} if "openvino" in engine else {backend}
        if backend in wanted and all(map(find_spec, needed)):
            workers[name] = Worker(
                [sys.executable, __file__, "--serve", engine],
                {**os.environ, "KERAS_BACKEND": backend},
            )
    costs = take_turns(
        {name: worker.turn("predict") for name, worker in workers.items()}, options.rounds
    )
    for worker in workers.values():
        worker.end()
    return costs


def predicting(engine: str) -> Callable[[int], Any]:
    """Return what computes the same images once, on the Keras backend of the environment."""
    import cxrzoo  # noqa: PLC0415 - the parent needs none of it
    from cxrzoo.inference.choice import engine_here  # noqa: PLC0415
    from cxrzoo.inference.engines import make_engine  # noqa: PLC0415
    from cxrzoo.models import fold_batch_norm  # noqa: PLC0415

    pixels = np.random.default_rng(0).integers(0, 256, (IMAGES, SIZE, SIZE, 1)).astype(np.uint8)
    model = cxrzoo.mobilenet_cxr(input_shape=(SIZE, SIZE, 1), weights="nih-mini")
    if engine.endswith("folded"):
        model = fold_batch_norm(model)
    if engine in ("predict", "folded"):
        work = lambda _: model.predict(pixels, batch_size=BATCH, verbose=0)  # noqa: E731
    else:
        compute = make_engine(model, engine_here(engine.split(maxsplit=1)[0], IMAGES))
        work = lambda _: [compute(pixels[i : i + BATCH]) for i in range(0, IMAGES, BATCH)]  # noqa: E731
    work(0)  # compiles
    return work


def commands(options: argparse.Namespace, scratch: Path, n: int) -> Costs:
    files = linked(sorted(options.images.glob("*.png")), scratch / "images", n)
    model = scratch / "model"
    built = f"cxrzoo.mobilenet_cxr(input_shape={(SIZE, SIZE, 1)}, weights='nih-mini')"
    make = f"import cxrzoo; cxrzoo.save_pretrained({built}, {str(model)!r})"
    subprocess.run([sys.executable, "-c", make], check=True)
    # The command chooses its backend itself where none is asked for.
    unasked = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    calls: dict[str, Contender] = {
        name: command(
            [
                *(sys.executable, "-m", "cxrzoo.cli", "predict", str(scratch / "images")),
                *("--model", str(model), "--engine", engine),
                *("--output", str(scratch / "scores.csv")),
            ],
            unasked,
        )
        for name, engine in FILES.items()
        if engine != "openvino" or find_spec("openvino")
    }
    if options.peer_python:
        script = Path(__file__).with_name("torchxrayvision_peer.py")
        peer = [options.peer_python, str(script), "predict", str(scratch / "peer.csv")]
        calls[PEER] = command([*peer, *map(str, files)])
    return take_turns(calls, options.rounds)


def memory(options: argparse.Namespace, scratch: Path) -> None:
    folder = scratch / "many"
    linked(sorted(options.images.glob("*.png")), folder, options.many)
    done = subprocess.run(
        [sys.executable, __file__, "--through", str(folder), str(options.many)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    tenth, whole = map(float, done.stdout.split()[-2:])
    print(
        f"most memory after a tenth of {options.many:,} files {tenth:.0f} MiB, after all {whole:.0f}"
    )


def through(folder: Path, n: int) -> None:
    """Score a folder, and print what memory it took at a tenth of the way and at the end."""
    import cxrzoo  # noqa: PLC0415 - the parent needs none of it
    from cxrzoo.inference import expand_paths, predict_files  # noqa: PLC0415

    model = cxrzoo.cnn_test1(input_shape=(32, 32, 1), filters=(2, 2), hidden_units=4)
    seen = []

    def note(done: int) -> None:
        if not seen and done >= n / 10:
            seen.append(peak_mib())

    predict_files(model, expand_paths([folder]), on_batch=note)
    print(*seen, peak_mib())


def table(title: str, costs: Costs, reference: str) -> Table:
    others = [name for name in costs if name != reference]
    rows = (ratio(costs, name, reference, AIMS.get((name, reference))) for name in others)
    return Table(title, tuple(rows))


if __name__ == "__main__":
    main()
