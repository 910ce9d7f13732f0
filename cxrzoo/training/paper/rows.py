"""The rows of the paper's results table, and what the paper reports for them.

Source: Brako and Moncrief, section 4. The sixth row repeats the parameters of the fifth and, like the
third, has 'AUC' in place of a figure.
"""

from collections.abc import Mapping
from typing import Final

PAPER_ACCURACY: Final[Mapping[str, float | None]] = {
    "cnn-test1-a": 0.55,
    "cnn-test1-b": 0.90,
    "cnn-test2": None,
    "mobilenet-a": 0.75,
    "mobilenet-b": 0.92,
}
PAPER_ROWS: Final = tuple(PAPER_ACCURACY)
"""The names of their recipes."""

PAPER_STEPS: Final = 1227
"""Steps an epoch in the paper: 70 % of 112,120 images in batches of 64."""
