"""From image files to scores."""

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cxrzoo.data.folders import OnFolderError, is_folder, is_left_out, walk
from cxrzoo.errors import DataNotFoundError
from cxrzoo.evaluation import Predictions
from cxrzoo.images import IMAGE_SUFFIXES
from cxrzoo.inference.choice import EngineName
from cxrzoo.inference.scorer import Scorer
from cxrzoo.lazy import renamed_arguments
from cxrzoo.pretrained import Artifact
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments, require_kind

if TYPE_CHECKING:
    import keras


def expand_paths(
    paths: Iterable[str | os.PathLike[str]], *, on_folder_error: OnFolderError | None = None
) -> list[str]:
    """Return the image files that files, folders and shell patterns name, each once.

    A folder stands for the images below it, sorted; a file is taken whatever its ending. Below a folder,
    and by a pattern, linked folders are followed, each once, and hidden files and folders, backups of
    editors and what systems and archives put there (``__MACOSX``, ``Thumbs.db``, ``@eaDir``) are left
    out. What is named itself is always taken.

    Args:
        paths: files, folders and patterns.
        on_folder_error: called with the ``OSError`` of a folder that cannot be listed, which is then
            left out; None raises.

    Raises:
        DataNotFoundError: a path or pattern names nothing.
        DataError: a folder cannot be listed, and ``on_folder_error`` is None.
    """
    check_arguments(expand_paths, locals())
    found: dict[str, None] = {}
    # "./a.png" and "a.png" are one file; "" is none, though Path("") is the current folder.
    paths = list(paths)
    for path in paths:
        require_kind("paths", path, (str, os.PathLike), "text or paths")
    for given in [str(path) and str(Path(path)) for path in paths]:
        matches = [given] if os.path.lexists(given) else _matching(given, on_folder_error)
        if not matches:
            raise DataNotFoundError(
                f"{shown(given)} is no file, no folder and no pattern that matches one."
            )
        for match in matches:
            if os.path.isdir(match):  # noqa: PTH112 - patterns match a hundred thousand
                inside = images_below(match, on_folder_error, empty=len(matches) > 1)
                found.update(dict.fromkeys(inside))
            else:
                found[match] = None
    return list(found)


def images_below(
    folder: str, on_folder_error: OnFolderError | None = None, *, empty: bool = False
) -> list[str]:
    """Return the paths of the images below a folder, by their endings, sorted.

    Raises:
        DataNotFoundError: there are none and ``empty`` is False.
        DataError: a folder cannot be listed, and ``on_folder_error`` is None.
    """
    failed: list[OSError] = []

    def on_error(error: OSError) -> None:
        assert on_folder_error is not None  # noqa: S101 - else it is not handed on
        failed.append(error)
        on_folder_error(error)

    inside = sorted(
        entry.path
        for entry in walk(folder, on_error=on_folder_error and on_error)
        if entry.name.lower().endswith(IMAGE_SUFFIXES) and not is_folder(entry)
    )
    if not inside and not failed and not empty:
        endings = ", ".join(sorted(IMAGE_SUFFIXES))
        raise DataNotFoundError(f"{folder} holds no image: expected files ending in {endings}.")
    return inside


@renamed_arguments(mirror="flip")
def predict_files(
    model: "keras.Model | Artifact | str | os.PathLike[str]",
    files: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    batch_size: int = 32,
    on_error: Literal["stop", "skip"] = "stop",
    engine: EngineName = "auto",
    flip: bool = False,
    on_batch: Callable[[int], None] | None = None,
) -> Predictions:
    """Score image files: a :class:`Scorer` for one call.

    A folder among ``files`` stands for the images below it, as :func:`expand_paths` finds them. ``model``
    and ``engine`` are what :class:`Scorer` takes, the rest is as :meth:`Scorer.predict` has it, and so
    are the errors.
    """
    check_arguments(predict_files, locals())
    failures: list[tuple[str, str]] = []
    note = folder_failures(failures) if on_error == "skip" else None
    named = [files] if isinstance(files, str | os.PathLike) else files
    listed: list[str] = []
    for given in named:
        require_kind("files", given, (str, os.PathLike), "text or paths")
        if not os.path.isdir(given):  # noqa: PTH112 - many
            listed.append(os.fspath(given))
            continue
        try:
            listed += images_below(os.fspath(given), note)
        except DataNotFoundError as error:
            if on_error != "skip":
                raise
            failures.append((os.fspath(given), str(error)))
    found = Scorer(model, engine).predict(
        listed, batch_size=batch_size, on_error=on_error, flip=flip, on_batch=on_batch
    )
    return replace(found, failures=(*failures, *found.failures)) if failures else found


def folder_failures(failures: list[tuple[str, str]]) -> OnFolderError:
    """Return a function that adds a folder that cannot be listed to ``failures``, with the reason."""

    def note(error: OSError) -> None:
        reason = f"{error.filename}: the folder cannot be looked into ({error.strerror or error})"
        failures.append((str(error.filename), reason))

    return note


def _matching(pattern: str, on_folder_error: OnFolderError | None) -> list[str]:
    """Return what a shell pattern matches, sorted, without what a walk leaves out.

    Names that the pattern spells out are taken, and of several links to one folder one.
    """
    pieces = Path(pattern).parts
    deep = next((i for i, piece in enumerate(pieces) if piece == "**"), len(pieces))
    if deep == len(pieces):
        found = _flat(pattern)
    else:
        # glob would go round and round in a folder that is linked from below.
        tops = _flat(str(Path(*pieces[:deep]))) if deep else [os.curdir]
        found = [
            path
            for top in tops
            if os.path.isdir(top)  # noqa: PTH112 - as below
            for path in _deep(top, pieces[deep:], on_folder_error)
        ]
    folders: dict[str, str] = {}
    for path in sorted(found, key=lambda path: (os.path.islink(path), path)):  # noqa: PTH114 - many
        if os.path.isdir(path):  # noqa: PTH112 - a pattern matches a hundred thousand files
            folders.setdefault(os.path.realpath(path), path)
    taken = set(folders.values())
    return sorted({path for path in found if path in taken or not os.path.isdir(path)})  # noqa: PTH112


def _flat(pattern: str) -> list[str]:
    """Return what a pattern without ``**`` matches."""
    pieces = Path(pattern).parts
    return [
        match
        for match in glob.glob(pattern)  # noqa: PTH207 - patterns may be absolute
        if not any(
            is_left_out(name) and glob.has_magic(piece) and not piece.startswith(".")
            for name, piece in zip(Path(match).parts, pieces, strict=False)
        )
    ]


def _deep(top: str, pieces: Sequence[str], on_folder_error: OnFolderError | None) -> Iterator[str]:
    """Give what lies below a folder and matches the rest of a pattern, which begins with ``**``."""
    spelled = {piece for piece in pieces if not glob.has_magic(piece)}
    for entry in walk(top, keep=spelled, on_error=on_folder_error):
        path = os.path.relpath(entry.path, top)
        if pieces[-1] == "**" and is_folder(entry):
            continue  # the images in it are given one by one
        if _fits(Path(path).parts, pieces):
            yield path if top == os.curdir else os.path.join(top, path)  # noqa: PTH118 - as above


def _fits(names: Sequence[str], pieces: Sequence[str]) -> bool:
    if not pieces:
        return not names
    if pieces[0] == "**":
        return _fits(names, pieces[1:]) or bool(names and _fits(names[1:], pieces))
    return bool(names) and fnmatch(names[0], pieces[0]) and _fits(names[1:], pieces[1:])
