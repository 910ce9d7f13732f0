"""Lists X-rays by the score of one finding, highest first. Research use only."""

import sys
from collections.abc import Sequence
from pathlib import Path

from cxrzoo import mobilenet_cxr
from cxrzoo.images import read_image


def wardlist(label: str, files: Sequence[str | Path]) -> list[tuple[str, float]]:
    """Return ``(file, score)`` of each X-ray, the highest score first."""
    model = mobilenet_cxr(input_shape=(160, 160, 1), weights="nih-mini")
    column = model.cxrzoo.labels.index(label)
    scored = []
    for file in files:
        pixels = read_image(file, (160, 160))[None]
        scored.append((str(file), float(model.predict(pixels, verbose=0)[0, column])))
    return sorted(scored, key=lambda pair: -pair[1])


def main() -> None:
    """``wardlist LABEL FILE...``."""
    label, *files = sys.argv[1:]
    for file, score in wardlist(label, files):
        sys.stdout.write(f"{score:.3f}  {file}\n")
