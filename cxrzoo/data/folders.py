"""One walk of folders: what lies below, what is left out, and what cannot be looked into."""

import os
from collections.abc import Callable, Container, Iterator
from typing import Final

from cxrzoo.errors import DataError

_LEFT_OUT: Final = frozenset(
    (
        "__macosx",
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "@eadir",
        "@tmp",
        "@recycle",
        "#recycle",
        "#snapshot",
        "$recycle.bin",
        "recycler",
        "system volume information",
        "lost+found",
    )
)
"""What systems, network storage and archives put beside people's files, in lower case."""

OnFolderError = Callable[[OSError], object]
"""Called with the error of a folder that cannot be listed, whose ``filename`` is the folder."""


def is_left_out(name: str) -> bool:
    """Return whether a walk passes over a file or folder of this name.

    Hidden ones (``.ipynb_checkpoints``, ``._x.png`` of macOS), backups of editors (``x.png~``,
    ``#x.png#``, ``~$x.png``) and what systems put there (``__MACOSX``, ``Thumbs.db``, ``@eaDir``).
    """
    return (
        name.startswith((".", "~$"))
        or name.endswith("~")
        or (len(name) > 1 and name[0] == name[-1] == "#")
        or name.casefold() in _LEFT_OUT
    )


def walk(
    folder: str | os.PathLike[str],
    *,
    keep: Container[str] = (),
    on_error: OnFolderError | None = None,
) -> Iterator[os.DirEntry[str]]:
    """Give all that lies below a folder, but for what :func:`is_left_out` names.

    Linked folders are followed after the others, and each folder is given and entered once by whatever
    name, so that a link changes no path of what is there without it. A link to a folder that it lies in
    is not followed. The folder itself is entered whatever its name.

    Args:
        folder: where to begin.
        keep: names that are not left out.
        on_error: called for a folder that cannot be listed, which is then passed over; None raises.

    Raises:
        DataError: a folder cannot be listed, and ``on_error`` is None.
    """
    root = os.fspath(folder)
    top = os.path.realpath(root)
    entered: set[tuple[int, int] | str] = set()
    waiting: list[os.DirEntry[str] | None] = [None]  # the folder itself has no entry
    linked: list[os.DirEntry[str]] = []
    while waiting or linked:
        entry = waiting.pop() if waiting else linked.pop(0)
        here = root if entry is None else entry.path
        try:
            place = os.stat(here)  # noqa: PTH116 - a hundred thousand Path objects are slow
            # On some file systems of Windows every folder's index is 0.
            identity = (place.st_dev, place.st_ino) if place.st_ino else os.path.realpath(here)
            if identity in entered:
                continue
            entered.add(identity)
            with os.scandir(here) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            error.filename = here
            (on_error or _refuse)(error)
            continue
        if entry is not None:
            yield entry
        below: list[os.DirEntry[str] | None] = []
        for entry in listed:
            if is_left_out(entry.name) and entry.name not in keep:
                continue
            if not is_folder(entry):
                yield entry
            elif not entry.is_symlink():
                below.append(entry)
            elif not _leads_up(entry.path, top, os.path.realpath(here)):
                linked.append(entry)
        waiting += reversed(below)


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Return whether this is a folder or a link to one; a link that leads nowhere is none."""
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, or to where one may not look
        return False


def is_file(entry: os.DirEntry[str]) -> bool:
    """Return whether this is a file or a link to one, and no pipe, socket or device."""
    try:
        return entry.is_file()
    except OSError:
        return False


def _leads_up(link: str, *places: str) -> bool:
    target = os.path.join(os.path.realpath(link), "")
    return any(os.path.join(place, "").startswith(target) for place in places)


def _refuse(error: OSError) -> None:
    raise DataError(
        f"the folder {error.filename} cannot be looked into ({error.strerror or error})"
    ) from error
