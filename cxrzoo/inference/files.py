"""From image files to scores: decoding and the network are busy at the same time."""

import glob
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import DataError, DataNotFoundError, ImageError, ModelError
from cxrzoo.images.decoding import IMAGE_SUFFIXES
from cxrzoo.inference.decoding import Batch, decoding
from cxrzoo.pretrained import ModelConfig, config_of

if TYPE_CHECKING:
    import keras

    from cxrzoo.inference.engines import Engine, EngineName

__all__ = ["Predictions", "expand_paths", "predict_batches", "predict_files"]


@dataclass(frozen=True, slots=True)
class Predictions:
    """Scores of the files that could be read, and why the others could not.

    Attributes:
        files: the ``n`` files that were scored, in the order asked for.
        labels: the ``k`` names.
        scores: float32 ``(n, k)``.
        failures: ``(file, reason)`` of the files that could not be read.
    """

    files: tuple[str, ...]
    labels: tuple[str, ...]
    scores: NDArray[np.float32]
    failures: tuple[tuple[str, str], ...]


def expand_paths(paths: Iterable[str | os.PathLike[str]]) -> list[str]:
    """Gives the image files that files, folders and shell patterns name, each once.

    A folder stands for the images below it, sorted; a file is taken whatever its ending.

    Raises:
        DataNotFoundError: a path or pattern names nothing.
    """
    found: dict[str, None] = {}
    # "./a.png" and "a.png" are one file; "" is none, though Path("") is the current folder.
    for given in [str(path) and str(Path(path)) for path in paths]:
        matches = [given] if os.path.exists(given) else sorted(glob.glob(given, recursive=True))  # noqa: PTH110, PTH207 - Path("") exists; patterns may be absolute
        if not matches:
            raise DataNotFoundError(
                f"{given!r} is no file, no folder and no pattern that matches one."
            )
        for match in matches:
            path = Path(match)
            inside = _images_below(path) if path.is_dir() else [match]
            if path.is_dir() and not inside and len(matches) == 1:
                endings = ", ".join(sorted(IMAGE_SUFFIXES))
                raise DataNotFoundError(
                    f"{given} holds no image: expected files ending in {endings}."
                )
            found.update(dict.fromkeys(inside))
    return list(found)


def predict_files(
    model: "keras.Model",
    files: Sequence[str],
    *,
    batch_size: int = 32,
    on_error: Literal["stop", "skip"] = "stop",
    engine: "EngineName" = "auto",
    mirror: bool = False,
    on_batch: Callable[[int], None] | None = None,
) -> Predictions:
    """Scores image files with a model of the zoo.

    Each file is read as the training data were: grey, resized to the model's input by
    :func:`cxrzoo.images.read_image` with the model's ``aspect``. While the network works on one batch the
    next are decoded.

    Args:
        model: a model that cxrzoo built, with its top.
        files: paths of images.
        batch_size: images at a time.
        on_error: ``"stop"`` raises at the first file that cannot be read; ``"skip"`` goes on and lists
            it under ``failures``.
        engine: what computes: ``"keras"``, the backend; ``"openvino"`` (extra ``openvino``), on the
            processor and in float32; ``"auto"``, OpenVINO if it is installed and the files are so many
            that the seconds it takes to convert the model come back.
        mirror: score each image and its mirror image, and give the mean: twice the work.
        on_batch: called with the number of files behind us after each batch.

    Raises:
        ImageError: a file cannot be read and ``on_error`` is ``"stop"``.
        ModelError: the model has no labels.
        DataError: ``batch_size``, ``on_error`` or ``engine`` is none of these.
        MissingExtraError: the engine is not installed.
    """
    _check_options(batch_size, on_error)
    with decoding(files, _labelled(model), batch_size) as batches:
        return predict_batches(
            model,
            batches,
            n=len(files),
            batch_size=batch_size,
            on_error=on_error,
            engine=engine,
            mirror=mirror,
            on_batch=on_batch,
        )


def predict_batches(
    model: "keras.Model",
    batches: Iterable[Batch],
    *,
    n: int,
    batch_size: int,
    on_error: Literal["stop", "skip"] = "stop",
    engine: "EngineName" = "auto",
    mirror: bool = False,
    on_batch: Callable[[int], None] | None = None,
) -> Predictions:
    """Scores what :func:`~cxrzoo.inference.decoding.decoding` gives, ``n`` files in all.

    The rest is as :func:`predict_files` has it. Decoding can have begun before there was a model.
    """
    from cxrzoo.inference.engines import engine_for  # noqa: PLC0415 - it imports Keras

    _check_options(batch_size, on_error)
    labels = _labelled(model).labels
    compute = engine_for(model, engine, n)
    good: list[str] = []
    failures: list[tuple[str, str]] = []
    scores = [np.empty((0, len(labels)), np.float32)]
    for batch in batches:
        unreadable = [(file, found) for file, found in batch if isinstance(found, ImageError)]
        if unreadable and on_error == "stop":
            raise unreadable[0][1]
        failures += [(file, str(error)) for file, error in unreadable]
        readable = [(file, found) for file, found in batch if isinstance(found, np.ndarray)]
        if readable:
            good += [file for file, _ in readable]
            pixels = np.stack([found for _, found in readable])
            scores.append(_scores(compute, pixels, batch_size, mirror=mirror))
        if on_batch is not None:
            on_batch(len(good) + len(failures))
    return Predictions(tuple(good), labels, np.concatenate(scores), tuple(failures))


def _labelled(model: "keras.Model") -> ModelConfig:
    config = config_of(model, "predict_files")
    if not config.labels:
        raise ModelError(
            f"predict_files takes a model that has labels; {model.name!r} was built with "
            "include_top=False. Give it a head with cxrzoo.replace_head(model, labels)."
        )
    return config


def _check_options(batch_size: int, on_error: str) -> None:
    if batch_size < 1:
        raise DataError(f"batch_size must be 1 or more; received {batch_size}")
    if on_error not in ("stop", "skip"):
        raise DataError(f"on_error must be 'stop' or 'skip'; received {on_error!r:.80}")


def _scores(
    compute: "Engine", pixels: NDArray[np.uint8], batch_size: int, *, mirror: bool
) -> NDArray[np.float32]:
    """Scores one batch, filled up to its full size: one shape is compiled once."""
    n = len(pixels)
    if n < batch_size:
        pixels = np.concatenate([pixels, np.zeros((batch_size - n, *pixels.shape[1:]), np.uint8)])
    scores = compute(pixels)[:n]
    if not mirror:
        return scores
    turned = compute(np.ascontiguousarray(pixels[:, :, ::-1]))[:n]
    return (scores + turned) / np.float32(2)


def _images_below(folder: Path) -> list[str]:
    return sorted(
        os.path.join(parent, name)  # noqa: PTH118 - a hundred thousand Path objects are slow
        for parent, _, names in os.walk(folder)
        for name in names
        if os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES  # noqa: PTH122
    )
