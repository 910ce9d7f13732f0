"""Multiply-adds as ``cxrzoo list`` shows them, beside figures that others published."""

import keras
import pytest
from keras import layers
from zoo_numbers import measured, multiply_adds

from cxrzoo.models import entry
from cxrzoo.zoo import listed_builders

# In millions, for 224 x 224 pixels unless said otherwise, with a head of 1000 classes.
PUBLISHED = {
    "mobilenet_cxr": 569,  # Howard et al., MobileNets, 2017, table 8
    "mobilenet_v2_cxr": 300,  # Sandler et al., MobileNetV2, 2018, table 4
    "mobilenet_v3_small_cxr": 56,  # Howard et al., Searching for MobileNetV3, 2019, table 3
    "mobilenet_v3_large_cxr": 219,  # ditto
    "densenet121_cxr": 2834,  # torchvision 0.28, DenseNet121_Weights, "_ops"
    "resnet50_cxr": 3800,  # He et al., Deep Residual Learning, 2016, table 1
    "resnet50_v15_cxr": 4089,  # torchvision 0.28, ResNet50_Weights, "_ops"
    "vgg16_cxr": 15470,  # torchvision 0.28, VGG16_Weights, "_ops": with two dense layers of 4096
    "convnext_tiny_cxr": 4456,  # torchvision 0.28, ConvNeXt_Tiny_Weights, "_ops"
    "vit_base_cxr": 17564,  # torchvision 0.28, ViT_B_16_Weights, "_ops"
    "vit_small_cxr": 4600,  # Touvron et al., Three things about Vision Transformers, 2022, table 1
}
# Ours has no classifier of 1000 nor, where it takes grey, a first layer for red, green and blue: 5 % at
# the most, but of the smallest network 5 of 56 million, and of the largest next to nothing.
TOLERANCE = {"vgg16_cxr": 0.015, "mobilenet_v3_small_cxr": 0.09}


@pytest.mark.parametrize("name", [name for name in PUBLISHED if name in listed_builders()])
def test_multiply_adds_are_those_that_others_published(name):
    ours = listed_builders()[name].multiply_adds / 1e6
    assert ours == pytest.approx(PUBLISHED[name], rel=TOLERANCE.get(name, 0.05))


@pytest.mark.parametrize(("alpha", "millions"), [(1.0, 569), (0.75, 325), (0.5, 149), (0.25, 41)])
def test_mobilenets_of_every_width_have_the_papers_figures(alpha, millions):
    """Howard et al., MobileNets, table 6: to the million, with its three channels and 1000 classes."""
    backbone = entry("mobilenet_cxr")
    arguments = {"alpha": alpha, "input_shape": (224, 224, 3), "include_top": False}
    found = measured(backbone, {**backbone.defaults, **arguments})
    head = 1000 * found["feature_maps"][32][-1]
    assert round((found["multiply_adds"] + head) / 1e6) == millions


def test_attention_and_einsum_dense_are_counted_by_hand():
    tokens = keras.Input((5, 8))
    x = layers.MultiHeadAttention(2, 3, value_dim=4)(tokens, tokens)
    x = layers.EinsumDense("btd,de->bte", (5, 6))(x)
    x = keras.Sequential([layers.Dense(7)])(x)
    projections = 5 * 8 * 2 * (3 + 3 + 4) + 5 * 2 * 4 * 8
    attention = 2 * 5 * 5 * (3 + 4)
    assert multiply_adds(keras.Model(tokens, x)) == (
        projections + attention + 5 * 8 * 6 + 5 * 6 * 7
    )


def test_grouped_and_depthwise_convolutions_are_counted_by_hand():
    pixels = keras.Input((8, 8, 4))
    x = layers.Conv2D(6, 3, strides=2, padding="same", groups=2)(pixels)
    x = layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2)(x)
    assert multiply_adds(keras.Model(pixels, x)) == 16 * 9 * 2 * 6 + 16 * 9 * 12


def test_what_is_not_known_how_to_count_is_refused():
    pixels = keras.Input((8, 8, 4))
    with pytest.raises(TypeError, match="Conv2DTranspose"):
        multiply_adds(keras.Model(pixels, layers.Conv2DTranspose(2, 3)(pixels)))


def test_what_keras_ops_do_between_layers_is_none():
    pixels = keras.Input((8, 8, 4))
    x = layers.Conv2D(4, 1)(pixels)
    assert multiply_adds(keras.Model(pixels, keras.ops.add(x, pixels))) == 64 * 16
