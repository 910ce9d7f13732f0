"""What batches and packs need of a table of images: the part of `Records` that they are made of."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class LabelledImages(Protocol):
    """A table of n images with k labels, read only; :class:`cxrzoo.data.Records` is one."""

    @property
    def images(self) -> NDArray[np.object_]:
        """File paths, str, (n,)."""

    @property
    def targets(self) -> NDArray[np.float32]:
        """1, 0 and NaN ('not known'), (n, k)."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The k names of the targets' columns."""

    @property
    def name(self) -> str:
        """Where the rows come from."""

    def __len__(self) -> int: ...
