"""The directory of a run: what it is a run of, whether it is finished, and where its files are."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import keras

from cxrzoo.artifacts.save import versions
from cxrzoo.data import Records
from cxrzoo.errors import ArtifactError, CxrZooError, TrainingError
from cxrzoo.files import write_whole
from cxrzoo.opened import read_file
from cxrzoo.strict_json import MAX_BYTES
from cxrzoo.text import text_bytes
from cxrzoo.training.lock import LOCK_FILE, only_trainer
from cxrzoo.training.recipe import Recipe

RUN_FILE: Final = "run.json"
SCRATCH: Final = "unfinished"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where the files of a run are.

    Attributes:
        directory: the run's directory.
        description: what makes it this run, as JSON values.
        finished: whether the run had ended when the folder was opened.
    """

    directory: Path
    description: Mapping[str, Any]
    finished: bool

    @property
    def model(self) -> Path:
        """The best model, as :func:`cxrzoo.from_pretrained` reads it."""
        return self.directory / "model"

    @property
    def history(self) -> Path:
        """The figures of each epoch as CSV."""
        return self.directory / "history.csv"

    @property
    def report(self) -> Path:
        """The best model's report on the validation part as JSON."""
        return self.directory / "report.json"

    @property
    def scratch(self) -> Path:
        """What a run needs while it lasts; gone when it is finished."""
        return self.directory / SCRATCH

    def write_description(self, *, finished: bool) -> None:
        """Write ``run.json``."""
        content = {**self.description, "finished": finished}
        write_whole(self.directory / RUN_FILE, json.dumps(content, indent=2) + "\n")


def find_run_folder(
    directory: Path, description: Mapping[str, Any], *, resume: bool
) -> RunFolder | None:
    """Open the directory of a run to go on with it; None if a new run can be put there.

    Args:
        directory: the run's directory.
        description: what makes it this run: recipe, seed, data, backend; and versions.
        resume: whether a directory of the same run may be opened again.

    Raises:
        TrainingError: the directory holds another run, or something else, or this run and
            ``resume`` is False.
    """
    path = directory / RUN_FILE
    if not path.exists():
        if holds_something(directory, RUN_FILE):
            raise TrainingError(
                f"{directory} exists and holds no run; it is left as it is. "
                "Choose an output directory that is new or empty."
            )
        return None
    content = read_file(path, MAX_BYTES, TrainingError)
    try:
        found = json.loads(content)
    except ValueError as error:
        raise TrainingError(f"{path} cannot be read ({error}); choose another directory.") from None
    wanted, there = _identity(json.loads(json.dumps(description))), _identity(found)
    differing = [key for key in wanted if there.get(key) != wanted[key]]
    if differing or not resume:
        what = (
            f"another run (of another {', '.join(differing)})" if differing else "this run already"
        )
        raise TrainingError(f"{directory} holds {what}; choose another output directory.")
    return RunFolder(directory, description, finished=bool(found.get("finished")))


@contextmanager
def run_folder_for_training(
    directory: Path, description: Mapping[str, Any], *, resume: bool
) -> Iterator[RunFolder]:
    """Make a run's directory, or open it again, for no other process until this one is done.

    What a killed process left half-written is deleted. A finished run is not locked, so that it can be
    read where nothing can be written.

    Raises:
        TrainingError: as :func:`find_run_folder`, or another process trains in the directory.
    """
    folder = find_run_folder(directory, description, resume=resume)
    if folder is not None and folder.finished:
        if _left_behind(directory):  # killed when all but tidying up was done
            with suppress(TrainingError, OSError), only_trainer(directory):
                _tidy(directory)
        yield folder
        return
    with only_trainer(directory):
        # It may have been begun or finished in the meantime.
        folder = find_run_folder(directory, description, resume=resume)
        for path in _partial(directory):
            _delete(path)
        if folder is None:
            folder = RunFolder(directory, description, finished=False)
            folder.write_description(finished=False)
        yield folder


@contextmanager
def written_in(directory: Path) -> Iterator[None]:
    """Say which file of a run could not be written, why, and that what is finished is kept.

    Raises:
        TrainingError: a file of the directory, or the directory, could not be written.
    """
    try:
        yield
    except (OSError, ArtifactError) as error:
        if isinstance(
            error, ArtifactError
        ):  # of the model's directory; it has the path and the reason
            if not isinstance(error.__cause__, OSError):
                raise
            what = str(error).rstrip(".")
        elif isinstance(error, CxrZooError) or not _is_of(error.filename, directory):
            raise
        else:
            what = f"{error.filename} cannot be written ({error.strerror})"
        raise TrainingError(
            f"{what}. Finished epochs are kept: once there is room and leave to write, the same command "
            "goes on from there."
        ) from error


def _is_of(name: object, directory: Path) -> bool:
    """Return whether a file's name is in the directory, or is that of a folder that should hold it."""
    if not isinstance(name, str | Path):
        return False
    return Path(name).is_relative_to(directory) or directory.is_relative_to(name)


def holds_something(directory: Path, first: str) -> bool:
    """Return whether a path is a file, or a folder with more than a killed writer of ``first`` left."""
    if not directory.is_dir():
        return directory.exists()
    left = {directory / LOCK_FILE, *directory.glob(f".{first}.*.partial")}
    return any(path not in left for path in directory.iterdir())


def _left_behind(directory: Path) -> list[Path]:
    """Return what a killed process left in the directory of a finished run."""
    also = (directory / SCRATCH, directory / LOCK_FILE)
    return [*_partial(directory), *(path for path in also if path.exists())]


def _partial(directory: Path) -> list[Path]:
    return list(directory.glob(".*.partial*"))


def _tidy(directory: Path) -> None:
    for path in (*_partial(directory), directory / SCRATCH):
        _delete(path)


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _identity(described: Any) -> dict[str, Any]:
    """Return what makes a run this run, of its description as JSON; not where its recipe is from."""
    found = described if isinstance(described, dict) else {}
    recipe = found.get("recipe")
    kept = {key: value for key, value in found.items() if key not in {"versions", "devices"}}
    if isinstance(recipe, dict):
        kept["recipe"] = {key: value for key, value in recipe.items() if key != "source"}
    return kept


def describe_run(
    recipe: Recipe, train: Records, validation: Records, *, seed: int, devices: int
) -> dict[str, Any]:
    """Return what makes a run this run, as JSON values."""
    values = {item.name: getattr(recipe, item.name) for item in fields(Recipe)}
    return {
        "recipe": {**values, "arguments": dict(recipe.arguments)},
        "seed": seed,
        "backend": keras.backend.backend(),
        "labels": list(train.labels),
        "train": {"images": len(train), "sha256": fingerprint(train)},
        "validation": {"images": len(validation), "sha256": fingerprint(validation)},
        "devices": devices,
        "versions": versions(),
    }


def fingerprint(records: Records) -> str:
    """Return the SHA-256 of the labels, file names and targets, in order."""
    digest = hashlib.sha256(text_bytes("\n".join(records.labels)))
    digest.update(text_bytes("\n".join(records.file_names)))
    digest.update(records.targets.tobytes())
    return digest.hexdigest()
