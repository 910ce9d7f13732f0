"""From a ``keras.Model`` to a file of another runtime, checked by that runtime before it is there."""

import errno
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import keras
import numpy as np

from cxrzoo.artifacts.sameness import require_described
from cxrzoo.artifacts.selfcheck import golden_vectors
from cxrzoo.directories import new_beside, put_in_place
from cxrzoo.errors import ArtifactError, IntegrityError, MissingExtraError
from cxrzoo.export.formats import FORMATS, Format
from cxrzoo.export.interface import interface_of
from cxrzoo.export.place import errors_of_files, is_of_saved_model, put_files_in_place, target_of
from cxrzoo.models import build_artifact, building_in, computes_in_float32
from cxrzoo.pretrained import config_of, open_artifact
from cxrzoo.pretrained.golden import Golden, dump_golden, parse_golden
from cxrzoo.pretrained.source import GOLDEN_FILE
from cxrzoo.strict_json import dump
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments, check_fields

# In whatever Keras, TensorFlow and the runtimes raise, the last one being OpenVINO's.
_FULL_DISK: Final = (*map(os.strerror, (errno.ENOSPC, errno.EFBIG)), "iostream error")


@dataclass(frozen=True, slots=True)
class Exported:
    """An exported model, and how far its runtime is from the golden vectors.

    Attributes:
        path: the file, or the directory of a SavedModel.
        labels: the JSON file beside it (in a SavedModel, its ``assets.extra/labels.json``).
        format: its format.
        backend: the Keras backend that wrote it.
        runtime: name and version of the package that ran it.
        n: number of vectors.
        difference: the largest absolute difference of an output.
        tolerance: the largest that passes.
    """

    path: Path
    labels: Path
    format: str
    backend: str
    runtime: str
    n: int
    difference: float
    tolerance: float

    def __post_init__(self) -> None:
        check_fields(self, ArtifactError)

    def __str__(self) -> str:
        return (
            f"{self.path}: {self.format}, written on {self.backend}; {self.runtime} reproduces "
            f"{self.n} golden vectors: max |difference| {self.difference:.2e}, "
            f"tolerance {self.tolerance:.2e}"
        )


def export_model(
    model: keras.Model,
    path: str | Path,
    *,
    format: str,  # noqa: A002 - the name that Keras's model.export has for it
    golden: Golden | None = None,
) -> Exported:
    """Write a model for another runtime, by Keras's ``model.export``.

    The file takes ``pixels``, float32 ``(b, height, width, channels)`` in [0, 255] with any ``b``, and
    scales them itself. Labels, thresholds and calibration are in its metadata and in a JSON file
    beside it. Before anything stands at ``path``, the format's own runtime computes the golden
    vectors, all at once and one alone. What was at ``path`` stays there if that or anything else fails.

    Args:
        model: a model of the zoo that computes in float32.
        path: where to: it ends in ``.onnx``, ``.xml`` (OpenVINO) or ``.tflite``, or is a directory
            (SavedModel). Its parents are made; an earlier export there is replaced.
        format: ``"onnx"``, ``"openvino"``, ``"litert"`` or ``"tf_saved_model"``.
        golden: inputs and the outputs expected; else real X-rays of the embedded sample and what the
            model gives them.

    Raises:
        ArtifactError: the format is none of these, ``path`` does not fit it, the model is not of the
            zoo or not the one that its description makes, or Keras cannot write the format on this
            backend.
        IntegrityError: the runtime computes something else.
        MissingExtraError: a package is not installed.
    """
    check_arguments(export_model, locals(), ArtifactError)
    instead = "Export it with model.export(...)."
    config = config_of(model, "export_model", instead=instead, error=ArtifactError)
    if not computes_in_float32(model):
        raise ArtifactError(
            "export_model takes a model that computes in float32; build it under Keras's float32 "
            "dtype policy (weights are float32 in any case)."
        )
    form = _form(format)
    target_of(path, form)
    described = require_described(
        model,
        config,
        instead="The labels, thresholds and calibration in the file would be another model's. Build it "
        "with the arguments that make it so (such as classifier_activation or scaling) and give it these "
        "weights; use cxrzoo.replace_head for other labels; or export it as it is, with "
        "model.export(...).",
    )
    if golden is None:
        golden = _parsed(model, dump_golden(described.inputs, described.outputs))
    return _exported(model, path, form, golden)


def _exported(model: keras.Model, path: str | Path, form: Format, golden: Golden) -> Exported:
    target = target_of(path, form)
    card = interface_of(model)
    with errors_of_files(Path(path)), new_beside(target, own=is_of_saved_model) as folder:
        beside = folder / target.name if form.suffix else folder
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of converters, to those who write converters
            with _errors_on_one_line(form, path):
                form.write(model, beside, card)
                difference = _difference(form, beside, golden)
        if not difference <= golden.tolerance:  # NaN is not
            raise IntegrityError(
                f"{path} is not written: {_runtime(form)} computes other outputs than the golden "
                f"vectors: max |difference| {difference:.2e}, tolerance {golden.tolerance:.2e}."
            )
        labels = _labels_file(beside, form)
        labels.parent.mkdir(exist_ok=True)
        labels.write_text(dump(card), encoding="utf-8")
        if form.suffix:
            put_files_in_place(beside, target)
        else:
            put_in_place(folder, target, own=is_of_saved_model)
    return Exported(
        path=Path(path),
        labels=_labels_file(Path(path), form),
        format=form.name,
        backend=keras.backend.backend(),
        runtime=_runtime(form),
        n=len(golden.inputs),
        difference=difference,
        tolerance=golden.tolerance,
    )


def export_pretrained(
    uri: str | Path,
    path: str | Path,
    *,
    format: str,  # noqa: A002 - as export_model has it
    token: str | None = None,
) -> Exported:
    """Export a published model, held to the golden vectors it was published with.

    A model without them is held to what it computes here, as :func:`cxrzoo.export_model` does.

    Args:
        uri: as :func:`cxrzoo.from_pretrained` takes it.
        path: as :func:`cxrzoo.export_model` takes it.
        format: as :func:`cxrzoo.export_model` takes it.
        token: for private and gated repositories.

    Raises:
        CxrZooError: the model cannot be loaded or cannot be exported.
    """
    check_arguments(export_pretrained, locals(), ArtifactError)
    artifact = open_artifact(uri, token=token)
    with building_in("float32"):
        model = build_artifact(artifact)
    if GOLDEN_FILE in artifact.files:
        golden = artifact.golden(tuple(model.input_shape[1:]), tuple(model.output_shape[1:]))
    else:
        golden = _parsed(model, golden_vectors(model))
    return _exported(model, path, _form(format), golden)


def _parsed(model: keras.Model, raw: bytes) -> Golden:
    return parse_golden(
        raw,
        input_shape=model.input_shape[1:],
        output_shape=model.output_shape[1:],
        source=f"the golden vectors of {model.name}",
    )


def _form(name: str) -> Format:
    if name not in FORMATS:
        raise ArtifactError(f"format must be one of {', '.join(FORMATS)}; received {shown(name)}.")
    form = FORMATS[name]
    if absent := [package for package in form.packages if find_spec(package) is None]:
        raise MissingExtraError(
            f"{name} needs {', '.join(absent)}, which is not installed: "
            f"pip install 'cxrzoo[{form.extra}]'"
        )
    return form


@contextmanager
def _errors_on_one_line(form: Format, path: str | Path) -> Iterator[None]:
    """Turn what converters and runtimes raise into one line and what to do."""
    backend = keras.backend.backend()
    try:
        yield
    except ImportError as error:
        how = (
            f"pip install 'cxrzoo[{form.extra}]'"
            if backend == "tensorflow"
            else f"or set KERAS_BACKEND=tensorflow, with pip install 'cxrzoo[{form.extra}]'"
        )
        raise MissingExtraError(
            f"{form.name} on {backend} needs one more package: {error!s:.300} {how}"
        ) from error
    except Exception as error:  # converters raise anything
        advice = (
            ""
            if backend == "tensorflow"
            else " With KERAS_BACKEND=tensorflow the same model can be exported."
        )
        reason = " ".join(str(error).split())
        if full := [said for said in _FULL_DISK if said in reason]:
            raise ArtifactError(
                f"{path} cannot be written ({full[0]}); the disk may be full. What was there is as it "
                f"was: once there is room there and in {tempfile.gettempdir()}, export again."
            ) from error
        raise ArtifactError(
            f"Keras {keras.__version__} cannot write {form.name} on {backend}, or {form.runtime} "
            f"cannot run it: {type(error).__name__}: {reason:.300}.{advice}"
        ) from error


def _difference(form: Format, path: Path, golden: Golden) -> float:
    pixels = golden.inputs.astype(np.float32)
    together, alone = form.run(path, pixels), form.run(path, pixels[:1])
    if together.shape != golden.outputs.shape or alone.shape != golden.outputs[:1].shape:
        raise ValueError(f"outputs {together.shape} and {alone.shape} for {len(pixels)} and 1")
    return float(
        max(
            np.abs(together - golden.outputs).max(),
            np.abs(alone - golden.outputs[:1]).max(),
            key=lambda found: (np.isnan(found), found),
        )
    )


def _labels_file(path: Path, form: Format) -> Path:
    if form.suffix:
        return path.with_suffix(".labels.json")
    return path / "assets.extra" / "labels.json"  # where SavedModel keeps what is not its own


def _runtime(form: Format) -> str:
    return f"{form.runtime} {version(form.runtime)}"
