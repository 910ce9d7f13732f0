"""torchxrayvision beside a PyTorch without CUDA: a need of the benchmarks, no dependency of cxrzoo.

torchxrayvision==1.5.7 and torchvision==0.28.0, both with --no-deps, beside torch==2.13.0, pandas,
scikit-image, imageio and tqdm.
"""

from typing import Any

import torchvision
import torchxrayvision as xrv
from torchvision_without_cuda import torch  # noqa: F401 - others take it from here


def read_as_examples_do(size: int) -> Any:
    """Return its own crop and resize, which its examples apply to every image."""
    return torchvision.transforms.Compose(
        [xrv.datasets.XRayCenterCrop(), xrv.datasets.XRayResizer(size)]
    )
