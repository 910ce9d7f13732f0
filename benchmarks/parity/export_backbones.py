"""Each builder of the zoo in every export format: does the format's own runtime give the same scores?

    python benchmarks/parity/export_backbones.py [--only NAME ...] [--again] [--write]

Each network has random weights, BatchNorm statistics of the X-rays that reach it (others would let
nothing of an image through) and a small input (64 pixels, or the next whole number of patches), and is
written from TensorFlow in all four formats and from PyTorch as ONNX and OpenVINO, one process a network
and backend. `export_model` runs what was written on real X-rays of the embedded sample. The largest
differences of scores are kept in `results/export_backbones.json`, after each network; one that is there,
of the same versions, is left out unless `--again`. `--write` puts the table into
`docs/guides/export.md`. The extras onnx, openvino and litert and PyTorch must be installed.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from cxrzoo.data import load_sample
from cxrzoo.files import write_whole
from cxrzoo.images import read_image
from cxrzoo.zoo import listed_builder, listed_builders

sys.path.append(str(Path(__file__).parents[1] / "accuracy"))
sys.path.append(str(Path(__file__).parents[1] / "speed"))
from batch_norm import batch_norms, settle_batch_norm
from machine import versions

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "export_backbones.json"
PAGE = ROOT / "docs" / "guides" / "export.md"
BEGIN, END = "<!-- export_backbones.py begins -->", "<!-- export_backbones.py ends -->"
FORMATS = {
    "tensorflow": ("onnx", "openvino", "litert", "tf_saved_model"),
    "torch": ("onnx", "openvino"),
}
SUFFIXES = {"onnx": ".onnx", "openvino": ".xml", "litert": ".tflite", "tf_saved_model": ""}
PACKAGES = (*("keras", "tensorflow", "torch", "onnx", "onnxruntime", "tf2onnx"),
            *("openvino", "ai-edge-litert"))  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=listed_builders(), metavar="NAME")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--one", metavar="NAME", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(exported(options.one)))
        return
    found = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    kept = found["builders"] if found.get("versions") == versions(PACKAGES) else {}
    for name in options.only or listed_builders():
        if name in kept and not options.again:
            continue
        kept[name] = {backend: in_process(name, backend) for backend in FORMATS}
        builders = {one: kept[one] for one in sorted(kept)}
        whole = {"versions": versions(PACKAGES), "builders": builders}
        write_whole(RESULTS, json.dumps(whole, indent=1) + "\n")
        print(f"{name}: {json.dumps(kept[name])}", flush=True)
    if options.write:
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n{markdown(kept)}\n{END}{after}", encoding="utf-8")


def in_process(name: str, backend: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, __file__, "--one", name],
        env={**os.environ, "KERAS_BACKEND": backend},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def exported(name: str) -> dict[str, Any]:
    """Return the largest difference of a score by format, or why there is none."""
    import keras  # noqa: PLC0415 - in a process of its own

    import cxrzoo  # noqa: PLC0415 - as above

    keras.utils.set_random_seed(0)
    stride = listed_builder(name).feature_maps[-1].stride
    side = -(-64 // stride) * stride
    model = cxrzoo.create_model(name, input_shape=(side, side, 1), classifier_activation="sigmoid")
    pixels = sample_pixels(side)
    bring_to_life(model, pixels)
    scores = model.predict(pixels, verbose=0)
    found: dict[str, Any] = {"range_of_scores": float(np.ptp(scores, axis=0).max())}
    with tempfile.TemporaryDirectory() as folder:
        for form in FORMATS[keras.backend.backend()]:
            try:
                path = Path(folder) / f"model{SUFFIXES[form]}"
                found[form] = cxrzoo.export_model(model, path, format=form).difference
            except cxrzoo.errors.CxrZooError as error:
                found[form] = re.sub(
                    r"/\S*/site-packages/", "", str(error).replace(f"{folder}/", "")
                )  # no path of this machine
    return found


def sample_pixels(side: int) -> np.ndarray:
    paths = load_sample().images[:16]
    return np.stack([read_image(path, (side, side), 1, "stretch") for path in paths])


def bring_to_life(model: Any, pixels: np.ndarray) -> None:
    """Give every BatchNorm scales and shifts of its own, and the statistics of what reaches it."""
    random = np.random.default_rng(0)
    for layer in batch_norms(model):
        if layer.scale:
            layer.gamma.assign(random.uniform(0.5, 1.5, layer.gamma.shape))
        if layer.center:
            layer.beta.assign(random.normal(0, 0.5, layer.beta.shape))
    settle_batch_norm(model, [pixels.astype("float32")])


def markdown(kept: dict[str, dict[str, Any]]) -> str:
    columns = [(form, backend) for backend, forms in FORMATS.items() for form in forms]
    lines = [
        "| | " + " | ".join(f"`{form}`, {backend}" for form, backend in columns) + " |",
        "| --- |" + " --- |" * len(columns),
    ]
    for name, cells in kept.items():
        shown = [cells[backend][form] for form, backend in columns]
        texts = [f"{one:.1e}" if isinstance(one, float) else "no" for one in shown]
        lines.append(f"| `{name}` | " + " | ".join(texts) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
