"""ChestMNIST of MedMNIST v2: NIH ChestX-ray14, made small.

Yang et al., "MedMNIST v2 - A large-scale lightweight benchmark for 2D and 3D biomedical image
classification", Scientific Data 10, 41, 2023; https://medmnist.com, https://zenodo.org/records/10519652.
"""

import os
import zipfile
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.columns import object_array
from cxrzoo.data.records import Records
from cxrzoo.data.sets.register import register_data_set
from cxrzoo.data.sets.vocabulary import Names, map_labels
from cxrzoo.errors import DataNotFoundError, TableError
from cxrzoo.files import write_whole
from cxrzoo.labels import NIH_FINDINGS, NIH_LABELS, NO_FINDING
from cxrzoo.typed import check_arguments

_PARTS = ("train", "val", "test")

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
        DataNotFoundError: there is no such file.
        TableError: the file is no ChestMNIST.
    """
    check_arguments(ChestMNIST, locals())
    path = Path(npz)
    if not path.is_file():
        raise DataNotFoundError(f"no such file: {path}")
    folder = path.with_suffix("") if images is None else Path(images)
    files: list[str] = []
    targets, parts = [], []
    try:
        with zipfile.ZipFile(path) as archive:
            for part in _PARTS:
                labels = np.concatenate(list(_rows(archive, f"{part}_labels.npy", 14)))
                count = _unpack(archive, part, folder / part)
                if labels.shape[0] != count:
                    raise ValueError(f"{count} images and {len(labels)} labels in {part}")  # noqa: TRY301 - as any other
                files += [os.path.join(folder, part, f"{i:06}.png") for i in range(count)]
                targets.append(labels.astype(np.float32))
                parts += [part] * count
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
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


def _unpack(archive: zipfile.ZipFile, part: str, folder: Path) -> int:
    from PIL import Image  # noqa: PLC0415 - every set is imported; Pillow only when needed

    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    pieces = _rows(archive, f"{part}_images.npy", None)
    for count, pixels in enumerate(chain.from_iterable(pieces), 1):
        target = folder / f"{count - 1:06}.png"
        if not target.exists():
            png = BytesIO()
            Image.fromarray(pixels).save(png, format="PNG")
            write_whole(target, png.getvalue())
    return count


def _rows(archive: zipfile.ZipFile, name: str, width: int | None) -> Iterator[NDArray[Any]]:
    """Yield the rows of an array, a few at a time: at 224 pixels the whole is 4 GB."""
    with archive.open(name) as stream:
        if (version := np.lib.format.read_magic(stream)) != (1, 0):
            raise ValueError(f"{name} is of array format {version}")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
        square = width is None and len(shape) == 3 and shape[1] == shape[2]
        if fortran or dtype.kind not in "ui" or not (square or shape[1:] == (width,)):
            raise ValueError(f"{name} is of shape {shape} and type {dtype}")
        if width is None and dtype != np.uint8:
            raise ValueError(f"{name} is of type {dtype}; uint8 was expected")
        size = dtype.itemsize * int(np.prod(shape[1:]))
        left = int(shape[0])
        while left:
            count = min(left, max(1, 2**24 // size))
            data = stream.read(count * size)
            if len(data) != count * size:
                raise EOFError(f"{name} ends early")
            yield np.frombuffer(data, dtype).reshape(count, *shape[1:])
            left -= count
