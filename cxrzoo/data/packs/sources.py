"""Which files a pack was made of, and which of its rows belong to a table of records.

A file is known by the end of its path: as many components as tell all files of the pack apart, one
for data sets whose file names are unique. So a pack fits its files wherever they are moved to, and
any part of them.
"""

import csv
import io
import os
from collections.abc import Iterator
from hashlib import blake2b, sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import DataError

SOURCES = "sources.csv"
"""The list of a pack's files, in the order of its rows: columns ``file`` and ``bytes``."""

_LINES = 10_000


def key_depth(images: NDArray[np.object_]) -> int:
    """Return how many last components of their paths tell the files apart."""
    # Hashes, not strings: a million rows take eight megabytes.
    different = len(np.unique(_hashes(images, 0)))
    depth = 1
    while len(np.unique(_hashes(images, depth))) < different:
        depth += 1
    return depth


def list_sources(images: NDArray[np.object_], depth: int) -> Iterator[str]:
    """Give the text of the list of files, piece by piece."""
    for start in range(0, len(images), _LINES):
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        if start == 0:
            writer.writerow(("file", "bytes"))
        for path in images[start : start + _LINES]:
            size = _size(path)
            writer.writerow((_key(path, depth), "" if size is None else size))
        yield text.getvalue()


def sources_digest(images: NDArray[np.object_], depth: int) -> str:
    """Return the SHA-256 of the list of files."""
    digest = sha256()
    for text in list_sources(images, depth):
        digest.update(text.encode())
    return digest.hexdigest()


def match_sources(directory: Path, depth: int, images: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the row of a pack that holds each of these images, (n,).

    An image whose file is gone is known by its name alone.

    Raises:
        DataError: the pack lacks an image, or was made of a file of another length.
    """
    first: dict[str, int] = {}
    same = np.array([first.setdefault(_key(p, depth), i) for i, p in enumerate(images)], np.int64)
    if (images[same] != images).any():
        clash = int(np.flatnonzero(images[same] != images)[0])
        raise DataError(
            f"the pack in {directory} was made of other files: it cannot tell {images[clash]} from "
            f"{images[same[clash]]}; pack into another directory"
        )
    rows = np.full(len(images), -1, np.int64)
    for row, (name, size) in enumerate(_listed(directory / SOURCES)):
        place = first.get(name)
        if place is None or rows[place] >= 0:
            continue
        rows[place] = row
        now = _size(images[place])
        if now is not None and str(now) != size:
            raise DataError(
                f"the pack in {directory} is out of date: {images[place]} has {now:,} bytes, and had "
                f"{size or 'none'} when it was packed; delete the pack, or pack into another directory"
            )
    rows = rows[same]
    if (lacking := rows < 0).any():
        raise DataError(
            f"the pack in {directory} was made of other files: it lacks {np.sum(lacking):,} of the "
            f"{len(images):,} images asked for (e.g. {images[lacking][0]}); pack into another directory"
        )
    return rows


def _hashes(images: NDArray[np.object_], depth: int) -> NDArray[np.uint64]:
    """Return hashes of the last components of each path, or of the whole path if depth is 0."""
    return np.fromiter(
        (
            int.from_bytes(blake2b(_key(path, depth).encode(), digest_size=8).digest())
            for path in images
        ),
        np.uint64,
        len(images),
    )


def _key(path: str, depth: int) -> str:
    return "/".join(path.replace(os.sep, "/").split("/")[-depth:])


def _size(path: str) -> int | None:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - a million str paths
    except OSError:
        return None


def _listed(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            next(rows, None)
            yield from ((name, size) for name, size in rows)
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(
            f"{path} cannot be read ({error}); delete the pack and make it anew"
        ) from None
