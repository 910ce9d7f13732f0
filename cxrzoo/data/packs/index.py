"""What a pack is made of: its ``index.json``, and the list of its files.

A file is known by the end of its path (:mod:`cxrzoo.data.image_names`), so that a pack fits its files
wherever they are moved to, and any part of them.
"""

import csv
import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.image_names import image_key
from cxrzoo.errors import DataError, DataNotFoundError, named
from cxrzoo.images.spec import ImageSpec
from cxrzoo.opened import open_file, shown_path
from cxrzoo.strict_json import dump, from_plain, parse_object, read_bytes, to_plain
from cxrzoo.text import for_csv, from_csv, text_bytes, visible

INDEX: Final = "index.json"

_MAX_BYTES: Final = 64 * 1024 * 1024
"""Of the index: it names every shard, and every file that could not be read."""

SHARD_BYTES: Final = 2**24
"""Pixels in a shard, about: what a stop costs at the most; packing holds three shards in memory."""

_FORMAT: Final = "cxrzoo-pack/1"
"""Changes with the layout, and with the definition of how a file becomes pixels."""


@dataclass(frozen=True)
class PackIndex:
    """What a pack is made of and how.

    Attributes:
        source: the name of the records.
        rows: the number of images.
        height: of an image, in pixels.
        width: of an image, in pixels.
        aspect: ``"stretch"``, ``"pad"`` or ``"crop"``.
        key_depth: how many last components of a path name a file in ``sources.csv``.
        sources_sha256: of ``sources.csv``.
        rows_per_shard: images in each shard but the last.
        shards_sha256: of each shard; empty while the pack is unfinished.
        unreadable: rows whose file could not be read; black. ``quarantine.csv`` has the reasons.
    """

    source: str
    rows: int
    height: int
    width: int
    aspect: str
    key_depth: int
    sources_sha256: str
    rows_per_shard: int
    shards_sha256: tuple[str, ...] = ()
    unreadable: tuple[int, ...] = ()

    @property
    def image_spec(self) -> ImageSpec:
        """How an image was read: grey, whatever channels are asked for later."""
        return ImageSpec(self.height, self.width, 1, self.aspect)  # type: ignore[arg-type] # it checks

    @property
    def n_shards(self) -> int:
        """How many shards the pack has once it is finished."""
        return -(-self.rows // self.rows_per_shard)

    @property
    def fingerprint(self) -> str:
        """A hash of files and settings: equal for packs that hold the same pixels."""
        asked = {name: value for name, value in asdict(self).items() if name not in _LATER}
        text = json.dumps({"format": _FORMAT, **asked}, sort_keys=True)
        return sha256(text.encode()).hexdigest()

    def shard_rows(self, shard: int) -> range:
        """Return the rows that a shard holds."""
        first = shard * self.rows_per_shard
        return range(first, min(first + self.rows_per_shard, self.rows))

    def shard_shape(self, shard: int) -> tuple[int, int, int]:
        """Return how many rows a shard holds, and the height and width of each."""
        return len(self.shard_rows(shard)), self.height, self.width

    def to_json(self) -> str:
        """Return the text of ``index.json``."""
        content = {"format": _FORMAT, "fingerprint": self.fingerprint, **to_plain(self)}
        return dump(content, indent=1, ascii_only=True)


_LATER: Final = frozenset({"source", "shards_sha256", "unreadable"})
"""Not part of what was asked for: found while packing, or a name alone."""

_WORDS: Final = {
    ("rows", "key_depth", "sources_sha256"): "of other files, or of files that have changed since",
    ("height", "width"): "of {0.height} x {0.width} pixels, not {1.height} x {1.width}",
    ("aspect",): f"with {named('aspect')}={{0.aspect!r}}, not {{1.aspect!r}}",
    ("rows_per_shard",): "in shards of {0.rows_per_shard} images, not {1.rows_per_shard}",
}


def difference(found: PackIndex, wanted: PackIndex) -> str | None:
    """Return in words how the pack that is there differs from the wanted one; None if it does not."""
    for names, words in _WORDS.items():
        if any(getattr(found, name) != getattr(wanted, name) for name in names):
            return words.format(found, wanted)
    return None


def shard_name(shard: int) -> str:
    """Return the file name of a shard."""
    return f"pixels-{shard:05d}.npy"


def read_index(path: Path) -> PackIndex:
    """Read ``index.json``, or its forerunner in an unfinished pack.

    Raises:
        DataNotFoundError: there is none.
        DataError: it is not what this version writes.
    """
    raw = read_bytes(path, _MAX_BYTES, error=DataError, absent=_no_pack(path))
    content = parse_object(raw, source=str(path), error=DataError, max_bytes=_MAX_BYTES)
    if content.pop("format", None) != _FORMAT:
        raise DataError(f"{path} is no pack of this version ({_FORMAT}); delete it and pack anew")
    fingerprint = content.pop("fingerprint", None)
    index = from_plain(PackIndex, content, source=str(path), error=DataError, complete=True)
    sizes = (index.rows, index.height, index.width, index.key_depth, index.rows_per_shard)
    possible = min(sizes) > 0 and min(index.unreadable, default=0) >= 0
    if (
        not possible
        or index.fingerprint != fingerprint
        or len(index.shards_sha256) not in (0, index.n_shards)
    ):
        raise DataError(f"{path} is damaged: its fingerprint is not that of what it says")
    return index


SOURCES = "sources.csv"
"""The list of a pack's files, in the order of its rows: columns ``file`` and ``bytes``."""

_LINES = 10_000


def list_sources(images: NDArray[np.object_], depth: int) -> Iterator[str]:
    """Give the text of the list of files, piece by piece."""
    for start in range(0, len(images), _LINES):
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        if start == 0:
            writer.writerow(("file", "bytes"))
        for path in images[start : start + _LINES]:
            size = _size(path)
            writer.writerow((for_csv(image_key(path, depth)), "" if size is None else size))
        yield text.getvalue()


def sources_digest(images: NDArray[np.object_], depth: int) -> str:
    """Return the SHA-256 of the list of files."""
    digest = sha256()
    for text in list_sources(images, depth):
        digest.update(text_bytes(text))
    return digest.hexdigest()


def match_sources(directory: Path, depth: int, images: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the row of a pack that holds each of these images, (n,).

    An image whose file is gone is known by its name alone.

    Raises:
        DataError: the pack lacks an image, or was made of a file of another length.
    """
    first: dict[str, int] = {}
    same = np.array(
        [first.setdefault(visible(image_key(p, depth)), i) for i, p in enumerate(images)], np.int64
    )
    if (images[same] != images).any():
        clash = int(np.flatnonzero(images[same] != images)[0])
        raise DataError(
            f"the pack in {directory} was made of other files: it cannot tell {images[clash]} from "
            f"{images[same[clash]]}; pack into another directory"
        )
    rows = np.full(len(images), -1, np.int64)
    for row, (name, size) in enumerate(_listed(directory / SOURCES)):
        place = first.get(visible(image_key(from_csv(name), depth)))
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


def _no_pack(path: Path) -> Callable[[str], DataNotFoundError]:
    text = f"{shown_path(path.parent)} holds no finished pack: it has no {path.name}"
    return lambda _: DataNotFoundError(text)


def _size(path: str) -> int | None:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - a million str paths
    except OSError:
        return None


def _listed(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with io.TextIOWrapper(open_file(path, DataError), encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            next(rows, None)
            yield from ((name, size) for name, size in rows)
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(
            f"{path} cannot be read ({error}); delete the pack and make it anew"
        ) from None
