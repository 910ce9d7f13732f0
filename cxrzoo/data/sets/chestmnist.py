"""ChestMNIST of MedMNIST v2: NIH ChestX-ray14, made small.

Yang et al., "MedMNIST v2 - A large-scale lightweight benchmark for 2D and 3D biomedical image
classification", Scientific Data 10, 41, 2023; https://medmnist.com, https://zenodo.org/records/10519652.
"""

import os
import zipfile
import zlib
from collections.abc import Iterator
from io import BufferedReader, BytesIO
from itertools import chain
from math import prod
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.columns import object_array
from cxrzoo.data.records import Records
from cxrzoo.data.sets.register import register_data_set
from cxrzoo.data.sets.vocabulary import Names, map_labels
from cxrzoo.errors import DataError, DataNotFoundError, TableError
from cxrzoo.files import write_whole
from cxrzoo.labels import NIH_FINDINGS, NIH_LABELS, NO_FINDING
from cxrzoo.opened import open_file
from cxrzoo.typed import check_arguments

_PARTS = ("train", "val", "test")
_EDGES: Final = (28, 64, 128, 224)
_MOST_ROWS: Final = 2**17
"""Of a part; the largest that is published has 78,468."""
_MOST_PIECE: Final = 2**24
"""Bytes that are read at a time."""
_ZIP: Final = (zipfile.BadZipFile, zlib.error)

NAMES: Final[Names] = {name.lower().removesuffix("_thickening"): name for name in NIH_FINDINGS}


@register_data_set(
    "chestmnist",
    title="ChestMNIST",
    names=NAMES,
    holds="the file itself: `chestmnist.npz`, `chestmnist_64.npz`, `_128` or `_224`",
    images=112_120,
    metadata=("part",),
    split="official",
    terms="CC BY 4.0",
    link="https://medmnist.com",
)
def ChestMNIST(
    npz: str | os.PathLike[str], images: str | os.PathLike[str] | None = None
) -> Records:
    """Read all images of ``chestmnist.npz`` (28 pixels) or ``chestmnist_64.npz``, ``_128``, ``_224``.

    The pixels are written once as PNG files, ``PART/000000.png``, because records name files; files
    that are there already are left as they are. The fourteen labels are NIH's, and ``No Finding`` is
    'none of them', as in NIH's set. Patients are not published, so they are unknown; the parts are
    those of NIH's patients. ``metadata`` has ``part`` (``train``, ``val``, ``test``).

    Args:
        npz: the file as it is downloaded.
        images: the folder for the PNG files; beside ``npz`` under its name if None.

    Raises:
        DataNotFoundError: there is no such file, or it is a folder or the like.
        TableError: the file is no ChestMNIST.
    """
    check_arguments(ChestMNIST, locals())
    path = Path(npz)
    files: list[str] = []
    targets, parts = [], []
    try:
        with (
            open_file(path, DataNotFoundError) as file,
            zipfile.ZipFile(_Pieces(file)) as archive,
        ):
            folder = path.with_suffix("") if images is None else Path(images)
            for part in _PARTS:
                labels = np.concatenate(list(_rows(archive, f"{part}_labels.npy", 14)))
                count = _unpack(archive, part, len(labels), folder / part)
                files += [os.path.join(folder, part, f"{i:06}.png") for i in range(count)]
                targets.append(labels.astype(np.float32))
                parts += [part] * count
    except DataError:
        raise
    except (KeyError, ValueError, EOFError, RuntimeError, NotImplementedError, *_ZIP) as error:
        raise TableError(f"{path} is no ChestMNIST: {error}") from None
    columns = dict(zip(NAMES, np.concatenate(targets).T, strict=True))
    findings, known = map_labels(NAMES, columns)
    none = (known == 0).all(axis=1, keepdims=True).astype(np.float32)
    records = Records(
        images=object_array(files),
        targets=np.concatenate([known, none], axis=1),
        labels=(*findings, NO_FINDING),
        metadata={"part": object_array(parts)},
        name="chestmnist",
    )
    return records.relabel(NIH_LABELS)


class _Pieces:
    """A zip file that is read in pieces: the list of its members may claim to be as long as the file."""

    def __init__(self, file: BufferedReader) -> None:
        self.seekable, self.seek, self.tell = file.seekable, file.seek, file.tell
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, if they are not too many to be of a ChestMNIST."""
        if not 0 <= size <= _MOST_PIECE:
            size = _MOST_PIECE + 1
        data = self._file.read(size)
        if len(data) > _MOST_PIECE:
            raise ValueError("its list of members is larger than any")
        return data


def _unpack(archive: zipfile.ZipFile, part: str, n: int, folder: Path) -> int:
    from PIL import Image  # noqa: PLC0415 - every set is imported; Pillow only when needed

    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    pieces = _rows(archive, f"{part}_images.npy", None, n)
    for count, pixels in enumerate(chain.from_iterable(pieces), 1):
        target = folder / f"{count - 1:06}.png"
        if not target.exists():
            png = BytesIO()
            Image.fromarray(pixels).save(png, format="PNG")
            write_whole(target, png.getvalue())
    return count


def _rows(
    archive: zipfile.ZipFile, name: str, width: int | None, n: int | None = None
) -> Iterator[NDArray[Any]]:
    """Yield the rows of an array, n of them, a few at a time: at 224 pixels the whole is 4 GB."""
    member = archive.getinfo(name)
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{name} is compressed in another way than NumPy's")
    with archive.open(member) as stream:
        if (version := np.lib.format.read_magic(stream)) != (1, 0):
            raise ValueError(f"{name} is of array format {version}")
        try:
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
        except Exception as error:  # noqa: BLE001 - what NumPy cannot parse raises nearly anything
            raise ValueError(f"the header of {name} is none ({type(error).__name__})") from None
        square = width is None and len(shape) == 3 and shape[1] == shape[2] in _EDGES
        if fortran or dtype.kind not in "ui" or not (square or shape[1:] == (width,)):
            raise ValueError(f"{name} is of shape {shape} and type {dtype}")
        if width is None and dtype != np.uint8:
            raise ValueError(f"{name} is of type {dtype}; uint8 was expected")
        if not 0 < shape[0] <= _MOST_ROWS or shape[0] != (n or shape[0]):
            wanted = f"{n:,}" if n else f"1 to {_MOST_ROWS:,}"
            raise ValueError(f"{name} has {shape[0]:,} rows; {wanted} were expected")
        size = dtype.itemsize * prod(shape[1:])
        left = shape[0]
        if member.file_size != stream.tell() + left * size:
            raise ValueError(
                f"{name} has {member.file_size:,} bytes, not those of its shape {shape}"
            )
        while left:
            count = min(left, max(1, _MOST_PIECE // size))
            data = stream.read(count * size)
            if len(data) != count * size:
                raise EOFError(f"{name} ends early")
            yield np.frombuffer(data, dtype).reshape(count, *shape[1:])
            left -= count
