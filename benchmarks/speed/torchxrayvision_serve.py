"""torchxrayvision's part in the other benchmarks: a process that works when it is asked (`rounds.py`).

    python benchmarks/speed/torchxrayvision_serve.py network IMAGES SIZE
    python benchmarks/speed/torchxrayvision_serve.py dataset IMAGES CSV SIZE BATCH ROWS

Run with a Python of its own, which has what `peer_torchxrayvision.py` asks for. The weights are random:
time does not depend on them.
"""

import os
import sys
from collections.abc import Callable
from typing import Any

import torch
from peer_torchxrayvision import read_as_examples_do, xrv
from rounds import rows_of_round, serve

BATCH = 16

Works = dict[str, Callable[[int], Any]]


def network(images: str, size: str) -> Works:
    def build(_: int) -> torch.nn.Module:
        return xrv.models.DenseNet(weights=None, num_classes=18)

    model = build(0).eval()
    # Pixels as it wants them: float32 in [-1024, 1024]
    shape = (int(images), 1, int(size), int(size))
    pixels = torch.rand(shape, generator=torch.manual_seed(0)) * 2048 - 1024

    def predict(_: int) -> list[torch.Tensor]:
        with torch.no_grad():
            return [torch.sigmoid(model(batch)) for batch in pixels.split(BATCH)]

    predict(0)  # what starts once
    return {"build": build, "predict": predict}


def dataset(images: str, table: str, size: str, batch: str, rows: str) -> Works:
    torch.set_num_threads(1)
    files = xrv.datasets.NIH_Dataset(
        images, csvpath=table, views=["PA", "AP"], unique_patients=False,
        transform=read_as_examples_do(int(size)),
    )  # fmt: skip

    def chosen(number: int) -> range:
        return range(len(files))[rows_of_round(number, int(rows), len(files))]

    def loader(number: int) -> None:
        part = torch.utils.data.Subset(files, list(chosen(number)))
        for _ in torch.utils.data.DataLoader(
            part, batch_size=int(batch), num_workers=os.cpu_count() or 1
        ):
            pass

    return {
        "one process": lambda number: [files[i]["img"] for i in chosen(number)],
        "DataLoader": loader,
    }


if __name__ == "__main__":
    serve({"network": network, "dataset": dataset}[sys.argv[1]](*sys.argv[2:]))
