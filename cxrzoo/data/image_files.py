"""The files that a table names: found below a folder, or named in the error with what is near."""

import os
import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.columns import object_array
from cxrzoo.data.folders import is_file, walk
from cxrzoo.data.image_names import components, near_names, near_stem, neighbours
from cxrzoo.data.records import Records
from cxrzoo.errors import DataError, DataNotFoundError, MissingImagesWarning, TableError, argument
from cxrzoo.nearest import with_nearest

_FEW: Final = 8
"""Rows of one folder up to which each file is asked for; for more, the folder is listed once."""

_LOOKED_AT: Final = 20_000
"""Files below a folder that are looked through for a name that an error speaks of."""


def find_images(folder: str | os.PathLike[str], names: Iterable[str]) -> dict[str, list[str]]:
    """Return the paths, by name, of those files under ``folder`` that have one of these names.

    Most names have one path; of several the first is that of the folder that is first by name. A name
    that no file has stands for the one file that has a near form of it, if there is one.
    """
    wanted = set(names)
    found: dict[str, list[str]] = defaultdict(list)
    others: dict[str, list[str]] = defaultdict(list)
    for entry in walk(folder, keep=wanted):
        if is_file(entry):
            (found if entry.name in wanted else others)[entry.name].append(entry.path)
    near = near_names(wanted.difference(found), others)
    found |= {name: others[other] for name, other in near.items()}
    return {name: sorted(paths) for name, paths in found.items()}


def rows_with_image(
    records: Records,
    names: Sequence[str] | NDArray[np.object_],
    *,
    table: Path,
    where: Path,
    missing: str,
    there: NDArray[np.bool_] | None = None,
    stacklevel: int = 3,
) -> Records:
    """Return the rows that have an image, with its path; refuse or announce the others.

    ``names`` is what each row of ``table`` calls its image, (n,), and ``where`` the folder searched;
    ``there`` is whether each image exists, (n,), where the records' paths need no search;
    ``stacklevel`` is the warning's.

    Raises:
        DataNotFoundError: no row has an image, or some have none under ``missing="error"``.
        TableError: two rows name one file, each in its own way.
    """
    if missing not in ("error", "drop"):
        raise DataError(f"missing must be 'error' or 'drop'; got {missing!r}")
    if there is None:
        found = files_of(where, list(names), list(records.images))
        _refuse_two_names(table, names, found)
        there = np.array([path is not None for path in found], bool)
        paths = [path or old for path, old in zip(found, records.images, strict=True)]
        if any(path is not old for path, old in zip(paths, records.images, strict=True)):
            records = replace(records, images=object_array(paths))
    if there.all():
        return records
    example = names[int(np.argmin(there))]
    eg = f"(e.g. {_with_near(where, example)})"
    if not there.any():
        raise DataNotFoundError(
            f"none of the {len(there):,} images that {table} names is under {where} {eg}"
        )
    text = f"{np.sum(~there):,} of {len(there):,} rows of {table} have no image under {where} {eg}"
    if missing == "error":
        raise DataNotFoundError(
            f"{text}; pass {argument('missing', 'drop')} to leave those rows out"
        )
    warnings.warn(f"{text}; they are left out", MissingImagesWarning, stacklevel=stacklevel)
    return records[there]


def files_of(folder: Path, names: Sequence[str], paths: Sequence[str]) -> list[str | None]:
    """Return the path of the file that each name means, or None.

    A name as it is written goes first; then it may have backslashes, and be a near form of the one file
    that no other row names. ``paths`` are the names below the folder, or themselves where absolute.
    """
    look = _Folders()
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(names):
        rows_of[name.rpartition("/")[0]].append(row)
    isfile = os.path.isfile
    found: list[str | None] = [None] * len(names)
    for parent, rows in rows_of.items():
        here = os.path.join(folder, parent)
        files = look.files(here) if len(rows) > _FEW else None
        for row in rows:
            path = paths[row]
            if isfile(path) if files is None else names[row][len(parent) :].lstrip("/") in files:
                found[row] = path
        if files is not None and all(found[row] is not None for row in rows):
            look.forget(here)
    for row, name in enumerate(names):
        if ("./" in name or "//" in name) and ".." not in name and found[row]:
            found[row] = os.path.normpath(paths[row])
    absent = [row for row, path in enumerate(found) if path is None]
    if absent:
        for row, path in _near_files(folder, {row: names[row] for row in absent}, look, found):
            found[row] = path
    return found


def _near_files(
    folder: Path, absent: Mapping[int, str], look: "_Folders", found: Sequence[str | None]
) -> list[tuple[int, str]]:
    """Return the rows, of those without a file, whose name is near that of a file no row has."""
    taken = {os.path.normpath(path) for path in found if path is not None}
    rows_of: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row, name in absent.items():
        *parents, file = components(name) or [name]
        start = os.sep if name.startswith("/") else os.fspath(folder)
        if (here := look.enter(start, parents)) is not None:
            rows_of[here][file].append(row)
    near: list[tuple[int, str]] = []
    for here, rows in rows_of.items():
        files = look.files(here) or set[str]()
        free = {n for n in files if os.path.normpath(os.path.join(here, n)) not in taken}
        same = {name: name for name in rows if name in free}
        others = near_names(rows.keys() - files, free - same.keys())
        near += [
            (rows[name][0], os.path.join(here, file))
            for name, file in {**same, **others}.items()
            if len(rows[name]) == 1
        ]
    return near


class _Folders:
    """What folders hold, each listed once."""

    def __init__(self) -> None:
        self._listed: dict[str, tuple[set[str], set[str]] | None] = {}
        self._entered: dict[tuple[str, str], str | None] = {}

    def files(self, folder: str) -> set[str] | None:
        """Return the names of the files in a folder, or None if it cannot be listed."""
        listed = self._list(folder)
        return None if listed is None else listed[0]

    def forget(self, folder: str) -> None:
        """Let go of a folder's names: those of many folders take more memory than the table."""
        self._listed.pop(folder, None)

    def enter(self, folder: str, parents: Sequence[str]) -> str | None:
        """Return the folder that these names, or near forms of them, lead to; None if none does."""
        for name in parents:
            key = folder, name
            if key not in self._entered:
                self._entered[key] = self._below(folder, name)
            if (below := self._entered[key]) is None:
                return None
            folder = below
        return folder

    def _below(self, folder: str, name: str) -> str | None:
        path = os.path.join(folder, name)
        if os.path.isdir(path):  # noqa: PTH112 - as above
            return path
        near = near_names(
            [name],
            [
                other
                for other in (self._list(folder) or ((), ()))[1]
                if os.path.isdir(os.path.join(folder, other))  # noqa: PTH112 - as above
            ],
        )
        return os.path.join(folder, near[name]) if name in near else None

    def _list(self, folder: str) -> tuple[set[str], set[str]] | None:
        """Return the names of the files in a folder and those of all else."""
        if folder not in self._listed:
            files: set[str] = set()
            others: set[str] = set()
            try:
                with os.scandir(folder or os.curdir) as entries:
                    for entry in entries:
                        (files if is_file(entry) else others).add(entry.name)
                self._listed[folder] = files, others
            except OSError:
                self._listed[folder] = None
        return self._listed[folder]


def _with_near(folder: Path, name: str) -> str:
    """Return an absent name, quoted, with what it may be meant for: near forms, else neighbours."""
    *parents, file = components(name) or [name]
    look = _Folders()
    here = look.enter(os.sep if name.startswith("/") else os.fspath(folder), parents)
    beside = sorted((look.files(here) or ()) if here is not None else ())
    before = "".join(f"{parent}/" for parent in parents)
    stem = near_stem(file)
    near = [f"{before}{other}" for other in beside if near_stem(other) == stem]
    if not near:
        below = islice(walk(folder, on_error=lambda _: None), _LOOKED_AT)
        near = [
            os.path.relpath(entry.path, folder)
            for entry in below
            if near_stem(entry.name) == stem and is_file(entry)
        ]
    if near:
        return f"{name!r} (nearest: {', '.join(map(repr, sorted(near)[:3]))})"
    return with_nearest([name], [f"{before}{other}" for other in neighbours(file, beside)])


def _refuse_two_names(
    table: Path, names: Sequence[str] | NDArray[np.object_], found: Sequence[str | None]
) -> None:
    if len(set(found)) + found.count(None) - (None in found) == len(found):
        return
    first: dict[str, str] = {}
    for name, path in zip(names, found, strict=True):
        if path is not None and first.setdefault(path, name) != name:
            raise TableError(
                f"{table} names one image twice, as {first[path]!r} and as {name!r}; one row an image "
                "is expected"
            )
