"""Rows as a ``torch.utils.data.Dataset``; the only module of this floor that imports PyTorch."""

import torch
from torch.utils.data import Dataset

from cxrzoo.data.feeds import RowSource


class TorchRows(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Single rows as tensors: pixels uint8 (h, w, channels) and targets float32 (k,).

    A ``DataLoader`` makes batches of them, in any order and with any number of worker processes.
    """

    def __init__(self, rows: RowSource) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        pixels, targets = self.rows[index]
        return torch.from_numpy(pixels), torch.from_numpy(targets)
