"""Names of the zoo's builders. Written by tests/generate.py; do not edit."""

from typing import Final

BUILDERS: Final = (
    "cnn_test1",
    "cnn_test2",
    "densenet121_cxr",
    "efficientnet_lite0_cxr",
    "efficientnet_lite1_cxr",
    "efficientnet_lite2_cxr",
    "mobilenet_cxr",
)
