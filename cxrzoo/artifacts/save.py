"""From a ``keras.Model`` to the files of a published model."""

import importlib.metadata
import platform
from pathlib import Path
from typing import Literal

import keras

from cxrzoo import __version__
from cxrzoo.artifacts.directory import new_directory
from cxrzoo.artifacts.selfcheck import golden_vectors
from cxrzoo.errors import ArtifactError
from cxrzoo.evaluation import Report
from cxrzoo.files import write_whole
from cxrzoo.models import build_artifact, building_in, computes_in_float32, model_tensors
from cxrzoo.pretrained import ModelConfig, config_of, config_to_json, open_artifact, save_tensors
from cxrzoo.pretrained.source import CONFIG_FILE, GOLDEN_FILE, REPORT_FILE, TENSORS_FILE
from cxrzoo.strict_json import dump
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments


def save_pretrained(
    model: keras.Model,
    directory: str | Path,
    report: Report | None = None,
    *,
    dtype: Literal["float32", "float16"] = "float32",
) -> Path:
    """Write a model as a directory that :func:`cxrzoo.from_pretrained` reads on every backend.

    The directory is written beside and then renamed: a reader sees the old model or the new one,
    never half of one. Golden vectors are written with it: a few real X-rays of the embedded sample
    and what the model, as it will be loaded, gives them.

    Args:
        model: a model that cxrzoo built (its ``cxrzoo`` attribute describes it).
        directory: where to; its parents are made. An earlier model there is replaced.
        report: its evaluation, written as ``report.json``.
        dtype: what weights are stored as; ``"float16"`` halves the file and rounds the weights.

    Returns:
        The directory.

    Raises:
        ArtifactError: the model is not of the zoo, was changed since it was built, or ``directory``
            holds something else than a model, is the current folder or cannot be written.
        TensorError: a weight is not finite, or an output for a real X-ray is not.
    """
    check_arguments(save_pretrained, locals(), ArtifactError)
    config = _config_of(model)
    if dtype not in ("float32", "float16"):
        raise ArtifactError(f"dtype must be 'float32' or 'float16'; received {shown(dtype)}.")
    with new_directory(directory) as beside:
        save_tensors(model_tensors(model), beside / TENSORS_FILE, dtype=dtype)
        write_whole(beside / CONFIG_FILE, dump(config_to_json(config)))
        if report is not None:
            report.to_json(beside / REPORT_FILE)
        as_loaded = dtype == "float32" and computes_in_float32(model)
        published = model if as_loaded else _rebuilt(beside)
        write_whole(beside / GOLDEN_FILE, golden_vectors(published))
    return Path(directory).expanduser()


def _rebuilt(directory: Path) -> keras.Model:
    """Return the model as it will be loaded: of the stored weights, in float32."""
    with building_in("float32"):
        return build_artifact(open_artifact(directory))


def _config_of(model: keras.Model) -> ModelConfig:
    instead = "Build it with cxrzoo.create_model, or save it with model.save(...)."
    config = config_of(model, "save_pretrained", instead=instead, error=ArtifactError)
    expected = config.labels
    if expected and model.output_shape != (None, len(expected)):
        raise ArtifactError(
            f"the model's output is {model.output_shape} but its config has {len(expected)} labels: "
            "it was changed since cxrzoo built it. Use cxrzoo.replace_head for other labels."
        )
    return config


def versions() -> dict[str, str]:
    """Return the versions of Python, cxrzoo, Keras, its backend and NumPy, by name."""
    computing = ("keras", keras.backend.backend(), "numpy")
    return {
        "python": platform.python_version(),
        "cxrzoo": __version__,
        **{package: importlib.metadata.version(package) for package in computing},
    }
