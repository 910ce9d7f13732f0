"""From a ``keras.Model`` to the files of a published model."""

import shutil
import uuid
from pathlib import Path
from typing import Literal

import keras

from cxrzoo.errors import ArtifactError
from cxrzoo.evaluation import Report
from cxrzoo.models import model_tensors
from cxrzoo.store import ModelConfig, config_to_json, save_tensors
from cxrzoo.store.source import CONFIG_FILE, TENSORS_FILE
from cxrzoo.store.strict_json import dump

__all__ = ["REPORT_FILE", "save_pretrained"]

REPORT_FILE = "report.json"


def save_pretrained(
    model: keras.Model,
    directory: str | Path,
    report: Report | None = None,
    *,
    dtype: Literal["float32", "float16"] = "float32",
) -> Path:
    """Writes a model as a directory that :func:`cxrzoo.from_pretrained` reads on every backend.

    The directory is written beside and then renamed: a reader sees the old model or the new one,
    never half of one.

    Args:
        model: a model that cxrzoo built (its ``cxrzoo`` attribute describes it).
        directory: where to; its parents are made. An earlier model there is replaced.
        report: its evaluation, written as ``report.json``.
        dtype: what weights are stored as; ``"float16"`` halves the file and rounds the weights.

    Returns:
        The directory.

    Raises:
        ArtifactError: the model is not of the zoo, was changed since it was built, or ``directory``
            holds something else than a model, is the
            current folder or cannot be written.
        TensorError: a weight is not finite.
    """
    given = Path(directory).expanduser()
    directory = given.resolve()  # a link stays, what it points to is replaced
    config = _config_of(model)
    if dtype not in ("float32", "float16"):
        raise ArtifactError(f"dtype must be 'float32' or 'float16'; received {dtype!r:.80}.")
    if directory == Path.cwd():
        raise ArtifactError(f"{given} is the folder you stand in; name a folder in it.")
    if directory.exists() and not _replaceable(directory):
        raise ArtifactError(
            f"{given} holds something else than a cxrzoo model (no {CONFIG_FILE}); "
            "it is left as it is. Choose another directory."
        )
    beside = directory.with_name(f".{directory.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        beside.mkdir()
        save_tensors(model_tensors(model), beside / TENSORS_FILE, dtype=dtype)
        (beside / CONFIG_FILE).write_text(dump(config_to_json(config)), encoding="utf-8")
        if report is not None:
            report.to_json(beside / REPORT_FILE)
        _swap(beside, directory)
    except OSError as error:
        raise ArtifactError(f"{given} cannot be written: {error}.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return given


def _config_of(model: keras.Model) -> ModelConfig:
    config = getattr(model, "cxrzoo", None)
    if not isinstance(config, ModelConfig):
        raise ArtifactError(
            f"save_pretrained takes a model that cxrzoo built; {model.name!r} has no 'cxrzoo' config. "
            "Build it with cxrzoo.create_model, or save it with model.save(...)."
        )
    expected = config.labels
    if expected and model.output_shape != (None, len(expected)):
        raise ArtifactError(
            f"the model's output is {model.output_shape} but its config has {len(expected)} labels: "
            "it was changed since cxrzoo built it. Use cxrzoo.replace_head for other labels."
        )
    return config


def _replaceable(directory: Path) -> bool:
    return directory.is_dir() and (
        (directory / CONFIG_FILE).is_file() or not any(directory.iterdir())
    )


def _swap(new: Path, target: Path) -> None:
    """Puts ``new`` in the place of ``target``; a directory cannot be renamed onto a full one."""
    old = target.with_name(f"{new.name}.old")
    if target.exists():
        target.rename(old)
    try:
        new.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
