"""Images decoded once: uint8 pixels in memory-mapped shards, and an index that says what they are.

::

    index.json        source, settings, fingerprint, hash of each shard; there once the pack is finished
    sources.csv       the files, in the order of the rows, each with its length in bytes
    pixels-00000.npy  uint8 (rows, height, width), about 16 MiB a shard, and so on
    quarantine.csv    files that could not be read and why (``on_error="skip"``)
    unfinished.json   the index so far, until the pack is finished

A shard is written beside and renamed, so that what is there is whole, whenever packing is stopped.
"""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cxrzoo.beside import PARTIAL, delete_abandoned
from cxrzoo.data.columns import LabelledImages
from cxrzoo.data.csv_table import write_quarantine
from cxrzoo.data.image_names import key_depth
from cxrzoo.data.packs.index import (
    INDEX,
    SHARD_BYTES,
    SOURCES,
    PackIndex,
    difference,
    list_sources,
    read_index,
    sources_digest,
)
from cxrzoo.data.packs.mapped import QUARANTINE, Pack, open_pack
from cxrzoo.data.packs.write import only_packer, write_beside, write_shards
from cxrzoo.errors import DataError
from cxrzoo.images.spec import ImageSpec, requested_spec
from cxrzoo.opened import given_path
from cxrzoo.progress import bar
from cxrzoo.sizes import check_whole
from cxrzoo.text import shown, text_bytes
from cxrzoo.typed import check_arguments

_UNFINISHED = "unfinished.json"
_OWN_PARTIAL = re.compile(
    r"\.(index\.json|unfinished\.json|sources\.csv|quarantine\.csv|pixels-\d+\.npy)(\.\d+)?\.partial"
)


def pack(
    records: LabelledImages,
    directory: str | os.PathLike[str],
    image_size: int | tuple[int, int] | None = None,
    *,
    aspect: Literal["stretch", "pad", "crop"] | None = None,
    image_spec: ImageSpec | None = None,
    workers: int | None = None,
    on_error: Literal["stop", "skip"] = "stop",
) -> Pack:
    """Decode and resize every image once, into a directory of memory-mapped shards.

    What was stopped, by whatever, goes on where it was when the same call is made again, and ends in
    the same bytes; what is finished is opened. A process that finds another one packing into the
    directory waits for it. On a terminal a bar shows how far it is and how long it will take.

    Args:
        records: the images, in the order of the pack's rows.
        directory: new, empty, or a pack of the same images and settings, finished or not.
        image_size: edge, or (height, width), in pixels; 224 if None and ``image_spec`` does not say.
        aspect: ``"stretch"``, the default, ``"pad"`` or ``"crop"``; see :class:`cxrzoo.images.ImageSpec`.
        image_spec: size and aspect in one, as ``model.cxrzoo.image_spec`` has them. A pack holds one
            channel, from which datasets of one and of three are fed.
        workers: threads that decode; one for each processor if None.
        on_error: ``"stop"`` at the first file that cannot be read, or ``"skip"``: such rows become
            black, ``quarantine.csv`` lists them, and no dataset will feed them.

    Raises:
        ImageError: a file cannot be read and ``on_error`` is ``"stop"``.
        DataError: the directory holds something else, such as a pack of other files, size or
            settings; it cannot be written to; or an argument makes no sense.
    """
    check_arguments(pack, locals())
    folder = given_path(directory, DataError)
    workers = (os.cpu_count() or 1) if workers is None else workers
    check_whole("workers", workers, 1)
    if on_error not in ("stop", "skip"):
        raise DataError(f"on_error must be 'stop' or 'skip'; got {shown(on_error)}")
    spec = requested_spec(image_spec, image_size=image_size, aspect=aspect)
    wanted = _planned(records, spec)
    _make(folder)
    # A finished pack is only read: it may stand where nothing can be written.
    if not (folder / INDEX).exists() or (folder / _UNFINISHED).exists():
        with only_packer(folder):
            if not (folder / INDEX).exists():
                _pack(records.images, wanted, folder, workers=workers, on_error=on_error)
            (folder / _UNFINISHED).unlink(missing_ok=True)
    found = open_pack(folder)
    _refuse_other(folder, found.index, wanted)
    if on_error == "stop" and found.index.unreadable:
        found.refuse_unreadable(records.images, np.arange(len(records)))
    return found


def cached_pack(
    records: LabelledImages,
    directory: str | os.PathLike[str],
    image_size: int | tuple[int, int] | None = None,
    aspect: Literal["stretch", "pad", "crop"] | None = None,
    *,
    image_spec: ImageSpec | None = None,
) -> Pack:
    """Return the pack in a directory if it suits these records, whole or in part; else make it.

    The arguments are those of :func:`pack`.

    Raises:
        DataError: the directory holds a pack that does not suit.
    """
    check_arguments(cached_pack, locals())
    folder = given_path(directory, DataError)
    if not (folder / INDEX).exists():
        return pack(records, folder, image_size, aspect=aspect, image_spec=image_spec)
    found = open_pack(folder)
    spec = requested_spec(image_spec, image_size=image_size, aspect=aspect)
    wanted = replace(found.index, height=spec.height, width=spec.width, aspect=spec.aspect)
    _refuse_other(folder, found.index, wanted)
    return found


def _planned(records: LabelledImages, spec: ImageSpec) -> PackIndex:
    if not len(records):
        raise DataError(f"there are no rows in {records!r}; a pack needs one at least")
    depth = key_depth(records.images)
    return PackIndex(
        source=records.name,
        rows=len(records),
        height=spec.height,
        width=spec.width,
        aspect=spec.aspect,
        key_depth=depth,
        sources_sha256=sources_digest(records.images, depth),
        rows_per_shard=max(1, SHARD_BYTES // (spec.height * spec.width)),
    )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    except OSError as error:
        raise DataError(f"cannot pack into {folder} ({error.strerror or error})") from error
    if names and not names & {INDEX, _UNFINISHED}:
        raise DataError(
            f"{folder} holds something else ({min(names)}); pack into a new or an empty directory"
        )


def _pack(
    images: NDArray[np.object_],
    wanted: PackIndex,
    folder: Path,
    *,
    workers: int,
    on_error: Literal["stop", "skip"],
) -> None:
    for leftover in folder.glob(f".*{PARTIAL}"):
        if _OWN_PARTIAL.fullmatch(leftover.name):
            delete_abandoned(leftover)
    begun = folder / _UNFINISHED
    if begun.exists():
        _refuse_other(folder, read_index(begun), wanted)
    else:
        # First what will tell the next call whose pack this is.
        with write_beside(begun) as write:
            write(wanted.to_json().encode())
    with write_beside(folder / SOURCES) as write:
        for text in list_sources(images, wanted.key_depth):
            write(text_bytes(text))
    with bar(f"packing into {folder.name}", wanted.rows) as on_rows:
        shards = write_shards(
            images, wanted, folder, workers=workers, on_error=on_error, on_rows=on_rows
        )
    if shards.failures:
        unread = [(images[row], reason) for row, reason in shards.failures]
        try:
            write_quarantine(folder / QUARANTINE, unread)
        except OSError as error:
            raise DataError(f"cannot write {folder / QUARANTINE} ({error.strerror})") from error
    unreadable = tuple(row for row, _ in shards.failures)
    finished = replace(wanted, shards_sha256=shards.sha256, unreadable=unreadable)
    with write_beside(folder / INDEX) as write:
        write(finished.to_json().encode())


def _refuse_other(folder: Path, found: PackIndex, wanted: PackIndex) -> None:
    if differs := difference(found, wanted):
        raise DataError(
            f"{folder} holds a pack {differs}; pack into another directory, or delete that one"
        )
