"""One identity of an image: the end of its path, as many components as tell all images apart.

So an image is known wherever its folder is moved to: by its file name in most sets, and with patient
and study before it in CheXpert, where ``view1_frontal.jpg`` stands two hundred thousand times. Packs,
leakage, predictions and their truth go by it. What is not found so may still be meant: near forms are
the same name in another case or Unicode form, or with another ending of pictures.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

_ENDINGS: Final = frozenset(
    (
        "png",
        "jpg",
        "jpeg",
        "jpe",
        "jfif",
        "dcm",
        "dicom",
        "dic",
        "tif",
        "tiff",
        "bmp",
        "gif",
        "webp",
    )
)


def components(path: str) -> list[str]:
    """Return what a path of any system is made of; ``.`` and doubled separators are nothing."""
    return [piece for piece in re.split(r"[/\\]", path) if piece not in ("", ".")]


def image_key(path: str, depth: int) -> str:
    """Return the last ``depth`` components of a path of any system, or all if it is 0."""
    if depth == 1 and path and path[-1] not in "/\\.":  # the usual case, a million times
        return path[max(path.rfind("/"), path.rfind("\\")) + 1 :]
    return "/".join(components(path)[-depth:])


def key_depth(*tables: Iterable[str]) -> int:
    """Return how many last components of their paths tell the images of each table apart, 1 or more.

    Paths that are equal as a whole are one image.
    """
    depth = 1
    for images in map(list, tables):
        different = -1
        while (found := _different(images, depth)) < len(images):
            if different < 0:
                different = _different(images, 0)
            if found == different:
                break
            depth += 1
    return depth


def image_names(images: Iterable[str]) -> list[str]:
    """Return the name of each image of a table: its key of the depth that tells them apart."""
    paths = list(images)
    depth = key_depth(paths)
    return [image_key(path, depth) for path in paths]


def _different(images: Sequence[str], depth: int) -> int:
    # Hashes, not strings: a million rows take eight megabytes.
    hashes = np.fromiter(
        (
            int.from_bytes(
                blake2b(
                    image_key(path, depth).encode("utf-8", "surrogateescape"), digest_size=8
                ).digest()
            )
            for path in images
        ),
        np.uint64,
        len(images),
    )
    return len(np.unique(hashes))


def match_images(asked: Sequence[str], known: Sequence[str]) -> tuple[NDArray[np.intp], list[str]]:
    """Find for each of the images ``asked`` the row of ``known`` that is the same image.

    Names are compared by as many components as tell those apart that share a file name. Of a name with
    fewer, all. What has no row so is looked for in its near forms.

    Returns:
        The rows, (n,), with -1 where there is none, and those asked for of which there are several.
    """
    names = {_plain(path) for path in asked}
    rivals = [path for path in known if _plain(path) in names]
    depth = key_depth(asked, rivals)
    whole = [components(path) for path in known]
    rows = np.full(len(asked), -1, np.intp)
    several: list[str] = []
    for form in (_same, near_form, near_stem):
        open_rows = np.flatnonzero(rows < 0).tolist()
        taken = set(rows.tolist())
        wanted = [[form(piece) for piece in components(asked[i])[-depth:]] for i in open_rows]
        lengths = {len(pieces) for pieces in wanted}
        by_key: dict[tuple[int, str], list[int]] = defaultdict(list)
        for row, pieces in enumerate(whole):
            if row in taken:
                continue
            tail = [form(piece) for piece in pieces[-depth:]]
            for length in {min(length, len(tail)) for length in lengths} | {len(tail)}:
                by_key[length, "/".join(tail[-length:])].append(row)
        for i, pieces in zip(open_rows, wanted, strict=True):
            found = {
                row
                for length in range(1, len(pieces) + 1)
                for row in by_key.get((length, "/".join(pieces[-length:])), ())
                if length == min(len(pieces), len(whole[row]))
            }
            if len(found) == 1:
                rows[i] = found.pop()
            elif found:
                several.append(asked[i])
    return rows, list(dict.fromkeys(several))


def _plain(path: str) -> str:
    return near_stem(image_key(path, 1))


def _same(name: str) -> str:
    return name


def near_form(name: str) -> str:
    """Return a name so that it is equal in any case and any Unicode form."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def near_stem(name: str) -> str:
    """Return a name as :func:`near_form` does, and without the ending of a picture."""
    stem, dot, ending = (near := near_form(name)).rpartition(".")
    return stem if dot and stem and ending in _ENDINGS else near


def near_names(absent: Iterable[str], there: Collection[str]) -> dict[str, str]:
    """Return what each absent name is meant for among the names that are there, where one alone can be.

    A name in another case or Unicode form goes before one with another ending. Two absent names for one
    that is there, and two that are there for one absent, are left open.
    """
    found: dict[str, str] = {}
    open_names, free = dict.fromkeys(absent), dict.fromkeys(there)
    for form in (near_form, near_stem):
        asked, known = _by_form(open_names, form), _by_form(free, form)
        for key, names in asked.items():
            rivals = known.get(key, ())
            if len(names) == len(rivals) == 1:
                found[names[0]] = rivals[0]
                del free[rivals[0]]
            if rivals:
                for name in names:
                    del open_names[name]
    return found


def _by_form(names: Iterable[str], form: Callable[[str], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[form(name)].append(name)
    return groups
