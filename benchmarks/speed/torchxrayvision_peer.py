"""torchxrayvision's part in the benchmarks, run with a Python of its own (`--peer-python`).

    python benchmarks/speed/torchxrayvision_peer.py network IMAGES SIZE
    python benchmarks/speed/torchxrayvision_peer.py dataset IMAGES CSV SIZE BATCH ROWS
    python benchmarks/speed/torchxrayvision_peer.py predict OUTPUT.csv FILE...

`network` and `dataset` are processes that work when they are asked (`rounds.py`); `predict` scores files
by its DenseNet121, as its `scripts/process_image.py` does, in batches. That Python has what
`peer_torchxrayvision.py` asks for. The weights are random: time does not depend on them.
"""

import csv
import os
import sys
from collections.abc import Callable
from typing import Any

import skimage.io
import torch
from peer_torchxrayvision import read_as_examples_do, xrv
from rounds import rows_of_round, serve

BATCH, BATCH_OF_FILES = 16, 32


def densenet() -> torch.nn.Module:
    return xrv.models.DenseNet(weights=None, num_classes=18)


def network(images: str, size: str) -> None:
    model = densenet().eval()
    # Pixels as it wants them: float32 in [-1024, 1024]
    shape = (int(images), 1, int(size), int(size))
    pixels = torch.rand(shape, generator=torch.manual_seed(0)) * 2048 - 1024

    def predict(_: int) -> list[torch.Tensor]:
        with torch.no_grad():
            return [torch.sigmoid(model(batch)) for batch in pixels.split(BATCH)]

    predict(0)  # what starts once
    serve({"build": lambda _: densenet(), "predict": predict})


def dataset(images: str, table: str, size: str, batch: str, rows: str) -> None:
    torch.set_num_threads(1)
    files = xrv.datasets.NIH_Dataset(
        images, csvpath=table, views=["PA", "AP"], unique_patients=False,
        transform=read_as_examples_do(int(size)),
    )  # fmt: skip

    def chosen(number: int) -> range:
        return range(len(files))[rows_of_round(number, int(rows), len(files))]

    def loader(number: int) -> None:
        part = torch.utils.data.Subset(files, list(chosen(number)))
        workers = os.cpu_count() or 1
        for _ in torch.utils.data.DataLoader(part, batch_size=int(batch), num_workers=workers):
            pass

    one_process: Callable[[int], Any] = lambda number: [files[i]["img"] for i in chosen(number)]  # noqa: E731
    serve({"one process": one_process, "DataLoader": loader})


def predict(output: str, *files: str) -> None:
    transform = read_as_examples_do(224)
    model = densenet().eval()

    def read(file: str) -> torch.Tensor:
        image = xrv.datasets.normalize(skimage.io.imread(file), 255)
        image = image.mean(2) if image.ndim > 2 else image
        return torch.from_numpy(transform(image[None]))

    with open(output, "w", newline="") as stream, torch.no_grad():  # noqa: PTH123 - as its script does
        writer = csv.writer(stream)
        for start in range(0, len(files), BATCH_OF_FILES):
            names = files[start : start + BATCH_OF_FILES]
            scores = torch.sigmoid(model(torch.stack([read(name) for name in names]).float()))
            for name, row in zip(names, scores.tolist(), strict=True):
                writer.writerow([name, *row])


if __name__ == "__main__":
    {"network": network, "dataset": dataset, "predict": predict}[sys.argv[1]](*sys.argv[2:])
