"""The methods by name, and the formulas of those that weigh feature maps by gradients."""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Method = Literal[
    "cam",
    "grad-cam",
    "grad-cam++",
    "layer-cam",
    "attention-rollout",
    "occlusion",
    "integrated-gradients",
]

METHODS: Final[dict[str, str]] = {
    "cam": "feature maps weighed by the weights of a linear head (Zhou et al., CVPR 2016)",
    "grad-cam": "feature maps weighed by their mean gradient (Selvaraju et al., ICCV 2017)",
    "grad-cam++": "the same by positive gradients, weighed place by place "
    "(Chattopadhay et al., WACV 2018)",
    "layer-cam": "finer feature maps times their positive gradient (Jiang et al., IEEE TIP 2021)",
    "attention-rollout": "what a Vision Transformer attends to, whatever the label "
    "(Abnar & Zuidema, ACL 2020)",
    "occlusion": "how far the score falls where a part is covered (Zeiler & Fergus, ECCV 2014)",
    "integrated-gradients": "gradients of the pixels between black and the picture "
    "(Sundararajan et al., ICML 2017)",
}
"""What each method gives, and where it was published."""

_TINY: Final = 1e-6
"""Added below the fraction of Grad-CAM++, as the authors of the package grad-cam do."""


def weighed(
    method: str, maps: NDArray[np.float32], slopes: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Weigh feature maps by the slopes of one output each.

    Args:
        method: ``"cam"``, ``"grad-cam"``, ``"grad-cam++"`` or ``"layer-cam"``.
        maps: ``(b, h, w, c)``.
        slopes: ``(b, k, h, w, c)``: gradients of ``k`` outputs with regard to the maps; for ``"cam"``
            the head's weights ``(1, k, 1, 1, c)``.

    Returns:
        ``(b, k, h, w)``, nothing below 0.
    """
    if method == "cam":
        found = np.einsum("bhwc,kc->bkhw", maps, slopes[0, :, 0, 0])
    elif method == "grad-cam":
        found = np.einsum("bhwc,bkc->bkhw", maps, slopes.mean((2, 3)))
    elif method == "grad-cam++":
        squares = slopes**2
        below = 2 * squares + maps.sum((1, 2))[:, None, None, None] * squares * slopes + _TINY
        alpha = np.where(slopes != 0, squares / below, 0)
        found = np.einsum("bhwc,bkc->bkhw", maps, (np.maximum(slopes, 0) * alpha).sum((2, 3)))
    else:
        found = np.einsum("bhwc,bkhwc->bkhw", maps, np.maximum(slopes, 0))
    return np.asarray(np.maximum(found, 0), np.float32)
