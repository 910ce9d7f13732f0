"""Where an export is written to, and how it takes the place of an earlier one."""

import filecmp
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cxrzoo.artifacts.directory import cannot_be_written, require_own_place
from cxrzoo.directories import put_back, to_disk
from cxrzoo.errors import ArtifactError, CxrZooError
from cxrzoo.export.formats import Format
from cxrzoo.opened import given_path


def target_of(path: str | Path, form: Format) -> Path:
    """Return the file or directory that is meant, links followed, if an export may take its place.

    Raises:
        ArtifactError: it may not; the sentence says why, and what to do.
    """
    given = given_path(path, ArtifactError)
    with errors_of_files(given):
        target = Path(os.path.realpath(given))
        if form.suffix:
            if target.suffix != form.suffix or target.is_dir():
                raise ArtifactError(
                    f"{form.name} is written to a file whose name ends in {form.suffix}; "
                    f"received {path}."
                )
            return target
        put_back(target)
        require_own_place(given, target)
        if target.exists() and not (
            target.is_dir() and ((target / "saved_model.pb").is_file() or not any(target.iterdir()))
        ):
            raise ArtifactError(
                f"{path} holds something else than a SavedModel; it is left as it is. "
                "Choose another directory."
            )
    return target


def is_of_saved_model(entry: Path) -> bool:
    """Say whether something in a SavedModel is of the format; the rest is its owner's, and stays."""
    if entry.name in ("variables", "assets", "assets.extra"):
        return entry.is_dir() and not entry.is_symlink()
    names = ("saved_model.pb", "saved_model.pbtxt", "fingerprint.pb", "keras_metadata.pb")
    return entry.name in names and entry.is_file()


@contextmanager
def errors_of_files(given: Path) -> Iterator[None]:
    """Turn what the system says of files into one sentence about what was to be written."""
    try:
        yield
    except (OSError, ValueError) as error:
        if isinstance(error, CxrZooError):
            raise
        raise ArtifactError(cannot_be_written(given, error)) from error


def put_files_in_place(beside: Path, target: Path) -> None:
    """Put an exported file, and those beside it, in the place of an earlier export.

    One file that differs is replaced in one step. Where several do, the earlier export goes first and
    the file that a runtime is pointed at comes last: a reader, or who finds what a killed process left,
    sees the old export, none or the new one, and never weights or labels of another model.
    """
    written = sorted(beside.parent.iterdir(), key=lambda one: one == beside)
    places = {one: target.with_name(one.name) for one in written}
    if target.exists():
        to_disk(beside.parent)
    changed = [
        one
        for one, place in places.items()
        if not (place.is_file() and filecmp.cmp(one, place, shallow=False))
    ]
    aside = {}
    try:
        for one in reversed(changed):
            if places[one].exists():
                shutil.copymode(places[one], one)
                if len(changed) > 1:
                    aside[one] = one.with_name(f"{one.name}.old")
                    places[one].replace(aside[one])
        for one in changed:
            one.replace(places[one])
    except OSError:
        for one, old in reversed(aside.items()):
            old.replace(places[one])
        raise
