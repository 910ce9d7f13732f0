"""Position embeddings as timm and as transformers' Dinov2Model resize them.

Run beside timm, transformers and torchvision: ``python tests/models/write_positions.py``. Writes
``resized_positions.npz``, which the tests read.
"""

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.append(str(HERE.parents[1] / "benchmarks" / "speed"))
from torchvision_without_cuda import torch  # noqa: E402 - its folder comes first

OLD, DEPTH = 6, 4
NEW = [(6, 6), (4, 9), (3, 2), (1, 1), (13, 6), (11, 12), (2, 5)]

from timm.layers import resample_abs_pos_embed  # noqa: E402 - after what lets torchvision be imported
from transformers import Dinov2Config, Dinov2Model  # noqa: E402 - as above


def main():
    torch.manual_seed(0)
    positions = torch.randn(1, 1 + OLD**2, DEPTH)
    config = Dinov2Config(
        hidden_size=DEPTH, num_hidden_layers=1, num_attention_heads=1, image_size=14 * OLD
    )
    embeddings = Dinov2Model(config).embeddings
    embeddings.position_embeddings.data = positions
    found = {"positions": positions[0].numpy()}
    for rows, columns in NEW:
        fake = torch.zeros(1, 1 + rows * columns, DEPTH)
        by_transformers = embeddings.interpolate_pos_encoding(fake, 14 * rows, 14 * columns)
        by_timm = resample_abs_pos_embed(positions, [rows, columns])
        found[f"timm|{rows}|{columns}"] = by_timm[0].numpy()
        found[f"transformers|{rows}|{columns}"] = by_transformers[0].detach().numpy()
    np.savez_compressed(HERE / "resized_positions.npz", **found)


if __name__ == "__main__":
    main()
