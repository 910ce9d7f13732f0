"""Heat maps as pictures: the grey picture, the same under colours, a scale, and what it is below."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from cxrzoo.text import visible

EDGE: Final = 512
"""Longest side of a picture that is drawn, in pixels."""

_GAP, _BAR, _LINE = 8, 14, 22
"""Between two pictures, width of the scale, and height of a line of text, in pixels."""

_STRENGTH: Final = 0.55
"""Share of the colour where a map is highest; the grey picture stays visible below it."""

# Lightness rises evenly from end to end, and neighbouring colours differ by about as much everywhere.
_POINTS: Final = (
    (0.267, 0.005, 0.329), (0.283, 0.141, 0.458), (0.254, 0.265, 0.530), (0.207, 0.372, 0.553),
    (0.164, 0.471, 0.558), (0.128, 0.567, 0.551), (0.135, 0.659, 0.518), (0.267, 0.749, 0.441),
    (0.478, 0.821, 0.318), (0.741, 0.873, 0.150), (0.993, 0.906, 0.144),
)  # fmt: skip
"""Eleven colours of matplotlib's viridis (Smith & van der Walt, 2015, CC0), evenly spaced."""


@cache
def _table() -> NDArray[np.float64]:
    at = np.linspace(0, 1, len(_POINTS))
    return np.stack(
        [np.interp(np.linspace(0, 1, 256), at, one) for one in zip(*_POINTS, strict=True)], 1
    )


def coloured(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return colours in [0, 1], ``(..., 3)``, of values in [0, 1]: perceptually even."""
    return np.asarray(_table()[np.rint(np.clip(values, 0, 1) * 255).astype(int)])


def overlay(grey: NDArray[np.uint8], values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Lay a heat map over a grey picture: the higher it is, the more colour, and nothing where it is 0.

    Args:
        grey: ``(h, w)``.
        values: ``(h, w)`` in [0, 1].

    Returns:
        uint8 ``(h, w, 3)``.
    """
    share = _STRENGTH * np.clip(values, 0, 1)[..., None]
    mixed = (1 - share) * (grey[..., None] / 255) + share * coloured(values)
    return np.asarray(np.rint(mixed * 255), np.uint8)


def shrunk(shape: tuple[int, int], edge: int = EDGE) -> tuple[int, int]:
    """Return a height and width in the same proportion, the longer side ``edge``."""
    height, width = shape
    longest = max(height, width)
    return max(1, round(height * edge / longest)), max(1, round(width * edge / longest))


def panel(
    grey: Image.Image, values: NDArray[np.float32], label: str, score: float, method: str
) -> Image.Image:
    """Draw a picture twice, plain and under its heat map, a scale, and a line of label and score.

    Args:
        grey: the picture.
        values: its heat map ``(h, w)`` in [0, 1].
        label: what it is of.
        score: the model's.
        method: how it was made.
    """
    height, width = shrunk((grey.height, grey.width))
    plain = np.asarray(grey.convert("L").resize((width, height), Image.Resampling.LANCZOS))
    heat = np.asarray(
        Image.fromarray(values).resize((width, height), Image.Resampling.BILINEAR), np.float32
    )
    across = 2 * width + 2 * _GAP + _BAR + 34
    drawn = Image.new("RGB", (max(across, 330), height + 2 * _LINE + 6), "white")
    drawn.paste(Image.fromarray(plain), (0, 0))
    drawn.paste(Image.fromarray(overlay(plain, heat)), (width + _GAP, 0))
    _scale(drawn, 2 * (width + _GAP), height)
    pen, font = ImageDraw.Draw(drawn), _font()
    found = "" if values.max(initial=0) > 0 else "; no part of the picture speaks for it"
    pen.text((2, height + 4), f"{_plain(label)}: score {score:.3f}{found}", "black", font)
    pen.text((2, height + 4 + _LINE), f"{method}; highest = 1. Research use only.", "#555555", font)
    return drawn


def contact_sheet(
    panels: Sequence[Image.Image], names: Sequence[str], width: int = 1600
) -> Image.Image:
    """Put pictures in two columns, each above the name of its file.

    Args:
        panels: the pictures, of any size.
        names: of each.
        width: of the sheet, in pixels.
    """
    margin = 2 * _GAP
    each = (width - 3 * margin) // 2
    small = [
        one.resize((each, max(1, round(one.height * each / one.width))), Image.Resampling.LANCZOS)
        for one in panels
    ]
    heights = [
        max(one.height for one in small[i : i + 2]) + _LINE + margin
        for i in range(0, len(small), 2)
    ]
    sheet = Image.new("RGB", (width, margin + sum(heights)), "white")
    pen, font = ImageDraw.Draw(sheet), _font()
    for i, (one, name) in enumerate(zip(small, names, strict=True)):
        left = margin + (i % 2) * (each + margin)
        top = margin + sum(heights[: i // 2])
        sheet.paste(one, (left, top))
        pen.text((left + 2, top + one.height), _plain(name), "#555555", font)
    return sheet


def _scale(drawn: Image.Image, left: int, height: int) -> None:
    ramp = np.linspace(1, 0, height)[:, None].repeat(_BAR, 1)
    # As it looks over a middle grey, which is how it looks over a picture.
    over = overlay(np.full(ramp.shape, 128, np.uint8), ramp.astype(np.float32))
    drawn.paste(Image.fromarray(over), (left, 0))
    pen, font = ImageDraw.Draw(drawn), _font()
    for value, y in ((1, 0), (0.5, height // 2 - 8), (0, height - 17)):
        pen.text((left + _BAR + 4, y), f"{value:g}", "black", font)


def _plain(text: str) -> str:
    """Return text that the font has letters for."""
    return visible(text).encode("latin-1", "replace").decode("latin-1")[:60]


@cache
def _font() -> Any:
    return ImageFont.load_default(15)
