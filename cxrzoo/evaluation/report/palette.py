"""Colours that stay apart for colour-blind readers (Okabe & Ito, "Color Universal Design", 2008)."""

from typing import Final

__all__ = ["BASELINE", "GREY", "MODEL"]

MODEL: Final = "#0072B2"
"""Blue: the model that was measured."""

BASELINE: Final = "#D55E00"
"""Vermilion: what a guess, or a model without the image, scores."""

GREY: Final = "#767676"
"""Lines of reference."""
