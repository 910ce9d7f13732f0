"""torchxrayvision beside a PyTorch without CUDA: a need of the benchmarks, no dependency of cxrzoo.

torchxrayvision==1.5.7 and torchvision==0.28.0, both with --no-deps, beside torch==2.13.0, pandas,
scikit-image, imageio and tqdm.
"""

from typing import Any

import torch

register = torch.library.register_fake


def passing_over(name: Any, *arguments: Any, **options: Any) -> Any:
    # A CPU-only torch has none of the operators that torchvision wants to describe.
    if isinstance(name, str) and name.startswith("torchvision::"):
        return lambda function: function
    return register(name, *arguments, **options)


torch.library.register_fake = passing_over
import torchvision  # noqa: E402 - after what it registers with
import torchxrayvision as xrv  # noqa: E402 - as above


def read_as_examples_do(size: int) -> Any:
    """Return its own crop and resize, which its examples apply to every image."""
    return torchvision.transforms.Compose(
        [xrv.datasets.XRayCenterCrop(), xrv.datasets.XRayResizer(size)]
    )
