"""The paper's transfer model: MobileNet with a small head.

Sources: Brako and Moncrief, section 3.4, for the head; Howard et al., "MobileNets", 2017, for the
trunk, which is that of ``keras.applications``.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import keras
import numpy as np
from keras import layers

from cxrzoo.errors import ModelError, WeightsUnavailableError
from cxrzoo.labels import NIH_LABELS
from cxrzoo.models._head import classify, dense_parameters, pool
from cxrzoo.models.registry import register_model
from cxrzoo.models.trunk import TrunkFormat, grey_kernel
from cxrzoo.models.weights import model_tensors

__all__ = ["mobilenet_cxr"]

_BLOCKS: Final = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
IMAGENET_ALPHAS: Final = (0.25, 0.5, 0.75, 1.0)
IMAGENET_SIZES: Final = (128, 160, 192, 224)
# Exports that were cut before the last pointwise convolution exist.
_TRUNK_FILE: Final = TrunkFormat("conv1/kernel", may_lack=("conv_pw_13", "conv_pw_13_bn"))


def _count(arguments: Mapping[str, Any], n_labels: int) -> int:
    alpha = arguments["alpha"]
    width = int(32 * alpha)
    total: int = 9 * arguments["input_shape"][2] * width + 4 * width
    for block in _BLOCKS:
        # depthwise 3 x 3 and its BatchNorm, pointwise and its BatchNorm
        narrow, width = width, int(block * alpha)
        total += (9 + 4) * narrow + (narrow + 4) * width
    return total + dense_parameters(width, arguments["hidden_units"], n_labels)


def _imagenet_tensors(arguments: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Gives Keras's ImageNet trunk; for one channel the first kernel is summed over RGB."""
    alpha = arguments["alpha"]
    height, width, channels = arguments["input_shape"]
    if alpha not in IMAGENET_ALPHAS:
        raise ModelError(
            f"ImageNet weights exist for alpha {', '.join(map(str, IMAGENET_ALPHAS))}; "
            f"received {alpha}. Take one of these or weights=None."
        )
    size = height if height == width and height in IMAGENET_SIZES else 224
    try:
        trunk = keras.applications.MobileNet(
            input_shape=(size, size, 3), alpha=alpha, include_top=False, weights="imagenet"
        )
    except Exception as error:
        raise WeightsUnavailableError(
            f"the ImageNet weights of MobileNet (alpha {alpha}, {size} pixels) could not be had "
            f"from Keras's cache or the network: {error!s:.300}. Put {_file_name(alpha, size)} into "
            "the folder 'models' of Keras's cache (KERAS_HOME, else ~/.keras), or pass weights=None."
        ) from error
    tensors = model_tensors(trunk)
    if channels == 1:
        tensors[_TRUNK_FILE.first_kernel] = grey_kernel(tensors[_TRUNK_FILE.first_kernel])
    return tensors


def _file_name(alpha: float, size: int) -> str:
    spelled = {0.25: "2_5", 0.5: "5_0", 0.75: "7_5", 1.0: "1_0"}[alpha]
    return f"mobilenet_{spelled}_{size}_tf_no_top.h5"


@register_model(_count, imagenet_tensors=_imagenet_tensors, trunk_format=_TRUNK_FILE)
def mobilenet_cxr(
    *,
    input_shape: tuple[int, int, int] = (224, 224, 1),
    labels: Sequence[str] = NIH_LABELS,
    alpha: float = 1.0,
    hidden_units: int = 512,
    hidden_activation: str = "relu",
    dropout: float = 0.5,
    include_top: bool = True,
    pooling: str | None = None,
    classifier_activation: str | None = "sigmoid",
    weights: str | None = None,
    name: str = "mobilenet_cxr",
) -> keras.Model:
    """The paper's transfer model: MobileNet, average pooling, Dense 512, sigmoid output.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled to [-1, 1] inside the model.
        labels: output names in order.
        alpha: width multiplier of MobileNet.
        hidden_units: width of the first dense layer.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` or ``"linear"`` after that layer. The paper
            names none; the default is ours.
        dropout: dropout before and after that layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``.
        classifier_activation: activation of the output; None for logits.
        weights: None for random weights; ``"imagenet"`` for Keras's ImageNet trunk (downloaded once;
            of 224 pixels unless the input is a square of 128, 160 or 192; for one channel the first
            kernel is summed over RGB); ``"FILE.safetensors"`` for a trunk of your own, keyed
            ``layer/variable`` as Keras names MobileNet's (``conv_pw_13`` may be missing and starts
            fresh; a first kernel for RGB is summed for one channel); or a published model: a name of
            the catalog such as ``"nih-mini"``, ``"hf://org/name@revision"``, or a directory.
        name: the model's name.

    Returns:
        A ``keras.Model`` from ``(b, height, width, channels)`` to ``(b, len(labels))``.

    Raises:
        ModelError: an argument is of the wrong type or out of bounds.
        WeightsUnavailableError: the ImageNet weights are neither cached nor to be downloaded.
        TensorError: a trunk file or a published model does not fit.
    """
    del weights  # loaded by the registry
    inputs = keras.Input(input_shape, name="pixels")
    # The scaling of keras.applications.mobilenet.preprocess_input
    x = layers.Rescaling(1 / 127.5, offset=-1, name="scale")(inputs)
    x = keras.applications.MobileNet(
        input_tensor=x, input_shape=input_shape, alpha=alpha, include_top=False, weights=None
    ).output
    if not include_top:
        return keras.Model(inputs, pool(x, pooling), name=name)
    x = layers.GlobalAveragePooling2D(name="head_pool")(x)
    x = layers.Dropout(dropout, name="head_dropout_in")(x)
    outputs = classify(
        x,
        units=hidden_units,
        hidden=hidden_activation,
        dropout=dropout,
        n_labels=len(labels),
        activation=classifier_activation,
    )
    return keras.Model(inputs, outputs, name=name)
