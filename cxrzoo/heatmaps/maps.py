"""Heat maps as they were computed, laid on the pictures that they are of when they are asked for."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import DataError
from cxrzoo.files import whole_file
from cxrzoo.images import Placement
from cxrzoo.sizes import check_number, check_whole
from cxrzoo.text import shown
from cxrzoo.typed import check_fields, require_kind


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a picture, in its pixels; the origin is the picture's upper left corner.

    Attributes:
        x: of its left edge.
        y: of its upper edge.
        width: above 0.
        height: above 0.
    """

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        check_fields(self)
        for name, value in zip(("x", "y", "width", "height"), self, strict=True):
            if not isfinite(value) or (name in ("width", "height") and value <= 0):
                raise DataError(
                    f"{name} of a box must be finite, a side above 0; got {shown(value)}"
                )

    def __iter__(self) -> Iterator[float]:
        return iter((self.x, self.y, self.width, self.height))


@dataclass(frozen=True, eq=False, repr=False)
class Heatmaps:
    """Heat maps of ``n`` pictures for ``k`` labels.

    They are held as coarse as they were computed, which takes little memory; ``heatmaps[i]`` lays those
    of one picture on its own pixels, and ``heatmaps.maps`` those of all.

    Attributes:
        images: the ``n`` names of the pictures.
        labels: the ``k`` names of the labels.
        method: one of :data:`METHODS`.
        values: float32 ``(n, k, rows, columns)``, not negative: over what the model sees, in units of the
            method.
        scores: float32 ``(n, k)``: the model's.
        placements: where each picture lies in what the model sees.
    """

    images: tuple[str, ...]
    labels: tuple[str, ...]
    method: str
    values: NDArray[np.float32]
    scores: NDArray[np.float32]
    placements: tuple[Placement, ...]

    def __post_init__(self) -> None:
        check_fields(self)
        n, k = len(self.images), len(self.labels)
        for name, dimensions in (("values", 4), ("scores", 2)):
            array = getattr(self, name)
            require_kind(name, array, np.ndarray, "a NumPy array")
            if array.ndim != dimensions or array.shape[:2] != (n, k) or array.dtype.kind != "f":
                raise DataError(
                    f"{name} must be numbers of {n} images and {k} labels, {dimensions} dimensions in "
                    f"all; got {array.dtype} {array.shape}"
                )
        if len(self.placements) != n:
            raise DataError(f"placements must be {n}, one a picture; got {len(self.placements)}")

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        return (
            f"Heatmaps({self.method!r}: {len(self):,} pictures, {len(self.labels)} labels, "
            f"{self.values.shape[2]} x {self.values.shape[3]} values)"
        )

    def __getitem__(self, i: int) -> NDArray[np.float32]:
        """Return the maps of picture ``i`` on its own pixels, float32 ``(k, h, w)`` in [0, 1].

        The highest value of each is 1. A map that has nothing above 0 stays 0; what the model did not
        see of a cropped picture is 0.
        """
        check_whole("i", i, 0, most=len(self) - 1)
        return to_one(self.placements[i].undo(self.values[i]))

    @property
    def maps(self) -> NDArray[np.float32]:
        """All maps, float32 ``(n, k, h, w)`` in [0, 1].

        Raises:
            DataError: the pictures are of several sizes.
        """
        sizes = sorted({one.picture for one in self.placements})
        if len(sizes) > 1:
            raise DataError(
                f"the pictures are of {len(sizes)} sizes, such as {sizes[0]} and {sizes[-1]}, and "
                "make no one array; take heatmaps[i] of each"
            )
        if not len(self):
            raise DataError("there are no pictures, and so no maps")
        return np.stack([self[i] for i in range(len(self))])

    def peaks(self) -> NDArray[np.float64]:
        """Return where each map is highest, float64 ``(n, k, 2)``: y and x of the middle of a pixel.

        Where several pixels are as high, it is the one nearest to the middle of them; NaN where a map
        has nothing above 0.
        """
        found = np.full((len(self), len(self.labels), 2), np.nan)
        for i in range(len(self)):
            for j, one in enumerate(self[i]):
                found[i, j] = peak(one)
        return found

    def boxes(self, threshold: float = 0.5) -> list[list[Box | None]]:
        """Return a box for each picture and label, None where a map has nothing above 0.

        It is around the connected part at or above ``threshold`` that holds the peak.

        Args:
            threshold: a share of the highest value, above 0 and at most 1.
        """
        check_number("threshold", threshold, 0, 1, closed=True)
        return [[box(one, threshold) for one in self[i]] for i in range(len(self))]

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write an npz file, whole or not at all.

        It holds ``values``, ``scores``, ``labels``, ``images`` and ``method``, and as ``map_0``,
        ``map_1`` and so on what ``heatmaps[0]``, ``heatmaps[1]`` give, in float16.
        """
        arrays: dict[str, Any] = {
            "values": self.values,
            "scores": self.scores,
            "labels": np.array(self.labels),
            "images": np.array(self.images),
            "method": np.array(self.method),
            **{f"map_{i}": self[i].astype(np.float16) for i in range(len(self))},
        }
        with whole_file(path) as file:
            np.savez_compressed(file, **arrays)
        return Path(path)


def to_one(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return maps ``(..., h, w)``, not negative, the highest value of each 1; zeros stay zeros."""
    most = maps.max((-2, -1), keepdims=True)
    return np.asarray(np.divide(maps, most, out=np.zeros_like(maps), where=most > 0))


def peak(values: NDArray[np.floating[Any]]) -> tuple[float, float]:
    """Return y and x of the middle of a map's highest pixel; NaN if nothing is above 0."""
    most = values.max(initial=0)
    if not most > 0:
        return np.nan, np.nan
    places = np.argwhere(values >= most * (1 - 1e-6))
    nearest = np.square(places - places.mean(0)).sum(1).argmin()
    y, x = places[nearest] + 0.5
    return float(y), float(x)


def box(values: NDArray[np.floating[Any]], threshold: float) -> Box | None:
    """Return the box around the connected part of a map that holds its peak."""
    from scipy.ndimage import (  # type: ignore[import-untyped]  # noqa: PLC0415 - a quarter of a second
        find_objects,
        label,
    )

    y, x = peak(values)
    if np.isnan(y):
        return None
    parts, _ = label(values >= threshold * values.max())
    rows, columns = find_objects((parts == parts[int(y), int(x)]).astype(np.int8))[0]
    return Box(
        float(columns.start),
        float(rows.start),
        float(columns.stop - columns.start),
        float(rows.stop - rows.start),
    )
