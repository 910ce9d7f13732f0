"""How far EfficientNet-Lite is from timm's own classes, on real X-rays.

    python benchmarks/parity/lite_parity.py [--images 8]

timm's tf_efficientnet_lite0 to 2, with random weights and random BatchNorm statistics, are saved and
converted by timm's names. Both sides see the same scaled pixels of the embedded sample, at the
side of each size; timm computes in float64. Needs timm and torchvision;
writes `results/lite_parity.json`.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch

from cxrzoo.convert import read_weights
from cxrzoo.data import load_sample
from cxrzoo.images import read_image
from cxrzoo.models.foreign import build_foreign

sys.path.append(str(Path(__file__).parents[1] / "speed"))
from machine import machine, versions

RESULTS = Path(__file__).parents[1] / "results" / "lite_parity.json"
SIDES = (224, 240, 260)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=8)
    n = parser.parse_args().images
    rows = [compared(size, side, n) for size, side in enumerate(SIDES)]
    packages = ("timm", "torch", "keras", "tensorflow", "numpy")
    found = {"machine": machine(), "versions": versions(packages), "images": n, "rows": rows}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(rows, indent=1))


def compared(size: int, side: int, n: int) -> dict[str, Any]:
    """Return how far the logits of a size are from timm's."""
    torch.manual_seed(size)
    net = timm.create_model(f"tf_efficientnet_lite{size}", num_classes=14).eval()
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 2)
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.5)
    images = load_sample().images[:n]
    pixels = np.stack([read_image(one, (side, side), 3, "stretch") for one in images]).astype("f4")
    with tempfile.TemporaryDirectory() as folder:
        torch.save(net.state_dict(), Path(folder) / "timm.pt")
        model = build_foreign(
            read_weights(Path(folder) / "timm.pt"),
            f"efficientnet_lite{size}_cxr",
            labels=[f"label {i}" for i in range(14)],
            publisher="timm",
            input_shape=(side, side, 3),
            classifier_activation=None,
        )
    scaled = torch.from_numpy(pixels.transpose(0, 3, 1, 2).astype("f8") - 127) / 128
    with torch.no_grad():
        theirs = net.double()(scaled).numpy()
    return {
        "network": f"tf_efficientnet_lite{size}",
        "logits": float(np.abs(model.predict(pixels, verbose=0) - theirs).max()),
        "largest_logit": float(np.abs(theirs).max()),
        "deviation_of_logits": float(theirs.std(axis=0).mean()),
    }


if __name__ == "__main__":
    main()
