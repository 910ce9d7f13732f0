"""torchvision beside a PyTorch without CUDA: a need of the benchmarks, no dependency of cxrzoo.

torchvision==0.28.0 with --no-deps, beside torch==2.13.0. Import ``torch`` from here before torchvision,
or before what imports it.
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
