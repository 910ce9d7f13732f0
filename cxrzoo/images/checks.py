"""What an image should be before a model of frontal chest X-rays is shown it.

Simple statistics, so that a warning can be explained. Whether an image is like a frontal chest X-ray is
decided on its grey values at 24 x 24 pixels, brought to mean 0 and standard deviation 1: how much they
correlate with the average X-ray, and how much of their variance neither the average nor the first twelve
principal components of X-rays explain. Average, components and limits were fitted by
``benchmarks/embedded/image_checks.py`` on real X-rays; the same command measures how often good images
are warned of and bad ones are not.
"""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import DataError, ImageError
from cxrzoo.images.decoding import colourfulness, decode
from cxrzoo.images.reading import resize
from cxrzoo.text import shown
from cxrzoo.typed import check_fields

THUMBNAIL: Final = 24
"""Edge of the image that likeness is decided on."""

REASONS: Final = (
    "unreadable", "tiny", "aspect", "not grey", "small range", "too dark", "too bright", "flat",
    "inverted", "turned", "not frontal",
)  # fmt: skip

_LEAST_EDGE: Final = 64
"""Below this a lesion of a few millimetres is less than a pixel; our choice."""
_MOST_ASPECT: Final = 1.6
"""Longer edge by shorter. Of NIH's 112,120 originals 5 are beyond, as the same command counts."""
_MOST_COLOUR: Final = 8.0
"""Mean distance of a pixel's channels from their mean; JPEG makes grey differ by a little."""


@dataclass(frozen=True, slots=True)
class ImageProblem:
    """Why a model should not be shown an image.

    Attributes:
        image: the file.
        reason: one of ``REASONS``.
        detail: what was measured, in words.
    """

    image: str
    reason: str
    detail: str

    def __post_init__(self) -> None:
        check_fields(self)

    def __str__(self) -> str:
        return f"{self.image}: {self.reason} ({self.detail})"


@dataclass(frozen=True)
class CheckRule:
    """What ``benchmarks/embedded/image_checks.py`` fits.

    Attributes:
        average: the average standardised thumbnail, of length 1, (576,).
        components: the first principal components, orthonormal and orthogonal to the average, (12, 576).
        least_correlation: with the average; below it an image is not frontal.
        most_unexplained: part of an image's variance that average and components may leave.
        mean: least and greatest mean grey, (2,).
        least_range: from the 1st to the 99th percentile of grey.
        turn_margin: how much better another quarter turn may correlate.
    """

    average: NDArray[np.float32]
    components: NDArray[np.float32]
    least_correlation: float
    most_unexplained: float
    mean: NDArray[np.float64]
    least_range: float
    turn_margin: float

    def compare(self, thumbnail: NDArray[np.float64]) -> tuple[float, float]:
        """Return a standardised thumbnail's correlation with the average and its unexplained variance."""
        length = float(np.linalg.norm(thumbnail)) or 1.0
        unit = thumbnail / length
        correlation = float(unit @ self.average)
        return correlation, 1 - correlation**2 - float(np.sum((self.components @ unit) ** 2))

    def is_frontal(self, thumbnail: NDArray[np.float64]) -> bool:
        """Return whether both limits are kept."""
        correlation, unexplained = self.compare(thumbnail)
        return correlation >= self.least_correlation and unexplained <= self.most_unexplained


@cache
def check_rule() -> CheckRule:
    """Return the rule that ships with the package."""
    with (files("cxrzoo.images") / "check_rule.npz").open("rb") as stream:
        arrays = dict(np.load(stream, allow_pickle=False))
    fitted: dict[str, Any] = {name: a if a.ndim else float(a) for name, a in arrays.items()}
    return CheckRule(**fitted)


def check_images(images: Any) -> list[ImageProblem]:
    """Return what speaks against showing these images to a model of frontal chest X-rays.

    An image without a problem has passed; one image may have several. Nothing is dropped or changed.
    ``"not frontal"`` says that an image is not like the frontal X-rays of NIH ChestX-ray14: it may be a
    lateral view, another body part, a photograph, or an unusual chest. The rule has not been measured
    on laterals, of which that data set has none.

    Args:
        images: records, or files.

    Returns:
        Problems in the order of the images, and of ``REASONS`` for each.
    """
    paths = _paths(getattr(images, "images", images))
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        return [problem for found in pool.map(_check, paths) for problem in found]


def _paths(images: Any) -> list[str]:
    if not isinstance(images, Iterable) or isinstance(images, str | bytes):
        raise DataError(f"images must be records, or a list of files; got {shown(images)}")
    try:
        return [os.fsdecode(path) for path in images]
    except Exception as error:  # noqa: BLE001 - a stranger's object raises what it likes
        raise DataError(f"images must be records, or a list of files: {error!s:.200}") from None


def _check(path: str) -> list[ImageProblem]:
    try:
        picture, small = decode(path)
    except ImageError as error:
        return [ImageProblem(path, "unreadable", str(error).removeprefix(f"{path}: "))]
    found = dict(find_problems(np.asarray(picture)))
    if small is not None:
        found["small range"] = small
    if (colour := colourfulness(path)) > _MOST_COLOUR:
        found["not grey"] = f"channels differ by {colour:.0f} of 255 on average"
    return [ImageProblem(path, reason, found[reason]) for reason in REASONS if reason in found]


def find_problems(grey: NDArray[np.uint8]) -> Iterator[tuple[str, str]]:
    """Give reasons, and what was measured, for the pixels (h, w) of one image."""
    rule = check_rule()
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
    if high - low < rule.least_range:
        yield (
            "flat",
            f"98 % of it is within {high - low:.0f} of 255; {rule.least_range:.0f} is the least",
        )
    if high == low:
        return  # nothing is left to compare
    small = standardised_thumbnail(grey)
    turns = [np.rot90(small.reshape(THUMBNAIL, THUMBNAIL), k).ravel() for k in range(4)]
    correlation, unexplained = rule.compare(small)
    if correlation < 0 and rule.is_frontal(-small):
        yield "inverted", f"correlation {correlation:.2f} with the average chest X-ray"
        return
    turned = [rule.compare(turn)[0] for turn in turns[1:]]
    best = int(np.argmax(turned))
    if turned[best] > correlation + rule.turn_margin and rule.is_frontal(turns[1 + best]):
        yield "turned", f"turned by {90 * (best + 1)} degrees it would be like a chest X-ray"
    elif not rule.is_frontal(small):
        alike, unlike = f"correlation {correlation:.2f}", f"{100 * unexplained:.0f} % unlike any"
        yield "not frontal", f"{alike} with the average chest X-ray, {unlike}"


def standardised_thumbnail(grey: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the thumbnail's grey values with mean 0 and standard deviation 1, (576,); 0 if flat."""
    small = resize(np.ascontiguousarray(grey), THUMBNAIL).astype(np.float64).ravel()
    small -= small.mean()
    deviation = small.std()
    return np.asarray(small / deviation) if deviation else small
