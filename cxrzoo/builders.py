"""Names of the zoo's builders. Written by tests/generate.py; do not edit."""

from typing import Final

BUILDERS: Final = (
    "cnn_test1",
    "cnn_test2",
    "convnext_tiny_cxr",
    "densenet121_cxr",
    "dinov2_base_cxr",
    "efficientnet_lite0_cxr",
    "efficientnet_lite1_cxr",
    "efficientnet_lite2_cxr",
    "efficientnet_v2_b0_cxr",
    "efficientnet_v2_b1_cxr",
    "efficientnet_v2_b2_cxr",
    "efficientnet_v2_b3_cxr",
    "efficientnet_v2_s_cxr",
    "mobilenet_cxr",
    "mobilenet_v2_cxr",
    "mobilenet_v3_large_cxr",
    "mobilenet_v3_small_cxr",
    "resnet50_cxr",
    "resnet50_v15_cxr",
    "vgg16_cxr",
    "vit_base_cxr",
    "vit_small_cxr",
)
