"""From a ``keras.Model`` to the files of a published model."""

import importlib.metadata
import platform
from pathlib import Path
from typing import Literal

import keras

from cxrzoo import __version__
from cxrzoo.artifacts.directory import new_directory
from cxrzoo.artifacts.sameness import require_described
from cxrzoo.artifacts.selfcheck import outputs_of
from cxrzoo.errors import ArtifactError
from cxrzoo.evaluation import Report
from cxrzoo.files import write_whole
from cxrzoo.models import model_tensors
from cxrzoo.models.tensors import assign_tensors, tensor_shapes
from cxrzoo.opened import given_path
from cxrzoo.pretrained import config_of, config_to_json, open_artifact, save_tensors
from cxrzoo.pretrained.golden import dump_golden
from cxrzoo.pretrained.source import CONFIG_FILE, GOLDEN_FILE, REPORT_FILE, TENSORS_FILE
from cxrzoo.strict_json import dump
from cxrzoo.typed import check_arguments


def save_pretrained(
    model: keras.Model,
    directory: str | Path,
    report: Report | None = None,
    *,
    dtype: Literal["float32", "float16"] = "float32",
) -> Path:
    """Write a model as a directory that :func:`cxrzoo.from_pretrained` reads on every backend.

    Written are the description, ``model.cxrzoo``, and the weights. So the description is built anew, and
    a model that has other layers or settings, or gives other outputs for real X-rays, is refused: it
    would be another one when it is loaded.

    The directory is written beside and then takes its place: a reader sees the old model or the new one,
    never half of one, also if the process is killed. What else is in the directory stays: a folder
    ``.git``, notes, and the card README.md, which people edit. Golden vectors are written with it: a few
    real X-rays of the embedded sample and what the model, as it will be loaded, gives them.

    Args:
        model: a model that cxrzoo built (its ``cxrzoo`` attribute describes it).
        directory: where to; its parents are made. An earlier model there is replaced.
        report: its evaluation, written as ``report.json``.
        dtype: what weights are stored as; ``"float16"`` halves the file and rounds the weights.

    Returns:
        The directory.

    Raises:
        ArtifactError: the model is not of the zoo, or not the one that its description makes (the message
            says what differs), or ``directory`` holds something else than a model, is the current folder
            or cannot be written.
        TensorError: a weight is not finite, or an output for a real X-ray is not.
    """
    check_arguments(save_pretrained, locals(), ArtifactError)
    instead = "Build it with cxrzoo.create_model, or save it with model.save(...)."
    config = config_of(model, "save_pretrained", instead=instead, error=ArtifactError)
    described = require_described(
        model,
        config,
        instead="cxrzoo.json and the weights would be another model when loaded. Build it with the "
        "arguments that make it so (such as classifier_activation or scaling) and give it these weights; "
        "use cxrzoo.replace_head for other labels; or save it as it is, with model.save('model.keras').",
    )
    with new_directory(directory) as beside:
        save_tensors(model_tensors(model), beside / TENSORS_FILE, dtype=dtype)
        write_whole(beside / CONFIG_FILE, dump(config_to_json(config)))
        if report is not None:
            report.to_json(beside / REPORT_FILE)
        outputs = described.outputs
        if dtype != "float32":  # the vectors are of the model as it will be loaded
            stored = open_artifact(beside).tensors(tensor_shapes(described.model))
            assign_tensors(described.model, stored)
            outputs = outputs_of(described.model, described.inputs)
        write_whole(beside / GOLDEN_FILE, dump_golden(described.inputs, outputs))
    return given_path(directory, ArtifactError)


def versions() -> dict[str, str]:
    """Return the versions of Python, cxrzoo, Keras, its backend and NumPy, by name."""
    computing = ("keras", keras.backend.backend(), "numpy")
    return {
        "python": platform.python_version(),
        "cxrzoo": __version__,
        **{package: importlib.metadata.version(package) for package in computing},
    }
