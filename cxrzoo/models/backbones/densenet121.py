"""DenseNet121, the network of most published chest X-ray weights."""

import keras

from cxrzoo.convert import KeyMap, batch_norm, conv, linear
from cxrzoo.models.applications import application
from cxrzoo.models.backbone import IMAGENET_RGB, LAST, FineTuning, ImageNet
from cxrzoo.models.register import register_backbone

# torchvision/models/densenet.py; torchxrayvision's class has the same names.
_TORCHVISION = KeyMap(
    rules=(
        *conv("features.conv0", "conv1_conv"),
        batch_norm("features.norm0", "conv1_bn"),
        batch_norm("features.denseblock{i}.denselayer{j}.norm1", "conv{i+1}_block{j}_0_bn"),
        *conv("features.denseblock{i}.denselayer{j}.conv1", "conv{i+1}_block{j}_1_conv"),
        batch_norm("features.denseblock{i}.denselayer{j}.norm2", "conv{i+1}_block{j}_1_bn"),
        *conv("features.denseblock{i}.denselayer{j}.conv2", "conv{i+1}_block{j}_2_conv"),
        batch_norm("features.transition{i}.norm", "pool{i+1}_bn"),
        *conv("features.transition{i}.conv", "pool{i+1}_conv"),
        batch_norm("features.norm5", "bn"),
        *linear("classifier", "predictions"),
        *linear("classifier.{n}", "predictions"),  # in a Sequential, before a Sigmoid
    ),
    # torchvision before 0.3 had layers' names with a dot.
    respelt=((r"(denselayer\d+\.(?:norm|conv))\.([12])\.", r"\1\2."),),
    thresholds="op_threshs",
)


@register_backbone(
    scaling=IMAGENET_RGB,
    first_kernel="conv1_conv/kernel",
    features={4: "pool2_relu", 8: "pool3_relu", 16: "pool4_relu", 32: LAST},
    imagenet=ImageNet(lambda *_: "densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5"),
    publishers={"torchvision": _TORCHVISION},
    fine_tuning=FineTuning(
        1e-3,
        "Rajpurkar et al., CheXNet, 2017, sections 2.2 and 3.1: Adam in batches of 16 at 224 pixels; "
        "there the rate falls to a tenth when the validation loss stalls; epochs are not given",
        weight_decay=0.0,
        batch_size=16,
    ),
)
def densenet121_cxr(pixels: keras.KerasTensor, *, weights: str | None = None) -> keras.Model:
    """DenseNet121, average pooling, one output a label.

    Source: Huang et al., "Densely Connected Convolutional Networks", 2017, as
    ``keras.applications`` has it.
    """
    return application(keras.applications.DenseNet121, pixels, weights)
