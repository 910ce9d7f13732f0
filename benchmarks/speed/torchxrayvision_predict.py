"""torchxrayvision's DenseNet121 over files, as its `scripts/process_image.py` has it, in batches.

    python benchmarks/speed/torchxrayvision_predict.py OUTPUT.csv FILE...

A peer that `benchmarks/speed/predict.py` runs with a Python of its own, which has what
`peer_torchxrayvision.py` asks for. The weights are random: time does not depend on them.
"""

import csv
import sys

import skimage.io
import torch
from peer_torchxrayvision import read_as_examples_do, xrv

BATCH = 32


def main(output: str, files: list[str]) -> None:
    transform = read_as_examples_do(224)
    model = xrv.models.DenseNet(weights=None, num_classes=18).eval()

    def read(file: str) -> torch.Tensor:
        image = xrv.datasets.normalize(skimage.io.imread(file), 255)
        image = image.mean(2) if image.ndim > 2 else image
        return torch.from_numpy(transform(image[None]))

    with open(output, "w", newline="") as stream, torch.no_grad():  # noqa: PTH123 - as its script does
        writer = csv.writer(stream)
        for start in range(0, len(files), BATCH):
            names = files[start : start + BATCH]
            scores = torch.sigmoid(model(torch.stack([read(name) for name in names]).float()))
            for name, row in zip(names, scores.tolist(), strict=True):
                writer.writerow([name, *row])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
