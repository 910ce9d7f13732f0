"""MobileNet, the paper's transfer model."""

import keras

from cxrzoo.models.applications import application
from cxrzoo.models.arguments import number
from cxrzoo.models.backbone import LAST, SYMMETRIC, FineTuning, ImageNet
from cxrzoo.models.register import register_backbone

_SPELLED = {0.25: "2_5", 0.5: "5_0", 0.75: "7_5", 1.0: "1_0"}


@register_backbone(
    scaling=SYMMETRIC,
    first_kernel="conv1/kernel",
    features={
        2: "conv_pw_1_relu",
        4: "conv_pw_3_relu",
        8: "conv_pw_5_relu",
        16: "conv_pw_11_relu",
        32: LAST,
    },
    arguments={"alpha": number(0.05, 4.0)},
    imagenet=ImageNet(
        lambda own, size: f"mobilenet_{_SPELLED[own['alpha']]}_{size}_tf_no_top.h5",
        sizes=(128, 160, 192, 224),
        only={"alpha": tuple(_SPELLED)},
    ),
    small={"alpha": 0.25},
    fine_tuning=FineTuning(3e-4, "benchmarks/accuracy/ablation.py, its base"),
    hidden_units=512,
    dropout=0.5,
)
def mobilenet_cxr(
    pixels: keras.KerasTensor, *, weights: str | None = None, alpha: float = 1.0
) -> keras.Model:
    """MobileNet, the paper's transfer model: average pooling, Dense 512, sigmoid output.

    Sources: Brako and Moncrief, section 3.4, for the head; Howard et al., "MobileNets", 2017, for the
    backbone, which is that of ``keras.applications``.

    Args:
        alpha: width multiplier of MobileNet.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` or ``"linear"`` after the hidden layer. The paper
            names none; the default is ours.
    """
    return application(keras.applications.MobileNet, pixels, weights, alpha=alpha)
