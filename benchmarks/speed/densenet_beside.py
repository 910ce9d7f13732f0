"""DenseNet121 on Keras's backends and on OpenVINO beside torchxrayvision's network of the same weights.

    python benchmarks/speed/densenet_beside.py [--rounds 5] [--images 32] [--peer-python PYTHON]

PYTHON, this one unless named, has what `peer_torchxrayvision.py` asks for. It makes torchxrayvision's own
DenseNet121 with random weights and random BatchNorm statistics and saves it; `cxrzoo convert` converts
it. A process each then holds that network in PyTorch, and the converted one in a `cxrzoo.Scorer` on
TensorFlow, JAX, PyTorch and OpenVINO. All score the same X-rays of the embedded sample, 224 pixels, in
turn. It ends with status 1 if scores differ from torchxrayvision's by more than 1e-4. Writes
`results/densenet_beside.json` and prints the table.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from machine import PEER_PACKAGES, machine, versions
from ratios import Table, ratio
from rounds import Worker, serve, take_turns

import cxrzoo
from cxrzoo.files import write_whole

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results" / "densenet_beside.json"
PEER = "torchxrayvision"
NETWORK = "torchxrayvision densenet121"  # of parity/peer_networks.py
ENGINES = {
    "tensorflow": "Keras on TensorFlow",
    "jax": "Keras on JAX",
    "torch": "Keras on PyTorch",
    "openvino": "OpenVINO",
}
BATCH, LABELS, TOLERANCE = 16, 18, 1e-4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--images", type=int, default=32)
    parser.add_argument("--peer-python", default=sys.executable)
    parser.add_argument("--serve", nargs=2, metavar=("ENGINE", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        engine, folder = options.serve[0], Path(options.serve[1])
        (peer if engine == PEER else ours)(folder, engine)
        return
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(measure(Path(folder), options))


def measure(folder: Path, options: argparse.Namespace) -> int:
    paths = cxrzoo.load_sample().images[: options.images]
    read = cxrzoo.images.read_image
    np.save(
        folder / "pixels.npy", np.stack([read(path, (224, 224), 1, "stretch") for path in paths])
    )
    workers = {PEER: worker(options.peer_python, PEER, folder, "torch")}
    convert(folder)
    for engine in ENGINES:
        if find_spec(engine):
            backend = "tensorflow" if engine == "openvino" else engine
            workers[engine] = worker(sys.executable, engine, folder, backend)
    contenders = {name: one.turn("predict") for name, one in workers.items()}
    take_turns(contenders, 1)  # compiles
    costs = take_turns(contenders, options.rounds)
    for one in workers.values():
        one.end()
    scores = {name: np.load(folder / f"{name}.npy") for name in workers}
    differences = {
        name: float(np.abs(found - scores[PEER]).max())
        for name, found in scores.items()
        if name != PEER
    }
    named = {ENGINES.get(name, PEER): found for name, found in costs.items()}
    ratios = tuple(ratio(named, ENGINES[name], PEER) for name in differences)
    found = {
        "machine": machine(),
        "versions": versions((*PEER_PACKAGES, "keras", "tensorflow", "jax", "openvino")),
        "images": len(paths),
        "batch": BATCH,
        "rounds": options.rounds,
        "rows": [
            {
                "engine": one.name,
                "times_as_fast": one.wall.median,
                "range": [one.wall.least, one.wall.most],
                "of_processor_time": one.processor.median,
                "largest_difference_of_scores": difference,
            }
            for one, difference in zip(ratios, differences.values(), strict=True)
        ],
        "range_of_scores": float(np.ptp(scores[PEER], axis=0).min()),
    }
    write_whole(RESULTS, json.dumps(found, indent=1) + "\n")
    print(Table("DenseNet121", ratios).to_markdown())
    print(
        "\n".join(f"{ENGINES[name]}: scores differ by {d:.1e}" for name, d in differences.items())
    )
    return int(max(differences.values()) > TOLERANCE)


def worker(python: str, engine: str, folder: Path, backend: str) -> Worker:
    words = [python, __file__, "--serve", engine, str(folder)]
    return Worker(words, {**os.environ, "KERAS_BACKEND": backend, "CUDA_VISIBLE_DEVICES": "-1"})


def convert(folder: Path) -> None:
    """Convert what the peer has saved, by the command."""
    labels = ",".join(f"label {i}" for i in range(LABELS))
    words = ["convert", str(folder / "state.pt"), "--as", "densenet121_cxr", "--labels", labels]
    words += ["--scaling", "torchxrayvision", "--output", str(folder / "converted")]
    subprocess.run(
        [sys.executable, "-m", "cxrzoo.cli", *words], check=True, stdout=subprocess.DEVNULL
    )


def ours(folder: Path, engine: str) -> None:
    asked = "openvino" if engine == "openvino" else "keras"
    scorer = cxrzoo.Scorer(folder / "converted", engine=asked)
    pixels = np.load(folder / "pixels.npy")
    np.save(folder / f"{engine}.npy", scorer.score(pixels, batch_size=BATCH))
    serve({"predict": lambda _: scorer.score(pixels, batch_size=BATCH)})


def peer(folder: Path, engine: str) -> None:
    sys.path.append(str(Path(__file__).parents[1] / "parity"))
    from convert_parity import drawn, outputs, spread_logits  # noqa: PLC0415 - needs torchxrayvision
    from peer_networks import CASES, torch  # noqa: PLC0415 - as above

    (case,) = (one for one in CASES if one.name == NETWORK)
    pixels = np.load(folder / "pixels.npy")
    net = drawn(case, pixels[:16])
    spread_logits(case.last(net), outputs(case, net, pixels[:8])["logits"])
    torch.save(net.state_dict(), folder / "state.pt")
    # Pixels as it wants them, made once: float32 in [-1024, 1024]
    images = case.scaled(pixels, torch.float32)

    def predict(_: int) -> np.ndarray:
        with torch.inference_mode():
            return np.concatenate([torch.sigmoid(net(one)).numpy() for one in images.split(BATCH)])

    np.save(folder / f"{engine}.npy", predict(0))
    serve({"predict": predict})


if __name__ == "__main__":
    main()
