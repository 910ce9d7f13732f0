"""A model's directory that is either the old one or the whole new one."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cxrzoo.errors import ArtifactError, CxrZooError
from cxrzoo.opened import given_path
from cxrzoo.pretrained.source import CONFIG_FILE


@contextmanager
def new_directory(directory: str | Path) -> Iterator[Path]:
    """Give an empty folder to write a model into, which then takes the place of ``directory``.

    It is written beside and then renamed: a reader sees the old model or the new one, never half of
    one. A link stays; what it points to is replaced.

    Raises:
        ArtifactError: ``directory`` holds something else than a model, is the current folder or cannot
            be written.
    """
    given = given_path(directory, ArtifactError)
    target = given.resolve()
    if target == Path.cwd():
        raise ArtifactError(f"{given} is the folder you stand in; name a folder in it.")
    if target.exists() and not _replaceable(target):
        raise ArtifactError(
            f"{given} holds something else than a cxrzoo model (no {CONFIG_FILE}); "
            "it is left as it is. Choose another directory."
        )
    beside = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside.mkdir()
        yield beside
        swap(beside, target)
    except OSError as error:
        if isinstance(error, CxrZooError):
            raise
        raise ArtifactError(f"{given} cannot be written: {error}.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _replaceable(directory: Path) -> bool:
    return directory.is_dir() and (
        (directory / CONFIG_FILE).is_file() or not any(directory.iterdir())
    )


def swap(new: Path, target: Path) -> None:
    """Put ``new`` in the place of ``target``; a directory cannot be renamed onto a full one."""
    old = new.with_name(f"{new.name}.old")
    if target.exists():
        target.rename(old)
    try:
        new.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
