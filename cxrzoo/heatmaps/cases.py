"""Small pictures of cases beside their heat maps, to be embedded in a page."""

from collections.abc import Sequence
from io import BytesIO
from os import PathLike
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cxrzoo.errors import DataError, LabelError, named
from cxrzoo.evaluation.cases import CasePictures, Cases
from cxrzoo.heatmaps.colours import overlay, shrunk
from cxrzoo.heatmaps.explainer import Explainer
from cxrzoo.heatmaps.maps import to_one
from cxrzoo.images.decoding import decode
from cxrzoo.labels import match_labels
from cxrzoo.progress import bar
from cxrzoo.sizes import check_whole
from cxrzoo.typed import check_arguments, require_kind

EDGE: Final = 256
"""Longest side of a picture, in pixels."""

MOST: Final = 1_000
"""Cases that are drawn at the most: of two pictures of some 10 kB each a page of 30 MB."""

_QUALITY: Final = 82
"""Of JPEG, which holds no word about the picture."""


def draw_cases(
    explainer: Explainer,
    cases: Cases,
    images: Sequence[str | PathLike[str] | bytes],
    *,
    batch_size: int = 8,
) -> CasePictures:
    """Draw each case small, plain and under its heat map, for `cxrzoo.evaluation.write_cases_html`.

    Every picture is read and explained once for all of its labels, a batch at a time, and only the small
    JPEGs are kept.

    Args:
        explainer: of the model that gave the scores, for the labels of the cases.
        cases: from `cxrzoo.evaluation.select_cases`.
        images: the file of every row of the report, or its bytes: ``records.images``.
        batch_size: pictures that the network takes at a time.

    Raises:
        LabelError: the explainer lacks a label of the cases.
        ImageError: a file cannot be read.
        DataError: there are more than a thousand cases, or fewer files than rows.
    """
    check_arguments(draw_cases, locals())
    check_whole("batch_size", batch_size, 1, most=4096)
    wanted = _wanted(cases)
    rows = sorted({row for _, row in wanted})
    files = _files(images, rows)
    if len(wanted) > MOST:
        raise DataError(
            f"cases: {len(wanted):,} pictures to draw, and {MOST:,} are at the most; select fewer with "
            f"a smaller {named('n')}, or fewer labels"
        )
    column = _columns(cases, explainer.labels)
    plain: dict[int, bytes] = {}
    heat: dict[tuple[str, int], bytes] = {}
    empty = []
    with bar("drawing", len(rows)) as advance_to:
        for at in range(0, len(rows), batch_size):
            part = rows[at : at + batch_size]
            found = explainer.explain([files[row] for row in part], batch_size=batch_size)
            for row, values in zip(part, found.values, strict=True):
                grey = _small(files[row])
                plain[row] = _jpeg(grey)
                place = explainer.image_spec.placement(*grey.shape)
                for label in [label for label, its in wanted if its == row]:
                    one = to_one(place.undo(values[column[label]]))
                    if not one.max() > 0:
                        empty.append((label, row))
                    heat[label, row] = _jpeg(overlay(grey, one))
            advance_to(min(at + batch_size, len(rows)))
    return CasePictures(explainer.method, plain, heat, _scale(), frozenset(empty))


def _wanted(cases: Cases) -> dict[tuple[str, int], None]:
    """Return label and row of every case once: one may be in two lists."""
    return {
        (label.label, one.row): None
        for label in cases.labels
        for _, _, listed in label.lists
        for one in listed
    }


def _files(
    images: Sequence[str | PathLike[str] | bytes], rows: list[int]
) -> dict[int, str | PathLike[str] | bytes]:
    given = list(images)
    if rows and rows[-1] >= len(given):
        raise DataError(
            f"images must be the file of every row of the report; there are {len(given):,}, and a case "
            f"is in row {rows[-1]:,}"
        )
    for row in rows:
        require_kind("images", given[row], (str, PathLike, bytes), "paths, or bytes of files")
    return {row: given[row] for row in rows}


def _columns(cases: Cases, known: tuple[str, ...]) -> dict[str, int]:
    """Return the column of the explainer's maps for each label of the cases."""
    labels = [one.label for one in cases.labels]
    same = match_labels(labels, known, where="the explainer")
    if absent := [label for label in labels if label not in same]:
        raise LabelError(
            f"explainer: it lacks {', '.join(absent)}; it has {', '.join(known)}. Make it with the "
            "labels of the cases"
        )
    return {label: known.index(same[label]) for label in labels}


def _small(file: str | PathLike[str] | bytes) -> NDArray[np.uint8]:
    picture, _ = decode(
        file
    )  # the explainer has read it too, and warned of what there is to warn of
    height, width = shrunk((picture.height, picture.width), EDGE)
    return np.asarray(picture.convert("L").resize((width, height), Image.Resampling.LANCZOS))


def _scale() -> bytes:
    ramp = np.linspace(0, 1, EDGE, dtype=np.float32)[None].repeat(14, 0)
    return _jpeg(overlay(np.full(ramp.shape, 128, np.uint8), ramp))  # as over a middle grey


def _jpeg(pixels: NDArray[np.uint8]) -> bytes:
    held = BytesIO()
    Image.fromarray(pixels).save(held, "JPEG", quality=_QUALITY)
    return held.getvalue()
