"""From image files to scores: decoding and the network are busy at the same time."""

import glob
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import keras
import numpy as np
from numpy.typing import NDArray

from cxrzoo.data import read_image
from cxrzoo.data.images import IMAGE_SUFFIXES
from cxrzoo.errors import DataError, DataNotFoundError, ImageError, ModelError
from cxrzoo.inference.engines import Engine, EngineName, engine_for
from cxrzoo.store import ModelConfig

__all__ = ["Predictions", "expand_paths", "predict_files"]

_DECODERS = min(8, os.cpu_count() or 1)


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
    model: keras.Model,
    files: Sequence[str],
    *,
    batch_size: int = 32,
    on_error: Literal["stop", "skip"] = "stop",
    engine: EngineName = "auto",
    mirror: bool = False,
    on_batch: Callable[[int], None] | None = None,
) -> Predictions:
    """Scores image files with a model of the zoo.

    Each file is read as the training data were: grey, resized to the model's input by
    :func:`cxrzoo.data.read_image` with the model's ``aspect``. While the network works on one batch the
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
    config = getattr(model, "cxrzoo", None)
    if not isinstance(config, ModelConfig) or not config.labels:
        raise ModelError(
            "predict_files takes a model of the zoo that has labels (include_top=True)."
        )
    if batch_size < 1:
        raise DataError(f"batch_size must be 1 or more; received {batch_size}")
    if on_error not in ("stop", "skip"):
        raise DataError(f"on_error must be 'stop' or 'skip'; received {on_error!r:.80}")
    compute = engine_for(model, engine, len(files))
    height, width, channels = config.arguments["input_shape"]

    def decode(file: str) -> NDArray[np.uint8] | ImageError:
        try:
            return read_image(file, (height, width), channels=channels, aspect=config.aspect)
        except ImageError as error:
            return error

    good: list[str] = []
    failures: list[tuple[str, str]] = []
    scores = [np.empty((0, len(config.labels)), np.float32)]
    with ThreadPoolExecutor(_DECODERS) as pool:
        for batch in _batches_ahead(pool, decode, files, batch_size):
            unreadable = [(file, found) for file, found in batch if isinstance(found, ImageError)]
            if unreadable and on_error == "stop":
                pool.shutdown(wait=False, cancel_futures=True)
                raise unreadable[0][1]
            failures += [(file, str(error)) for file, error in unreadable]
            readable = [(file, found) for file, found in batch if isinstance(found, np.ndarray)]
            if readable:
                good += [file for file, _ in readable]
                pixels = np.stack([found for _, found in readable])
                scores.append(_scores(compute, pixels, batch_size, mirror=mirror))
            if on_batch is not None:
                on_batch(len(good) + len(failures))
    return Predictions(tuple(good), config.labels, np.concatenate(scores), tuple(failures))


def _scores(
    compute: Engine, pixels: NDArray[np.uint8], batch_size: int, *, mirror: bool
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


def _batches_ahead(
    pool: ThreadPoolExecutor,
    decode: Callable[[str], NDArray[np.uint8] | ImageError],
    files: Sequence[str],
    batch_size: int,
) -> Iterator[list[tuple[str, NDArray[np.uint8] | ImageError]]]:
    """Gives decoded batches in order, with at most two more under way."""
    waiting: deque[list[tuple[str, Future[NDArray[np.uint8] | ImageError]]]] = deque()
    for start in range(0, len(files), batch_size):
        batch = files[start : start + batch_size]
        waiting.append([(file, pool.submit(decode, file)) for file in batch])
        if len(waiting) > 2:
            yield [(file, future.result()) for file, future in waiting.popleft()]
    while waiting:
        yield [(file, future.result()) for file, future in waiting.popleft()]


def _images_below(folder: Path) -> list[str]:
    return sorted(
        os.path.join(parent, name)  # noqa: PTH118 - a hundred thousand Path objects are slow
        for parent, _, names in os.walk(folder)
        for name in names
        if os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES  # noqa: PTH122
    )
