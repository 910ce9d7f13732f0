"""What an image should be before a model of frontal chest X-rays is shown it.

Simple statistics, so that a warning can be explained. Whether an image is like a frontal chest X-ray is
decided on its grey values at 24 x 24 pixels, brought to mean 0 and standard deviation 1: how much they
correlate with the average X-ray, and how much of them is left when the average and the twelve ways in
which X-rays vary most are taken away. Average, ways and limits were fitted by
``benchmarks/embedded/gate.py`` on
real X-rays; the same command measures how often good images are warned of and bad ones are not.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cxrzoo.errors import ImageError
from cxrzoo.images.reading import read_image, resize

__all__ = [
    "REASONS",
    "THUMBNAIL",
    "Finding",
    "GateRule",
    "gate_rule",
    "inspect",
    "look",
    "standard",
]

THUMBNAIL: Final = 24
"""Edge of the image that likeness is decided on."""

REASONS: Final = (
    "unreadable", "tiny", "aspect", "not grey", "too dark", "too bright", "flat", "inverted", "turned",
    "not frontal",
)  # fmt: skip

_LEAST_EDGE: Final = 64
"""Below this a finding of a few millimetres is less than a pixel; our choice."""
_MOST_ASPECT: Final = 1.6
"""Longer edge by shorter. Of NIH's 112,120 originals 5 are beyond, as the same command counts."""
_MOST_COLOUR: Final = 8.0
"""Mean distance of a pixel's channels from their mean; JPEG makes grey differ by a little."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a model should not be shown an image.

    Attributes:
        image: the file.
        reason: one of ``REASONS``.
        detail: what was measured, in words.
    """

    image: str
    reason: str
    detail: str

    def __str__(self) -> str:
        return f"{self.image}: {self.reason} ({self.detail})"


@dataclass(frozen=True)
class GateRule:
    """What ``benchmarks/embedded/gate.py`` fits.

    Attributes:
        average: the average standardised thumbnail, of length 1, (576,).
        ways: the directions of greatest variation, orthonormal, across the average, (12, 576).
        least_likeness: correlation with the average below which an image is not frontal.
        most_left: part of an image's variance that may be left.
        mean: least and greatest mean grey.
        spread: least distance of the 1st from the 99th percentile of grey.
        turned: how much better another quarter turn may correlate.
    """

    average: NDArray[np.float32]
    ways: NDArray[np.float32]
    least_likeness: float
    most_left: float
    mean: tuple[float, float]
    spread: float
    turned: float

    def likeness(self, standardised: NDArray[np.float64]) -> tuple[float, float]:
        """Correlation with the average, and the part of the variance that is left, of one image."""
        length = float(np.linalg.norm(standardised)) or 1.0
        unit = standardised / length
        explained = float(unit @ self.average)
        return explained, 1 - explained**2 - float(np.sum((self.ways @ unit) ** 2))

    def is_frontal(self, standardised: NDArray[np.float64]) -> bool:
        """Whether both limits are kept."""
        likeness, left = self.likeness(standardised)
        return likeness >= self.least_likeness and left <= self.most_left


@cache
def gate_rule() -> GateRule:
    """The rule that ships with the package."""
    with (files("cxrzoo.images") / "gate_rule.npz").open("rb") as stream:
        arrays: dict[str, Any] = dict(np.load(stream, allow_pickle=False))
    return GateRule(
        average=arrays["average"],
        ways=arrays["ways"],
        least_likeness=float(arrays["least_likeness"]),
        most_left=float(arrays["most_left"]),
        mean=(float(arrays["mean"][0]), float(arrays["mean"][1])),
        spread=float(arrays["spread"]),
        turned=float(arrays["turned"]),
    )


def inspect(images: Any) -> list[Finding]:
    """What speaks against showing these images to a model of frontal chest X-rays.

    An image without a finding has passed; one image may have several. Nothing is dropped or changed.
    ``"not frontal"`` says that an image is not like the frontal X-rays of NIH ChestX-ray14: it may be a
    lateral view, another body part, a photograph, or an unusual chest. The rule has not been measured
    on laterals, of which that data set has none.

    Args:
        images: records, or files.

    Returns:
        Findings in the order of the images, and of ``REASONS`` for each.
    """
    paths = [os.fspath(path) for path in getattr(images, "images", images)]
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        return [finding for found in pool.map(_findings, paths) for finding in found]


def _findings(path: str) -> list[Finding]:
    try:
        grey = read_image(path)[:, :, 0]
    except ImageError as error:
        return [Finding(path, "unreadable", str(error).removeprefix(f"{path}: "))]
    found = dict(look(grey))
    if colour := _colour(path):
        found["not grey"] = f"channels differ by {colour:.0f} of 255 on average"
    return [Finding(path, reason, found[reason]) for reason in REASONS if reason in found]


def look(grey: NDArray[np.uint8], rule: GateRule | None = None) -> Iterator[tuple[str, str]]:
    """Reasons, and what was measured, for the pixels (h, w) of one image."""
    rule = rule or gate_rule()
    height, width = grey.shape
    short, long = sorted((height, width))
    if short < _LEAST_EDGE:
        yield "tiny", f"{width} x {height} pixels; {_LEAST_EDGE} are the least"
    if long > _MOST_ASPECT * short:
        yield "aspect", f"{width} x {height} pixels, {long / short:.2f} to 1"
    mean = float(grey.mean())
    low, high = np.percentile(grey, [1, 99])
    if mean < rule.mean[0]:
        yield "too dark", f"mean grey {mean:.0f} of 255; {rule.mean[0]:.0f} is the least"
    if mean > rule.mean[1]:
        yield "too bright", f"mean grey {mean:.0f} of 255; {rule.mean[1]:.0f} is the most"
    if high - low < rule.spread:
        yield (
            "flat",
            f"98 % of it is within {high - low:.0f} of 255; {rule.spread:.0f} is the least",
        )
    if high == low:
        return  # nothing is left to compare
    small = standard(grey)
    turns = [np.rot90(small.reshape(THUMBNAIL, THUMBNAIL), k).ravel() for k in range(4)]
    likeness, left = rule.likeness(small)
    if likeness < 0 and rule.is_frontal(-small):
        yield "inverted", f"correlation {likeness:.2f} with the average chest X-ray"
        return
    better = [rule.likeness(turn)[0] for turn in turns[1:]]
    best = int(np.argmax(better))
    if better[best] > likeness + rule.turned and rule.is_frontal(turns[1 + best]):
        yield "turned", f"turned by {90 * (best + 1)} degrees it would be like a chest X-ray"
    elif not rule.is_frontal(small):
        yield (
            "not frontal",
            f"correlation {likeness:.2f} with the average chest X-ray, {100 * left:.0f} % unlike any",
        )


def standard(grey: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The thumbnail's grey values with mean 0 and standard deviation 1, (576,); 0 if flat."""
    small = resize(np.ascontiguousarray(grey), THUMBNAIL).astype(np.float64).ravel()
    small -= small.mean()
    spread = small.std()
    return np.asarray(small / spread) if spread else small


def _colour(path: str) -> float:
    """How far the channels of a PNG or JPEG stand apart on average, if that is too far; else 0."""
    try:
        with Image.open(path, formats=["PNG", "JPEG"]) as image:
            if image.mode in ("1", "L", "LA", "I", "I;16", "F"):
                return 0.0
            image.draft("RGB", (256, 256))
            channels = np.asarray(image.convert("RGB"), np.float32)
    except OSError:  # DICOM: colour was refused when it was read
        return 0.0
    apart = float(np.abs(channels - channels.mean(axis=2, keepdims=True)).mean())
    return apart if apart > _MOST_COLOUR else 0.0
