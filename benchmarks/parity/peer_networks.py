"""Networks of torchvision and torchxrayvision, with random weights, and what of ours each becomes."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "speed"))
from peer_torchxrayvision import torch, torchvision, xrv

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Case:
    """A publisher's network and the builder of the same network.

    Attributes:
        name: in the table.
        builder: of cxrzoo.
        make: make the network, fresh.
        compute: the network's outputs ``(b, n)``, or feature maps ``(b, h, w, c)``, of scaled images
            ``(b, c, h, w)``, both of PyTorch.
        last: the layer that gives the logits; None if only its feature maps are compared.
        labels: how many logits; 0 if only its feature maps are compared.
        channels: of the image.
        options: of ``cxrzoo convert``, which say how pixels are scaled if not as the builder's map does.
        layouts: in which it is saved; all must lead to the same tensors.
    """

    name: str
    builder: str
    make: Callable[[], Any]
    compute: Callable[[Any, Any], Any] = lambda net, images: net(images)
    last: Callable[[Any], Any] | None = None
    labels: int = 14
    channels: int = 3
    options: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ("state",)

    def scaled(self, pixels: np.ndarray, dtype: Any) -> Any:
        """Return pixels ``(b, h, w, c)`` as the publisher scales them, ``(b, c, h, w)`` of PyTorch."""
        images = torch.from_numpy(pixels.transpose(0, 3, 1, 2).copy()).to(dtype)
        if self.channels == 1:
            return (2 * (images / 255) - 1) * 1024  # torchxrayvision's datasets.normalize
        return torchvision.transforms.functional.normalize(images / 255, MEAN, DEVIATION)


def _grey_resnet50() -> Any:
    """Return what torchxrayvision's ResNet builds, which without a published file makes none."""
    net = torchvision.models.resnet50(num_classes=18)
    net.conv1 = torch.nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)
    return net


def _maps(net: Any, images: Any) -> Any:
    return net.features(images).permute(0, 2, 3, 1)


def _normed_maps(net: Any, images: Any) -> Any:
    """Return ConvNeXt's maps after the norm that torchvision takes of their average, Keras of each."""
    return net.classifier[0](net.features(images)).permute(0, 2, 3, 1)


def _end(net: Any) -> Any:
    return net.classifier[-1]


_SCALED = (
    "--mean", ",".join(map(str, MEAN)), "--std", ",".join(map(str, DEVIATION))
)  # fmt: skip
_GREY = ("--scaling", "torchxrayvision")
_ALL = ("state", "zip", "legacy")
_OF = torchvision.models

CASES = (
    Case("torchxrayvision densenet121", "densenet121_cxr",
         lambda: xrv.models.DenseNet(num_classes=18, in_channels=1),
         last=lambda net: net.classifier, labels=18, channels=1, options=_GREY, layouts=_ALL),
    Case("torchvision densenet121", "densenet121_cxr", lambda: _OF.densenet121(num_classes=14),
         last=lambda net: net.classifier, options=_SCALED, layouts=_ALL),
    Case("torchxrayvision resnet50", "resnet50_v15_cxr", _grey_resnet50,
         last=lambda net: net.fc, labels=18, channels=1, options=_GREY),
    Case("torchvision resnet50", "resnet50_v15_cxr", lambda: _OF.resnet50(num_classes=14),
         last=lambda net: net.fc),
    Case("torchvision mobilenet_v2", "mobilenet_v2_cxr",
         lambda: _OF.mobilenet_v2(num_classes=14), last=_end),
    Case("torchvision mobilenet_v3_small", "mobilenet_v3_small_cxr",
         lambda: _OF.mobilenet_v3_small(num_classes=14), last=_end),
    Case("torchvision mobilenet_v3_large", "mobilenet_v3_large_cxr",
         lambda: _OF.mobilenet_v3_large(num_classes=14), last=_end),
    Case("torchvision vgg16, feature maps", "vgg16_cxr", _OF.vgg16, _maps, labels=0),
    Case("torchvision convnext_tiny, feature maps", "convnext_tiny_cxr", _OF.convnext_tiny,
         _normed_maps, labels=0),
)  # fmt: skip
