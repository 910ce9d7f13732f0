"""A finished pack: pixels from the memory map."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.columns import LabelledImages
from cxrzoo.data.packs.index import INDEX, SOURCES, PackIndex, match_sources, read_index, shard_name
from cxrzoo.data.packs.write import sha256_of
from cxrzoo.errors import DataError, ImageError
from cxrzoo.opened import given_path, require_file
from cxrzoo.typed import check_arguments, check_fields

QUARANTINE = "quarantine.csv"
"""The list of files that could not be read."""


@dataclass(frozen=True, repr=False)
class Pack:
    """A finished pack: ``pack.pixels(rows)`` gives images from the memory map.

    Attributes:
        directory: where it is.
        index: what it is made of and how.
    """

    directory: Path
    index: PackIndex

    def __post_init__(self) -> None:
        check_fields(self)

    def __len__(self) -> int:
        return self.index.rows

    def __repr__(self) -> str:
        size = f"{self.index.height} x {self.index.width}"
        return f"Pack({str(self.directory)!r}: {len(self):,} images of {size})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Maps are not sent to other processes; each maps the files itself.
        return (Pack, (self.directory, self.index))

    @cached_property
    def _shards(self) -> list[NDArray[np.uint8]]:
        shards = []
        for shard in range(self.index.n_shards):
            path = self.directory / shard_name(shard)
            shape = self.index.shard_shape(shard)
            require_file(path, DataError)
            try:
                mapped = np.load(path, mmap_mode="r", allow_pickle=False)
            except (OSError, ValueError) as error:
                raise DataError(f"{path} cannot be read ({error}); pack anew") from None
            if mapped.shape != shape or mapped.dtype != np.uint8:
                raise DataError(
                    f"{path} holds {mapped.dtype} of shape {mapped.shape}; expected uint8 of {shape}"
                )
            shards.append(np.asarray(mapped))  # the map itself takes longer to slice than to copy
        return shards

    def pixels(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the images of these rows of the pack, uint8 (b, h, w, 1)."""
        out = np.empty((len(rows), self.index.height, self.index.width, 1), np.uint8)
        shards, grey = self._shards, out[:, :, :, 0]
        which, where = np.divmod(rows, self.index.rows_per_shard)
        for i, (shard, place) in enumerate(zip(which.tolist(), where.tolist(), strict=True)):
            grey[i] = shards[shard][place]
        return out

    def rows(self, records: LabelledImages) -> NDArray[np.int64]:
        """Return the pack's row of each of these records' images, (n,).

        Raises:
            DataError: the pack lacks an image, or a file has changed since.
            ImageError: a file could not be read when it was packed.
        """
        rows = match_sources(self.directory, self.index.key_depth, records.images)
        self.refuse_unreadable(records.images, rows)
        return rows

    def readable(self, records: LabelledImages) -> NDArray[np.bool_]:
        """Return whether each of these records' images could be read when it was packed, (n,)."""
        rows = match_sources(self.directory, self.index.key_depth, records.images)
        return ~np.isin(rows, self.index.unreadable)

    def refuse_unreadable(self, images: NDArray[np.object_], rows: NDArray[np.int64]) -> None:
        """Raise an ImageError if one of these rows, of these images, could not be read."""
        bad = np.isin(rows, self.index.unreadable)
        if bad.any():
            raise ImageError(
                f"{np.sum(bad):,} of the {len(bad):,} images could not be read when they were packed "
                f"(e.g. {images[bad][0]}); {self.directory / QUARANTINE} has the reasons; leave those "
                "rows out, as in records[pack.readable(records)]"
            )

    def verify(self) -> None:
        """Read every file of the pack and compare its hash.

        Raises:
            DataError: a file is not what was written; the message names the first.
        """
        names = [SOURCES, *map(shard_name, range(self.index.n_shards))]
        hashes = [self.index.sources_sha256, *self.index.shards_sha256]
        for name, expected in zip(names, hashes, strict=True):
            try:
                found = sha256_of(self.directory / name)
            except OSError as error:
                raise DataError(f"{self.directory / name} cannot be read ({error})") from None
            if found != expected:
                raise DataError(
                    f"{self.directory / name} is damaged: its SHA-256 is {found}, and was {expected} "
                    "when it was packed; delete the pack and make it anew"
                )


def open_pack(directory: str | os.PathLike[str]) -> Pack:
    """Return the finished pack in a directory.

    Raises:
        DataNotFoundError: there is none.
        DataError: its index is damaged or of another version.
    """
    check_arguments(open_pack, locals())
    folder = given_path(directory, DataError)
    return Pack(folder, read_index(folder / INDEX))
