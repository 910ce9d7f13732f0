"""How far heat maps are from those of grad-cam and captum, and how fast both are, in one run.

    python benchmarks/parity/heatmap_parity.py [--images 8]

A DenseNet121 of torchvision with random weights is converted by `cxrzoo.convert_file`. grad-cam computes
Grad-CAM, Grad-CAM++ and LayerCAM of it, captum integrated gradients and occlusion, on real X-rays of the
embedded sample; TensorFlow, JAX and PyTorch compute ours. Differences are of maps divided by their
highest value, before they are laid on a picture. Images a second are of one label, on the same network
and processors, grad-cam's with its scaling to the picture and ours with `heatmaps[i]`; once also of all
14 labels, which grad-cam computes one after the other. Needs JAX, torchvision, grad-cam, ttach and captum
(all with --no-deps); writes `results/heatmap_parity.json`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from cxrzoo import convert_file, save_pretrained
from cxrzoo.data import load_sample
from cxrzoo.images import read_image

sys.path.append(str(Path(__file__).parents[1] / "speed"))
from torchvision_without_cuda import torch  # isort: skip - before torchvision
import torchvision
from captum.attr import IntegratedGradients, Occlusion
from machine import machine, versions
from pytorch_grad_cam import GradCAM, GradCAMPlusPlus, LayerCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

RESULTS = Path(__file__).parents[1] / "results" / "heatmap_parity.json"
PACKAGES = ("grad-cam", "captum", "torchvision", "torch", "keras", "tensorflow", "jax", "numpy")
BACKENDS = ("tensorflow", "jax", "torch")
SIDE, STEPS, WINDOW, LABEL, LABELS = 128, 16, 32, 3, 14
CAMS = {"grad-cam": GradCAM, "grad-cam++": GradCAMPlusPlus, "layer-cam": LayerCAM}
EVERY = "grad-cam of every label"
METHODS = (*CAMS, "integrated-gradients", "occlusion")
OURS = """
import json, sys, time
import cxrzoo, keras, numpy
from cxrzoo.heatmaps import Explainer
from cxrzoo.heatmaps.occlusion import occlusion
folder, steps, window, label = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
pixels = numpy.load(folder + "/pixels.npy")
model = cxrzoo.from_pretrained(folder + "/model")
found, rates = {}, {}
for method in ("grad-cam", "grad-cam++", "layer-cam", "integrated-gradients", "occlusion"):
    opened = Explainer(model, method, labels=[label], stride=32, steps=steps, window=window,
        engine="keras")
    maps = opened.explain(pixels)
    found[method] = maps.values[:, 0]
    took = []
    for _ in range(3 if method in ("grad-cam", "grad-cam++", "layer-cam") else 1):
        start = time.perf_counter()
        maps = opened.explain(pixels)
        [maps[i] for i in range(len(maps))]
        took.append(time.perf_counter() - start)
    rates[method] = len(pixels) / min(took)
if keras.backend.backend() == "tensorflow":
    opened = Explainer(model, "occlusion", labels=[label], window=window, engine="openvino")
    found["occlusion, OpenVINO"] = opened.explain(pixels).values[:, 0]
    start = time.perf_counter()
    opened.explain(pixels)
    rates["occlusion, OpenVINO"] = len(pixels) / (time.perf_counter() - start)
opened, took = Explainer(model, "grad-cam"), []
for _ in range(4):
    start = time.perf_counter()
    maps = opened.explain(pixels)
    [maps[i] for i in range(len(maps))]
    took.append(time.perf_counter() - start)
rates["grad-cam of every label"] = len(pixels) / min(took[1:])
numpy.savez(folder + "/ours.npz", **found)
print(json.dumps(rates))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=8)
    n = parser.parse_args().images
    torch.manual_seed(0)
    torch.set_num_threads(os.cpu_count())
    peer = torchvision.models.densenet121(weights=None, num_classes=LABELS).eval()
    pixels = np.stack([read_image(path, SIDE, 3) for path in load_sample().images[:n]])
    _settle(peer, pixels)
    with tempfile.TemporaryDirectory() as folder:
        torch.save(peer.state_dict(), f"{folder}/peer.pth")
        labels = [f"label {i}" for i in range(LABELS)]
        model = convert_file(
            f"{folder}/peer.pth", "densenet121_cxr", labels=labels, input_size=SIDE
        )
        save_pretrained(model, f"{folder}/model")
        np.save(f"{folder}/pixels.npy", pixels)
        theirs, peer_rates = _theirs(peer, pixels)
        ours, rates = {}, {}
        for backend in BACKENDS:
            done = subprocess.run(
                [sys.executable, "-c", OURS, folder, str(STEPS), str(WINDOW), labels[LABEL]],
                env={**os.environ, "KERAS_BACKEND": backend},
                capture_output=True,
                text=True,
                check=True,
            )
            rates[backend] = json.loads(done.stdout.splitlines()[-1])
            with np.load(f"{folder}/ours.npz") as held:
                ours[backend] = {name: held[name] for name in held.files}
    rows = [
        {
            "method": method,
            "backend": backend,
            "difference": _apart(ours[backend][method], theirs[method]),
            "correlation": _alike(ours[backend][method], theirs[method]),
            "beside tensorflow": _apart(ours[backend][method], ours["tensorflow"][method]),
            "images a second": rates[backend][method],
            "of the peer's": rates[backend][method] / peer_rates[method],
        }
        for method in METHODS
        for backend in BACKENDS
    ]
    fast = "occlusion, OpenVINO"
    rows.append(
        {
            "method": "occlusion",
            "backend": "OpenVINO",
            "difference": _apart(ours["tensorflow"][fast], theirs["occlusion"]),
            "correlation": _alike(ours["tensorflow"][fast], theirs["occlusion"]),
            "beside tensorflow": _apart(ours["tensorflow"][fast], ours["tensorflow"]["occlusion"]),
            "images a second": rates["tensorflow"][fast],
            "of the peer's": rates["tensorflow"][fast] / peer_rates["occlusion"],
        }
    )
    every = {name: rates[name][EVERY] / peer_rates[EVERY] for name in BACKENDS}
    result = {
        "machine": machine(),
        "versions": versions(PACKAGES),
        "network": f"DenseNet121, random weights, {SIDE} x {SIDE}",
        "images": n,
        "peer's images a second": peer_rates,
        "labels": LABELS,
        "grad-cam of every label, of the peer's": every,
        "rows": rows,
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(every)
    for row in rows:
        print("  ".join(f"{v:.3g}" if isinstance(v, float) else str(v) for v in row.values()))


def _settle(peer, pixels) -> None:
    """Give each BatchNorm the statistics of these images, so that they differ in what comes out."""
    norms = [one for one in peer.modules() if isinstance(one, torch.nn.BatchNorm2d)]
    for one in norms:
        one.momentum = 1.0
    peer.train()
    with torch.no_grad():
        peer(_scaled(pixels))
    peer.eval()


def _scaled(pixels):
    """Return pixels as torchvision's networks take them."""
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    scaled = (pixels / 255 - mean) / deviation
    return torch.tensor(scaled.transpose(0, 3, 1, 2), dtype=torch.float32)


def _theirs(peer, pixels):
    """Return the peers' maps ``(n, h, w)`` by method, and their images a second."""
    x, found, rates = _scaled(pixels), {}, {}
    targets = [ClassifierOutputTarget(LABEL)] * len(x)
    for name, kind in CAMS.items():
        # What the head averages: torchvision's last ReLU comes after its features.
        head = _AfterFeatures(peer)
        cam = kind(model=head, target_layers=[head.relu])
        cam(input_tensor=x, targets=targets)
        took = []
        for _ in range(3):
            start = time.perf_counter()
            cam(input_tensor=x, targets=targets)
            took.append(time.perf_counter() - start)
        rates[name] = len(x) / min(took)
        if name == "grad-cam":
            start = time.perf_counter()
            for label in range(LABELS):
                cam(input_tensor=x, targets=[ClassifierOutputTarget(label)] * len(x))
            rates[EVERY] = len(x) / (time.perf_counter() - start)
            cam(input_tensor=x, targets=targets)
        maps, slopes = (
            one[-1]
            for one in (cam.activations_and_grads.activations, cam.activations_and_grads.gradients)
        )
        found[name] = np.maximum(
            cam.get_cam_image(
                x, head.relu, targets, maps.numpy(), slopes.numpy(), eigen_smooth=False
            ),
            0,
        )
    start = time.perf_counter()
    black = _scaled(np.zeros_like(pixels))
    added = IntegratedGradients(peer).attribute(
        x, black, target=LABEL, n_steps=STEPS, method="riemann_middle", internal_batch_size=len(x)
    )
    rates["integrated-gradients"] = len(x) / (time.perf_counter() - start)
    found["integrated-gradients"] = np.maximum(added.detach().sum(1).numpy(), 0)
    grey = np.stack([np.full_like(one, round(float(one.mean()))) for one in pixels])
    start = time.perf_counter()
    with torch.no_grad():
        fallen = Occlusion(lambda given: torch.sigmoid(peer(given))).attribute(
            x,
            sliding_window_shapes=(3, WINDOW, WINDOW),
            strides=(3, WINDOW // 2, WINDOW // 2),
            baselines=_scaled(grey),
            target=LABEL,
        )
    rates["occlusion"] = len(x) / (time.perf_counter() - start)
    found["occlusion"] = np.maximum(fallen.mean(1).numpy(), 0)
    return found, rates


class _AfterFeatures(torch.nn.Module):
    """The same network with its last ReLU as a module, which can be looked at."""

    def __init__(self, peer):
        super().__init__()
        self.peer, self.relu = peer, torch.nn.ReLU()

    def forward(self, x):
        maps = self.relu(self.peer.features(x))
        return self.peer.classifier(maps.mean((2, 3)))


def _apart(one, other) -> float:
    """Return the largest difference of maps, each divided by its highest value."""
    scaled = [maps / np.maximum(maps.max((1, 2), keepdims=True), 1e-30) for maps in (one, other)]
    return float(np.abs(scaled[0] - scaled[1]).max())


def _alike(one, other) -> float:
    """Return the least correlation of two maps of one picture; maps of nothing but 0 have none."""
    pairs = zip(one, other, strict=True)
    kept = [pair for pair in pairs if all(maps.std() > 0 for maps in pair)]
    return min(float(np.corrcoef(a.ravel(), b.ravel())[0, 1]) for a, b in kept)


if __name__ == "__main__":
    main()
