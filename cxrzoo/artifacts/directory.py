"""A model's directory that is either the old one or the whole new one."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cxrzoo.directories import new_beside, put_back, put_in_place
from cxrzoo.errors import ArtifactError, CxrZooError
from cxrzoo.opened import given_path
from cxrzoo.pretrained.source import CARD_FILE, CONFIG_FILE, KNOWN_FILES

_KERAS_FILES: Final = {
    "config.json": b'"class_name"',
    "metadata.json": b'"keras_version"',
    "model.weights.h5": b"\x89HDF",
}
"""What Keras reads of a published model, and what tells each from a file that only has its name.

Those of an old model beside a new one would be a mixture."""


@contextmanager
def new_directory(directory: str | Path, *, card: bool = False) -> Iterator[Path]:
    """Give an empty folder to write a model into, which then takes the place of ``directory``.

    A reader sees the old model or the new one, whole, also if the writer is killed. Of the old one the
    files of the format go. Everything else in the directory is not ours, and stays: a folder ``.git``,
    notes, and the model card, which people edit. A link stays; what it points to is replaced.

    Args:
        directory: where to.
        card: whether the new model brings a card of its own, in the place of an old one.

    Raises:
        ArtifactError: ``directory`` holds something else than a model, is the current folder, a mount
            point or read-only, or cannot be written.
    """
    given = given_path(directory, ArtifactError)
    target = replaceable(given)

    def own(entry: Path) -> bool:
        return _is_ours(entry) and (card or entry.name != CARD_FILE)

    try:
        with new_beside(target, own=own) as beside:
            yield beside
            put_in_place(beside, target, own=own)
    except OSError as error:
        if isinstance(error, CxrZooError):
            raise
        raise ArtifactError(cannot_be_written(given, error)) from error


def replaceable(given: Path) -> Path:
    """Return the directory that is meant, links followed, if a model may take its place.

    Raises:
        ArtifactError: it may not; the sentence says why, and what to do.
    """
    try:
        target = Path(os.path.realpath(given))
        if target.is_symlink():  # links that lead round
            target.stat()
        put_back(target)
        require_own_place(given, target)
        if target.exists() and not (
            target.is_dir() and ((target / CONFIG_FILE).is_file() or not any(target.iterdir()))
        ):
            raise ArtifactError(
                f"{given} holds something else than a cxrzoo model (no {CONFIG_FILE}); "
                "it is left as it is. Choose another directory."
            )
    except (OSError, ValueError) as error:
        if isinstance(error, CxrZooError):
            raise
        raise ArtifactError(cannot_be_written(given, error)) from error
    return target


def require_own_place(given: Path, target: Path) -> None:
    """Refuse a directory that could not be exchanged for another one.

    Raises:
        ArtifactError: it is the current folder, a mount point, or read-only.
    """
    if target == Path.cwd():
        raise ArtifactError(f"{given} is the folder you stand in; name a folder in it.")
    if target.is_mount():
        raise ArtifactError(
            f"{given} is a mount point, which cannot be replaced as a whole; name a folder in it."
        )
    if target.exists() and not os.access(target, os.W_OK):
        raise ArtifactError(
            f"{given} is read-only, and is left as it is. Make it writable (chmod u+w), or choose "
            "another directory."
        )


def cannot_be_written(given: Path, error: Exception) -> str:
    """Say in one sentence why a directory or a file cannot be written."""
    shown = str(given) if len(str(given)) <= 300 else f"{str(given)[:300]}..."
    code, left = getattr(error, "errno", None), str(getattr(error, "filename", None))
    reason = getattr(error, "strerror", None) or str(error)
    if code == errno.ENOTEMPTY and left.endswith((".replaced", ".old")):
        return f"{shown} is written, but cxrzoo {reason}: it lies in {left}."
    if code == errno.EBUSY:
        reason += (
            "; it may be a mount point, which cannot be replaced as a whole: name a folder in it"
        )
    if code in (errno.EACCES, errno.EPERM, errno.EROFS):
        reason += f"; cxrzoo writes beside it and renames, so {given.parent} must be writable too"
    return f"{shown} cannot be written: {reason}."


def _is_ours(entry: Path) -> bool:
    if entry.name in _KERAS_FILES and entry.is_file():
        with entry.open("rb") as file:
            return _KERAS_FILES[entry.name] in file.read(4096)
    return entry.name in KNOWN_FILES and (entry.is_symlink() or not entry.is_dir())
