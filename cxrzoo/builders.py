"""Names of the zoo's builders. Written by tests/generate.py; do not edit."""

from typing import Final

BUILDERS: Final = (
    "cnn_test1",
    "cnn_test2",
    "densenet121_cxr",
    "dinov2_base_cxr",
    "mobilenet_cxr",
    "vit_base_cxr",
    "vit_small_cxr",
)
