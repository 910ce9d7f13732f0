"""A model opened once, which scores pixels, files and bytes many times."""

import os
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import DataError, ImageError, ModelError, either
from cxrzoo.evaluation import Predictions
from cxrzoo.images import ImageSpec
from cxrzoo.images.ranges import ScaleCheck, wrong_scale
from cxrzoo.inference.choice import Choice, EngineName, engine_here
from cxrzoo.inference.decoding import Batch, Source, decoding, listed_sources
from cxrzoo.inference.description import calibrated, calibration_of, decisions, thresholds_of
from cxrzoo.pretrained import Artifact, ModelConfig, config_of, open_artifact
from cxrzoo.sizes import check_whole
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments

if TYPE_CHECKING:
    import keras

    from cxrzoo.inference.engines import Engine


class Scorer:
    """Scores of a model for pixels, files and bytes: opened once, used as often as needed.

    Opening reads and checks the description alone, which takes milliseconds: an unknown name or a
    model without labels is refused here. Keras is imported and the network built when the first score
    is asked for, or by :meth:`load`, which a service calls when it starts. It holds no file or process
    open, so that it need not be closed.

    Threads may share it. The network computes one batch at a time, for all of them; it keeps every
    processor busy as it is. Decoding goes on beside. A process of one's own, such as a Ray actor, opens
    its own.

    ``engine="auto"`` decides by the number of images: OpenVINO, where it is installed, from 500 images
    in one call, or announced to :meth:`load`, since converting a model takes seconds; otherwise Keras.
    What took time to prepare then stays for later, smaller calls, with the weights that the model had.
    Scores differ between the engines by rounding alone.

    Args:
        model: a model that cxrzoo built, with its top; a name of the catalog, ``"hf://org/name@revision"``
            or a directory, as :func:`cxrzoo.from_pretrained` takes them; or what
            :func:`cxrzoo.pretrained.open_artifact` gave.
        engine: ``"keras"``, its backend; ``"openvino"`` (extra ``openvino``), in float32 on the
            processor; or ``"auto"``.
        token: for private and gated repositories of the Hugging Face Hub.

    Attributes:
        config: the model's description, with its thresholds and its calibration.
        labels: the ``k`` names.
        image_spec: what the model sees of a picture.

    Raises:
        ModelError: a model that cxrzoo did not build, or without labels.
        ArtifactError: there is no such published model, or it is broken.
        DataError: there is no such engine.
        MissingExtraError: the engine is not installed.
    """

    def __init__(
        self,
        model: "keras.Model | Artifact | str | os.PathLike[str]",
        engine: EngineName = "auto",
        *,
        token: str | None = None,
    ) -> None:
        check_arguments(Scorer.__init__, locals())
        engine_here(engine)  # refuses what is not there
        self._asked = engine
        if isinstance(model, str | os.PathLike):
            model = open_artifact(os.fspath(model), token=token)
        self._opened = model  # the network, once it is built
        self._engine: tuple[Choice, Engine] | None = None
        self._lock = threading.RLock()
        self._check_scale = ScaleCheck()
        published = isinstance(model, Artifact)
        self.config: ModelConfig = model.config if published else config_of(model, "Scorer")
        self.labels = self.config.labels
        self.image_spec: ImageSpec = self.config.image_spec
        if not self.labels:
            name = getattr(model, "name", None) or getattr(model, "uri", None)
            raise ModelError(
                f"a Scorer takes a model that has labels; {name!r:.300} was built with"
                + either(
                    " include_top=False. Give it a head with cxrzoo.replace_head(model, labels).",
                    "out one. 'cxrzoo train --weights' gives it a head.",
                )
            )

    @property
    def model(self) -> "keras.Model":
        """The network, built when it is first asked for."""
        with self._lock:
            if isinstance(self._opened, Artifact):
                from cxrzoo.models import build_artifact  # noqa: PLC0415 - it imports Keras

                self._opened = build_artifact(self._opened)
            return self._opened

    @property
    def engine(self) -> Literal["keras", "openvino"]:
        """What computes now; the network is built for it."""
        return self._prepared(None)[0].engine

    def load(self, n: int | None = None) -> "Scorer":
        """Build the network and prepare its engine now, for about ``n`` images, and return the scorer.

        Raises:
            TensorError: the tensors are not those that the description asks for.
            ModelError: OpenVINO cannot take the model over from this backend.
        """
        self._prepared(n)
        return self

    def score(
        self,
        images: NDArray[np.uint8],
        *,
        batch_size: int = 32,
        flip: bool = False,
        calibrate: bool = False,
    ) -> NDArray[np.float32]:
        """Score pixels.

        Args:
            images: uint8 ``(b, h, w, c)``, or ``(h, w, c)`` for one image, as ``image_spec.read`` gives
                them: grey in [0, 255], of the model's height, width and channels.
            batch_size: images that the network takes at a time.
            flip: score each image and its mirror image, and give the mean: twice the work.
            calibrate: map the scores by the model's own calibration.

        Returns:
            float32 ``(b, k)``, or ``(k,)`` for one image.

        Warns:
            PixelScaleWarning: the pixels are 0 and 1 alone; once for each scorer.

        Raises:
            DataError: pixels of another shape or type, as scaled ones are, or ``batch_size`` below 1.
            ModelError: there is no calibration.
        """
        calibration = calibration_of(self.config) if calibrate else None
        _check_options(batch_size)
        pixels = self._checked(images)
        n, size = len(pixels), _filled(len(pixels), batch_size)
        score = partial(self._scored, self._prepared(n)[1], size, flip=flip)
        parts = [score(pixels[i : i + size]) for i in range(0, n, size)]
        scores = np.concatenate([np.empty((0, len(self.labels)), np.float32), *parts])
        if calibration is not None:
            scores = calibration.apply(scores).astype(np.float32)
        return scores if np.ndim(images) == 4 else scores[0]

    def predict(
        self,
        sources: Source | Iterable[Source],
        *,
        batch_size: int = 32,
        on_error: Literal["stop", "skip"] = "stop",
        flip: bool = False,
        calibrate: bool = False,
        decide: bool = False,
        on_batch: Callable[[int], None] | None = None,
    ) -> Predictions:
        """Score files, or the bytes of files: PNG, JPEG and DICOM.

        Each is read by ``image_spec``, as the training data were. While the network is built, and while
        it works on one batch, the next are decoded.

        Args:
            sources: one or any number of paths, or of the content of files; what has no path goes by the
                name ``"bytes[i]"``, with its place from 0.
            batch_size: images that the network takes at a time.
            on_error: ``"stop"`` raises at the first image that cannot be read; ``"skip"`` goes on and
                lists it under ``failures``.
            flip: score each image and its mirror image, and give the mean: twice the work.
            calibrate: map the scores by the model's own calibration.
            decide: add yes or no by the model's own thresholds, which lie on the scale of its scores
                before calibration and without ``flip``.
            on_batch: called with the number of images behind us after each batch.

        Raises:
            ImageError: an image cannot be read and ``on_error`` is ``"stop"``.
            DataError: ``batch_size`` or ``on_error`` is none of these.
            ModelError: there is no calibration, or there are no thresholds.
        """
        _check_options(batch_size, on_error)
        # Told before an hour of scoring, not after it.
        if calibrate:
            calibration_of(self.config)
        if decide:
            thresholds_of(self.config)
        listed = listed_sources("sources", sources)
        size = _filled(len(listed), batch_size)
        with decoding(listed, self.image_spec, size) as batches:
            compute = self._prepared(len(listed))[1]
            score = partial(self._scored, compute, size, flip=flip)
            found = _collected(batches, score, self.labels, on_error, on_batch)
        if decide:
            found = replace(found, decisions=decisions(found, self.config))
        return calibrated(found, self.config) if calibrate else found

    def _prepared(self, n: int | None) -> "tuple[Choice, Engine]":
        with self._lock:
            before = self._engine
            if before is None or before[0] == Choice("keras"):
                model = self.model  # imports Keras, whose backend the choice depends on
                choice = engine_here(self._asked, n)
                if before is None or choice != before[0]:
                    from cxrzoo.inference.engines import make_engine  # noqa: PLC0415 - imports Keras

                    self._engine = before = choice, make_engine(model, choice)
            return before

    def _scored(
        self, compute: "Engine", size: int, pixels: NDArray[np.uint8], *, flip: bool
    ) -> NDArray[np.float32]:
        """Score one batch, filled up to its full size: one shape is compiled once."""
        n = len(pixels)
        if n < size:
            pixels = np.concatenate([pixels, np.zeros((size - n, *pixels.shape[1:]), np.uint8)])
        with self._lock:
            scores = compute(pixels)[:n]
            if not flip:
                return scores
            flipped = compute(np.ascontiguousarray(pixels[:, :, ::-1]))[:n]
        return (scores + flipped) / np.float32(2)

    def _checked(self, images: Any) -> NDArray[np.uint8]:
        pixels, shape = np.asarray(images), self.image_spec.shape
        if pixels.dtype != np.uint8 or pixels.ndim not in (3, 4) or pixels.shape[-3:] != shape:
            one = ", ".join(map(str, shape))
            raise DataError(
                f"pixels must be uint8 (b, {one}), or ({one}) for one image, as image_spec.read gives "
                f"them; received {pixels.dtype} {pixels.shape}"
                + (f": {text}" if (text := wrong_scale(pixels)) else "")
            )
        self._check_scale(pixels)
        return pixels if pixels.ndim == 4 else pixels[None]


def _collected(
    batches: Iterable[Batch],
    score: Callable[[NDArray[np.uint8]], NDArray[np.float32]],
    labels: tuple[str, ...],
    on_error: str,
    on_batch: Callable[[int], None] | None,
) -> Predictions:
    good: list[str] = []
    failures: list[tuple[str, str]] = []
    scores = [np.empty((0, len(labels)), np.float32)]
    for batch in batches:
        unreadable = [(name, found) for name, found in batch if isinstance(found, ImageError)]
        if unreadable and on_error == "stop":
            raise unreadable[0][1]
        failures += [(name, str(error)) for name, error in unreadable]
        readable = [(name, found) for name, found in batch if isinstance(found, np.ndarray)]
        if readable:
            good += [name for name, _ in readable]
            scores.append(score(np.stack([found for _, found in readable])))
        if on_batch is not None:
            on_batch(len(good) + len(failures))
    return Predictions(tuple(good), labels, np.concatenate(scores), tuple(failures))


def _check_options(batch_size: int, on_error: str = "stop") -> None:
    check_whole("batch_size", batch_size, 1)
    if on_error not in ("stop", "skip"):
        raise DataError(f"on_error must be 'stop' or 'skip'; received {shown(on_error)}")


def _filled(n: int, batch_size: int) -> int:
    """Return the size of each batch for n images: a power of two where they are few.

    One image need not wait for 32, and no number of images has a new shape compiled for itself.
    """
    return min(batch_size, 1 << max(0, n - 1).bit_length())
