"""The directory of a run: what it is a run of, whether it is finished, and where its files are."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import keras

from cxrzoo.artifacts.save import versions
from cxrzoo.data import Records
from cxrzoo.errors import TrainingError
from cxrzoo.files import write_whole
from cxrzoo.opened import read_file
from cxrzoo.strict_json import MAX_BYTES
from cxrzoo.training.recipe import Recipe


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
        return self.directory / "unfinished"

    def write_description(self, *, finished: bool) -> None:
        """Write ``run.json``."""
        content = {**self.description, "finished": finished}
        write_whole(self.directory / "run.json", json.dumps(content, indent=2) + "\n")


def open_run_folder(directory: Path, description: Mapping[str, Any], *, resume: bool) -> RunFolder:
    """Make a run's directory, or open it again to go on with the same run.

    Args:
        directory: the run's directory.
        description: what makes it this run: recipe, seed, data, backend; and versions.
        resume: whether a directory of the same run may be opened again.

    Raises:
        TrainingError: the directory holds another run, or something else, or this run and
            ``resume`` is False.
    """
    path = directory / "run.json"
    if not path.exists():
        if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
            raise TrainingError(
                f"{directory} exists and holds no run; it is left as it is. "
                "Choose an output directory that is new or empty."
            )
        folder = RunFolder(directory, description, finished=False)
        folder.write_description(finished=False)
        return folder
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
    digest = hashlib.sha256("\n".join(records.labels).encode())
    digest.update("\n".join(records.file_names).encode())
    digest.update(records.targets.tobytes())
    return digest.hexdigest()
