"""How far a converted network is from the publisher's own class, on real X-rays.

    python benchmarks/parity/convert_parity.py [--images 64]

torchxrayvision's and torchvision's own DenseNet121, with random weights and random BatchNorm statistics,
are saved by PyTorch in three layouts: a whole module as a zip, the same as a legacy stream, and a state
dict. `cxrzoo convert` converts each in a process in which PyTorch cannot be imported. TensorFlow, JAX and
PyTorch then load what was written and score X-rays of the embedded sample; both sides see the same
pixels. The scores and logits of the publisher's class are computed in float64, and in float32 for
comparison. Needs JAX and what `speed/peer_torchxrayvision.py` lists; writes
`results/convert_parity.json` and prints the table.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cxrzoo.data import load_sample
from cxrzoo.images import read_image

sys.path.append(str(Path(__file__).parents[1] / "speed"))
from machine import machine, versions
from peer_torchxrayvision import torch, torchvision, xrv

RESULTS = Path(__file__).parents[1] / "results" / "convert_parity.json"
BACKENDS = ("tensorflow", "jax", "torch")
PACKAGES = ("torchxrayvision", "torchvision", "torch", "keras", "tensorflow", "jax", "numpy")
WITHOUT_TORCH = """
import sys
class NoTorch:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, NoTorch())
from cxrzoo.cli import main
main(sys.argv[1:])
"""
LOADED = """
import sys
import cxrzoo, numpy
folder, images, output = sys.argv[1:]
pixels = numpy.load(images)
model = cxrzoo.from_pretrained(folder, verify=True)
linear = cxrzoo.create_model(model.cxrzoo.builder, weights=folder, classifier_activation=None)
found = {"scores": model, "logits": linear}
numpy.savez(output, **{name: one.predict(pixels, batch_size=8, verbose=0) for name, one in found.items()})
"""
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

Outputs = Mapping[str, np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=64)
    n = parser.parse_args().images
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in ("torchxrayvision", "torchvision"):
            rows += list(compared(name, Path(folder), n))
    found = {"machine": machine(), "versions": versions(PACKAGES), "images": n, "rows": rows}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(markdown(found))


def compared(name: str, folder: Path, n: int) -> Iterator[dict[str, Any]]:
    """Give the rows of one publisher."""
    net, channels, options = peer(name)
    paths = load_sample().images[:n]
    pixels = np.stack([read_image(path, (224, 224), channels, "stretch") for path in paths])
    np.save(folder / "pixels.npy", pixels)
    spread_logits(net, outputs(net, pixels[:8], name)["logits"])
    theirs = outputs(net.double(), pixels, name)
    single = outputs(net.float(), pixels, name)
    yield row(name, "PyTorch in float32", theirs, single)
    converted = [convert(net, layout, folder, options) for layout in ("state", "zip", "legacy")]
    tensors = [(one / "model.safetensors").read_bytes() for one in converted]
    if any(one != tensors[0] for one in tensors):
        raise SystemExit(f"{name}: the layouts lead to different tensors")
    for backend in BACKENDS:
        arguments = (converted[0], folder / "pixels.npy", folder / "outputs.npz")
        run(LOADED, *arguments, KERAS_BACKEND=backend)
        with np.load(folder / "outputs.npz") as ours:
            yield row(name, f"converted, on {backend}", theirs, ours)


def row(name: str, what: str, theirs: Outputs, ours: Outputs) -> dict[str, Any]:
    largest = {kind: float(np.abs(ours[kind] - theirs[kind]).max()) for kind in theirs}
    return {
        "network": name,
        "what": what,
        "scores": largest["scores"],
        "logits": largest["logits"],
        "largest_logit": float(np.abs(theirs["logits"]).max()),
        "deviation_of_logits": float(theirs["logits"].std(axis=0).mean()),
    }


def peer(name: str) -> tuple[Any, int, list[str]]:
    """Return a publisher's network, its channels, and the command's options for it."""
    torch.manual_seed(0)
    if name == "torchxrayvision":
        net, channels, labels = xrv.models.DenseNet(num_classes=18, in_channels=1), 1, 18
        options = ["--scaling", "torchxrayvision"]
    else:
        net, channels, labels = torchvision.models.densenet121(num_classes=14), 3, 14
        options = ["--mean", ",".join(map(str, MEAN)), "--std", ",".join(map(str, DEVIATION))]
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.5)
            module.running_var.uniform_(0.5, 2)
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.5)
    listed = ",".join(f"label {i}" for i in range(labels))
    return net.eval(), channels, ["--labels", listed, *options]


def spread_logits(net: Any, logits: np.ndarray) -> None:
    """Scale and shift the classifier so that an output's logits have about mean 0 and deviation 2.

    So the scores are neither all alike nor all 0 or 1.
    """
    factor = torch.from_numpy(2 / logits.std(axis=0)).float()
    middle = torch.from_numpy(logits.mean(axis=0)).float()
    with torch.no_grad():
        net.classifier.weight *= factor[:, None]
        net.classifier.bias.copy_((net.classifier.bias - middle) * factor)


def outputs(net: Any, pixels: np.ndarray, name: str) -> Outputs:
    """Return the publisher's scores and logits of pixels (n, 224, 224, channels), scaled its way."""
    dtype = next(net.parameters()).dtype
    images = torch.from_numpy(pixels.transpose(0, 3, 1, 2).copy()).to(dtype)
    if name == "torchxrayvision":
        images = (2 * (images / 255) - 1) * 1024  # its datasets.normalize
    else:
        images = torchvision.transforms.functional.normalize(images / 255, MEAN, DEVIATION)
    with torch.no_grad():
        logits = torch.cat([net(batch) for batch in images.split(8)])
    return {"logits": logits.numpy(), "scores": torch.sigmoid(logits).numpy()}


def convert(net: Any, layout: str, folder: Path, options: list[str]) -> Path:
    """Save a network in a layout and convert it by the command, without PyTorch."""
    path = folder / f"{layout}.pt"
    saved = net.state_dict() if layout == "state" else net
    torch.save(saved, path, _use_new_zipfile_serialization=layout != "legacy")
    target = folder / layout
    arguments = ("convert", path, "--as", "densenet121_cxr", "--output", target, *options)
    run(WITHOUT_TORCH, *arguments, KERAS_BACKEND="tensorflow")
    return target


def run(program: str, *arguments: Any, **environment: str) -> None:
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *map(str, arguments)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def markdown(found: Mapping[str, Any]) -> str:
    lines = [
        "| network | what | scores | logits | largest logit | deviation of logits |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one['network']} | {one['what']} | {one['scores']:.1e} | {one['logits']:.1e} | "
        f"{one['largest_logit']:.1f} | {one['deviation_of_logits']:.2f} |"
        for one in found["rows"]
    ]
    names = ", ".join(f"{name} {value}" for name, value in found["versions"].items())
    return "\n".join(
        [*lines, "", f"Largest difference from float64; {found['images']} X-rays; {names}."]
    )


if __name__ == "__main__":
    main()
