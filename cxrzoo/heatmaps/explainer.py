"""A model opened once, whose scores are explained many times."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import DataError, ImageError, LabelError, argument, named
from cxrzoo.heatmaps.maps import Heatmaps
from cxrzoo.heatmaps.methods import Method
from cxrzoo.images import Placement
from cxrzoo.inference import Scorer
from cxrzoo.inference.choice import EngineName
from cxrzoo.inference.decoding import Source, listed_sources, read_named
from cxrzoo.labels import checked_labels, match_labels
from cxrzoo.nearest import with_nearest
from cxrzoo.pretrained import Artifact
from cxrzoo.sizes import check_whole
from cxrzoo.typed import check_arguments

if TYPE_CHECKING:
    import keras

_MOST_VALUES: Final = 2**28
"""Of the maps that are held at a time: 1 GiB."""

_Computed = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Scores ``(b, k)`` and values ``(b, k, rows, columns)``."""


class Explainer:
    """Heat maps of a model: opened once, used as often as needed.

    What they are of is an output before its activation, so that a score near 1 has a heat map too;
    those of ``"occlusion"`` are of the score itself.

    Args:
        model: what :class:`cxrzoo.Scorer` takes.
        method: one of :data:`cxrzoo.heatmaps.METHODS`. ``"cam"`` needs a head that is linear on averaged
            feature maps, ``"attention-rollout"`` a Vision Transformer; the others take every model.
        labels: the labels that are explained; None for all of the model's.
        stride: of the feature maps, where the method takes some: one of
            :func:`cxrzoo.models.feature_maps`. None for the coarsest, and for ``"layer-cam"`` the next
            finer ones.
        window: side in pixels of what covers the picture under ``"occlusion"``; None for an eighth of
            the shorter side of what the model sees. It is moved by half of it.
        steps: of ``"integrated-gradients"``.
        engine: what computes scores under ``"occlusion"``, as :class:`cxrzoo.Scorer` has it.

    Raises:
        ModelError: the method does not go with the model, or Keras's backend gives no gradients.
        LabelError: the model lacks a label.
        DataError: an argument is out of bounds.
    """

    def __init__(
        self,
        model: "keras.Model | Artifact | str | os.PathLike[str]",
        method: Method = "grad-cam",
        *,
        labels: str | Sequence[str] | None = None,
        stride: int | None = None,
        window: int | None = None,
        steps: int = 32,
        engine: EngineName = "auto",
    ) -> None:
        check_arguments(Explainer.__init__, locals())
        check_whole("steps", steps, 1, most=10_000)
        if method != "occlusion" and engine == "openvino":
            raise DataError(
                f"{argument('engine', 'openvino')} gives no gradients: it goes with "
                f"{argument('method', 'occlusion')} alone"
            )
        self.method: Method = method
        self._scorer = Scorer(model, engine if method == "occlusion" else "keras")
        self.image_spec = self._scorer.image_spec
        if window is not None:
            check_whole("window", window, 1, most=min(self.image_spec.size))
        self._window = window or max(1, min(self.image_spec.size) // 8)
        self._steps = steps
        self.labels = _chosen(self._scorer.labels, labels)
        self._columns = [self._scorer.labels.index(name) for name in self.labels]
        self._stride = stride
        self._compute: Callable[[NDArray[np.uint8], int], _Computed] | None = None

    def load(self) -> "Explainer":
        """Build the network and prepare the method now, and return the explainer.

        Raises:
            ModelError: the method does not go with the model.
        """
        self._prepared()
        return self

    def explain(
        self, images: "Source | Iterable[Source] | NDArray[np.uint8]", *, batch_size: int = 8
    ) -> Heatmaps:
        """Return heat maps of pictures, on their own pixels.

        Args:
            images: files, or the bytes of files, one or many: PNG, JPEG and DICOM; or uint8 pixels
                ``(b, h, w, c)`` as :meth:`cxrzoo.Scorer.score` takes them.
            batch_size: pictures that the network takes at a time.

        Raises:
            ImageError: a file cannot be read.
            DataError: pixels of another shape or type, or a value out of bounds.
        """
        check_whole("batch_size", batch_size, 1, most=4096)
        compute = self._prepared()
        names: list[str] = []
        places: list[Placement] = []
        scores, values = [], []
        held = 0
        for batch in self._batches(images, batch_size):
            names += [name for name, _, _ in batch]
            places += [place for _, _, place in batch]
            found = compute(np.stack([pixels for _, pixels, _ in batch]), batch_size)
            held += found[1].size
            if held > _MOST_VALUES:
                raise DataError(
                    f"images: heat maps of {len(names):,} pictures and {len(self.labels)} labels "
                    "take more than a gibibyte; give fewer pictures at a time, or fewer "
                    f"{named('labels')}"
                )
            scores.append(found[0])
            values.append(np.maximum(found[1], 0))
        if not names:
            raise DataError("images: there are none; one file or more was expected")
        return Heatmaps(
            tuple(names),
            self.labels,
            self.method,
            np.concatenate(values),
            np.concatenate(scores),
            tuple(places),
        )

    def _batches(
        self, images: Any, batch_size: int
    ) -> Iterator[list[tuple[str, NDArray[np.uint8], Placement]]]:
        spec = self.image_spec
        if isinstance(images, np.ndarray):
            if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != spec.shape:
                raise DataError(
                    f"images must be files, or uint8 pixels (b, {', '.join(map(str, spec.shape))}) as "
                    f"image_spec.read gives them; received {images.dtype} {images.shape}"
                )
            place = spec.placement(*spec.size)
            for at in range(0, len(images), batch_size):
                part = images[at : at + batch_size]
                yield [(f"pixels[{at + i}]", one, place) for i, one in enumerate(part)]
            return
        batch = []
        for i, source in enumerate(listed_sources("images", images)):
            name, found = read_named(source, i, spec.read_placed)
            if isinstance(found, ImageError):
                raise found
            batch.append((name, *found))
            if len(batch) == batch_size:
                yield batch
                batch = []
        if batch:
            yield batch

    def _prepared(self) -> Callable[[NDArray[np.uint8], int], _Computed]:
        if self._compute is None:
            if self.method == "occlusion":
                self._compute = self._by_occlusion
            else:
                from cxrzoo.heatmaps.computing import (  # noqa: PLC0415 - it imports Keras
                    make_computing,
                )

                by_network = make_computing(
                    self._scorer.model, self.method, self._columns, self._stride, self._steps
                )
                self._compute = lambda pixels, _: by_network(pixels)
        return self._compute

    def _by_occlusion(self, pixels: NDArray[np.uint8], batch_size: int) -> _Computed:
        from cxrzoo.heatmaps.occlusion import occlusion  # noqa: PLC0415 - beside the other methods

        step = max(1, self._window // 2)
        size = max(batch_size, 32)
        scores, values = occlusion(self._scorer, pixels, self._window, step, size)
        return scores[:, self._columns], values[:, self._columns]


def explain(
    model: "keras.Model | Artifact | str | os.PathLike[str]",
    images: "Source | Iterable[Source] | NDArray[np.uint8]",
    labels: str | Sequence[str] | None = None,
    method: Method = "grad-cam",
    *,
    batch_size: int = 8,
    stride: int | None = None,
    window: int | None = None,
    steps: int = 32,
    engine: EngineName = "auto",
) -> Heatmaps:
    """Return heat maps of pictures: an :class:`Explainer` for one call.

    Args:
        model: what :class:`cxrzoo.Scorer` takes.
        images: files, or the bytes of files, one or many: PNG, JPEG and DICOM; or uint8 pixels
            ``(b, h, w, c)`` as :meth:`cxrzoo.Scorer.score` takes them.
        labels: the labels that are explained; None for all of the model's.
        method: one of :data:`cxrzoo.heatmaps.METHODS`.
        batch_size: pictures that the network takes at a time.
        stride: as :class:`Explainer` has it.
        window: the same.
        steps: the same.
        engine: the same.

    Raises:
        ModelError: the method does not go with the model, or Keras's backend gives no gradients.
        LabelError: the model lacks a label.
        ImageError: a file cannot be read.
        DataError: an argument is out of bounds.
    """
    check_arguments(explain, locals())
    opened = Explainer(
        model, method, labels=labels, stride=stride, window=window, steps=steps, engine=engine
    )
    try:
        return opened.explain(images, batch_size=batch_size)
    except ImageError as error:
        raise ImageError(f"images: {error}") from None


def _chosen(of_model: tuple[str, ...], labels: Any) -> tuple[str, ...]:
    """Return the labels that are explained, as the model spells them."""
    if labels is None:
        return of_model
    wanted = checked_labels([labels] if isinstance(labels, str) else labels)
    same = match_labels(wanted, of_model, where="the model")
    if absent := [name for name in wanted if name not in same]:
        raise LabelError(
            f"labels: the model has no {with_nearest(absent, of_model)}; it has {', '.join(of_model)}"
        )
    return tuple(same[name] for name in wanted)
