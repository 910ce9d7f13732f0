"""Scores a second: engines side by side, and files to CSV beside torchxrayvision, in one run.

    python benchmarks/predict.py --images DIR [--files 500] [--rounds 3] [--peer-python PYTHON]
        [--many 100000] [--output results.json]

The network alone: each engine is a process of its own that holds the same `mobilenet_cxr` of 224 pixels
and the same pixels; they take turns in every round. Files to CSV: whole commands, start-up and all, over
the same files, linked from DIR until there are as many as asked for; `--peer-python` is a Python with
torchxrayvision (see `torchxrayvision_predict.py`). A ratio is that of two times of one round; what is
printed is the median and the range over the rounds, and beside it the ratio of processor time, which
other work on the machine touches less. `--many`, alone, scores that many links with a small network and
prints how much memory the last nine tenths took. OpenVINO's extra must be installed.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

SIZE, BATCH, IMAGES = 224, 32, 64
ENGINES = {  # name: (Keras backend, what computes)
    "TensorFlow, model.predict": ("tensorflow", "predict"),
    "TensorFlow, BatchNorm folded": ("tensorflow", "keras"),
    "PyTorch, model.predict": ("torch", "predict"),
    "PyTorch, BatchNorm folded": ("torch", "folded"),
    "JAX, model.predict": ("jax", "predict"),
    "JAX, BatchNorm folded": ("jax", "folded"),
    "Keras's OpenVINO backend, model.predict": ("openvino", "predict"),
    "OpenVINO engine": ("tensorflow", "openvino"),
    "OpenVINO engine, BatchNorm folded": ("tensorflow", "openvino folded"),
}
REFERENCE = "TensorFlow, model.predict"
FILES = {"cxrzoo predict, openvino": "openvino", "cxrzoo predict, keras": "keras"}
PEER = "torchxrayvision, DenseNet121"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-python")
    parser.add_argument("--many", type=int, default=0)
    parser.add_argument("--backends", default="tensorflow,openvino")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--through", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(*options.serve)
    if options.through:
        return through(Path(options.through[0]), int(options.through[1]))
    if options.many:
        with tempfile.TemporaryDirectory() as scratch:
            return memory(options, Path(scratch))
    print(f"{os.cpu_count()} processors, {platform.machine()}, mobilenet_cxr of {SIZE} pixels\n")
    found: dict[str, Any] = {
        "network": table("network alone", network(options), REFERENCE, options.rounds)
    }
    if options.images:
        with tempfile.TemporaryDirectory() as scratch:
            times = commands(options, Path(scratch))
            reference = PEER if PEER in times else "cxrzoo predict, keras"
            found["files"] = table(
                f"{options.files} files to CSV", times, reference, options.rounds
            )
    if options.output:
        options.output.write_text(json.dumps(found, indent=2) + "\n")
    return None


def network(options: argparse.Namespace) -> dict[str, list[tuple[float, float]]]:
    """Seconds and processor seconds of each engine in each round."""
    wanted = options.backends.split(",")
    workers = {}
    for name, (backend, engine) in ENGINES.items():
        if backend in wanted:
            workers[name] = subprocess.Popen(
                [sys.executable, __file__, "--serve", backend, engine],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "KERAS_BACKEND": backend},
            )
            assert workers[name].stdout.readline() == "ready\n", name  # noqa: S101 - one at a time
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in workers}
    for number in range(options.rounds):
        for name in list(workers)[:: 1 if number % 2 else -1]:
            print("go", file=workers[name].stdin, flush=True)
            seconds, used = workers[name].stdout.readline().split()
            times[name].append((float(seconds), float(used)))
    for worker in workers.values():
        worker.stdin.close()
        worker.wait()
    return times


def serve(backend: str, engine: str) -> None:
    """Computes the same images once for every line that comes in."""
    del backend  # in the environment
    import cxrzoo  # noqa: PLC0415 - the parent needs none of it
    from cxrzoo.inference.engines import engine_for  # noqa: PLC0415
    from cxrzoo.models import fold_batch_norm  # noqa: PLC0415

    pixels = np.random.default_rng(0).integers(0, 256, (IMAGES, SIZE, SIZE, 1)).astype(np.uint8)
    model = cxrzoo.mobilenet_cxr(input_shape=(SIZE, SIZE, 1))
    if engine.endswith("folded"):
        model = fold_batch_norm(model)
    work: Callable[[], Any]
    if engine in ("predict", "folded"):
        work = lambda: model.predict(pixels, batch_size=BATCH, verbose=0)  # noqa: E731
    else:
        compute = engine_for(model, engine.split(maxsplit=1)[0], IMAGES)
        work = lambda: [compute(pixels[i : i + BATCH]) for i in range(0, IMAGES, BATCH)]  # noqa: E731
    work()
    print("ready", flush=True)
    for _ in sys.stdin:
        start, used = time.perf_counter(), time.process_time()
        work()
        print(time.perf_counter() - start, time.process_time() - used, flush=True)


def commands(options: argparse.Namespace, scratch: Path) -> dict[str, list[tuple[float, float]]]:
    files = linked(options.images, scratch / "images", options.files)
    model = scratch / "model"
    make = f"import cxrzoo; cxrzoo.save_pretrained(cxrzoo.mobilenet_cxr(), {str(model)!r})"
    subprocess.run([sys.executable, "-c", make], check=True)
    calls: dict[str, list[str]] = {
        name: [
            *(sys.executable, "-m", "cxrzoo.cli", "predict", str(scratch / "images")),
            *("--model", str(model), "--engine", engine, "--output", str(scratch / "scores.csv")),
        ]
        for name, engine in FILES.items()
    }
    if options.peer_python:
        script = Path(__file__).with_name("torchxrayvision_predict.py")
        calls[PEER] = [options.peer_python, str(script), str(scratch / "peer.csv"), *files]
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for number in range(options.rounds):
        for name in list(calls)[:: 1 if number % 2 else -1]:
            start, used = time.perf_counter(), children_seconds()
            subprocess.run(calls[name], check=True, stdout=subprocess.DEVNULL)
            times[name].append((time.perf_counter() - start, children_seconds() - used))
    for name, found in times.items():
        busy = statistics.median(used / seconds for seconds, used in found)
        print(f"{name}: {busy:.2f} of {os.cpu_count()} processors busy")
    return times


def memory(options: argparse.Namespace, scratch: Path) -> None:
    folder = scratch / "many"
    linked(options.images, folder, options.many)
    done = subprocess.run(
        [sys.executable, __file__, "--through", str(folder), str(options.many)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    tenth, whole = map(float, done.stdout.split()[-2:])
    print(
        f"most memory after a tenth of {options.many:,} files {tenth:.0f} MiB, after all {whole:.0f}"
    )


def through(folder: Path, n: int) -> None:
    """The command over a folder, with what memory it took at a tenth of the way and at the end."""
    import cxrzoo  # noqa: PLC0415 - the parent needs none of it
    from cxrzoo.inference import expand_paths, predict_files  # noqa: PLC0415

    model = cxrzoo.cnn_test1(input_shape=(32, 32, 1), filters=(2, 2), hidden_units=4)
    seen = []

    def note(done: int) -> None:
        if not seen and done >= n / 10:
            seen.append(most_memory())

    predict_files(model, expand_paths([folder]), on_batch=note)
    print(*seen, most_memory())


def most_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def linked(images: Path, folder: Path, n: int) -> list[str]:
    originals = sorted(images.glob("*.png"))
    folder.mkdir()
    paths = [folder / f"{i:06d}_{originals[i % len(originals)].name}" for i in range(n)]
    for i, path in enumerate(paths):
        path.symlink_to(originals[i % len(originals)].resolve())
    return [str(path) for path in paths]


def children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def table(
    title: str, times: dict[str, list[tuple[float, float]]], reference: str, rounds: int
) -> dict[str, Any]:
    """Prints how many times as fast as the reference each is, and gives it."""
    print(f"\n| {title} | times as fast as {reference} | of processor time |\n| --- | --- | --- |")
    shown = {}
    for name, found in times.items():
        ratios = [
            [base[i] / own[i] for base, own in zip(times[reference], found, strict=True)]
            for i in (0, 1)
        ]
        (wall, used) = (
            {"median": statistics.median(each), "least": min(each), "most": max(each)}
            for each in ratios
        )
        shown[name] = {"wall": wall, "processor": used, "rounds": rounds}
        cells = (f"{one['median']:.2f} ({one['least']:.2f} to {one['most']:.2f})"
                 for one in (wall, used))  # fmt: skip
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    return shown


if __name__ == "__main__":
    main()
