"""One identity of an image: the end of its path, as many components as tell all images apart.

So an image is known wherever its folder is moved to: by its file name in most sets, and with patient
and study before it in CheXpert, where ``view1_frontal.jpg`` stands two hundred thousand times. Packs,
leakage, predictions and their truth go by it. What is not found so may still be meant: near forms are
the same name in another case or Unicode form, or with another ending of pictures.
"""

import re
import unicodedata
from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.text import text_bytes

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

_BESIDE: Final = 200


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
            int.from_bytes(blake2b(text_bytes(image_key(path, depth)), digest_size=8).digest())
            for path in images
        ),
        np.uint64,
        len(images),
    )
    return len(np.unique(hashes))


def named_before(images: Sequence[str]) -> list[str]:
    """Return the images that cannot be told from one before: the same name, or one the other's end."""
    depth = key_depth(images)
    keys = [components(path)[-depth:] for path in images]
    lengths = {len(key) for key in keys}
    whole: set[str] = set()
    ends: set[str] = set()
    repeated = []
    for path, key in zip(images, keys, strict=True):
        own = ["/".join(key[-length:]) for length in lengths if length <= len(key)]
        if "/".join(key) in ends or not whole.isdisjoint(own):
            repeated.append(path)
        whole.add("/".join(key))
        ends.update(own)
    return repeated


def match_images(asked: Sequence[str], known: Sequence[str]) -> tuple[NDArray[np.intp], list[str]]:
    """Find for each of the images ``asked`` the row of ``known`` that is the same image.

    Names are compared by as many components as tell those apart that share a file name; of a name with
    fewer, all. What has no row so is looked for in its near forms.

    Returns:
        The rows, (n,), with -1 where there is none, and those asked for of which there are several.
    """
    names = {near_stem(image_key(path, 1)) for path in asked}
    rivals = [row for row, path in enumerate(known) if near_stem(image_key(path, 1)) in names]
    depth = key_depth(asked, [known[row] for row in rivals])
    tails = {row: components(known[row])[-depth:] for row in rivals}
    rows = np.full(len(asked), -1, np.intp)
    several: dict[str, None] = {}
    for form in (str, near_form, near_stem):
        left = {
            i: [*map(form, components(asked[i])[-depth:])]
            for i in np.flatnonzero(rows < 0).tolist()
        }
        if not left:
            break
        taken = set(rows.tolist())
        lengths = {len(pieces) for pieces in left.values()}
        by_key: dict[tuple[int, str], list[int]] = defaultdict(list)
        for row in tails.keys() - taken:
            tail = [*map(form, tails[row])]
            for length in {min(length, len(tail)) for length in lengths}:
                by_key[length, "/".join(tail[-length:])].append(row)
        for i, pieces in left.items():
            fitting = (
                row
                for length in range(1, len(pieces) + 1)
                for row in by_key.get((length, "/".join(pieces[-length:])), ())
                if length == min(len(pieces), len(tails[row]))
            )
            found = [*islice(fitting, 2)]  # a second one is enough to know
            if len(found) == 1:
                rows[i] = found[0]
            elif found:
                several[asked[i]] = None
    return rows, list(several)


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


def neighbours(name: str, names: Iterable[str]) -> list[str]:
    """Return those of many names that stand beside this one in order, where a slip of it would be."""
    ordered = sorted(names)
    place = bisect(ordered, name)
    return ordered[max(0, place - _BESIDE) : place + _BESIDE]


def _by_form(names: Iterable[str], form: Callable[[str], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for name in names:
        groups[form(name)].append(name)
    return groups
