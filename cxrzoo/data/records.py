"""The table that everything else reads: images, targets, labels, patients."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxrzoo.data.columns import (
    checked_labels,
    checked_rows,
    checked_targets,
    identifiers,
    object_array,
    paths,
    read_only,
    taken,
)
from cxrzoo.data.leakage import Leakage, find_leakage
from cxrzoo.errors import DataError, LabelError
from cxrzoo.nearest import with_nearest

if TYPE_CHECKING:
    from cxrzoo.data.augment import Augmentation
    from cxrzoo.data.dataset import ImageDataset
    from cxrzoo.data.shard import Share
    from cxrzoo.data.splits import Split

__all__ = ["Records", "concat"]

SplitName = Literal["official", "patient", "stratified", "paper"]


@dataclass(frozen=True, eq=False, repr=False)
class Records:
    """An immutable table of images and what is known of them.

    ``records[rows]`` gives the rows of a slice, of an index array or of a boolean mask as a new
    table. Arrays are read-only; an array that can still be written to is copied.

    Attributes:
        images: file paths, object array of str, (n,).
        targets: float32 (n, k) of 1, 0 and NaN ('not known').
        labels: the k names of the columns.
        patients: patient identifiers, object array of str, (n,), with None where one is unknown;
            None if no patient is known. Identifiers are compared as they are written, also across
            sources.
        metadata: further columns by name, each (n,).
        name: where the rows come from, as in ``"nih-chestxray14"``.

    Raises:
        LabelError: labels are absent, blank or repeated, or do not fit the targets.
        DataError: lengths or values do not fit.
    """

    images: NDArray[np.object_]
    targets: NDArray[np.float32]
    labels: tuple[str, ...]
    patients: NDArray[np.object_] | None = None
    metadata: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    name: str = "records"

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        set_field(self, "labels", checked_labels(self.labels))
        set_field(self, "images", paths(self.images))
        set_field(self, "targets", checked_targets(self.targets, len(self.images), self.labels))
        if self.patients is not None:
            set_field(self, "patients", identifiers(self.patients))
        set_field(
            self,
            "metadata",
            MappingProxyType({k: read_only(np.asarray(v)) for k, v in self.metadata.items()}),
        )
        for column, values in {"patients": self.patients, **self.metadata}.items():
            if values is not None and values.shape != (len(self),):
                raise DataError(
                    f"{column} must have one value for each of the {len(self)} images; "
                    f"got shape {values.shape}"
                )

    def __reduce__(self) -> tuple[Any, ...]:
        # A read-only mapping cannot be pickled, and worker processes are sent their records.
        columns = (self.images, self.targets, self.labels, self.patients, dict(self.metadata))
        return (Records, (*columns, self.name))

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, rows: slice | ArrayLike) -> "Records":
        index = rows if isinstance(rows, slice) else checked_rows(np.asarray(rows), len(self))
        return Records(
            images=taken(self.images, index),
            targets=taken(self.targets, index),
            labels=self.labels,
            patients=None if self.patients is None else taken(self.patients, index),
            metadata={k: taken(v, index) for k, v in self.metadata.items()},
            name=self.name,
        )

    def __repr__(self) -> str:
        return f"Records({self._headline()}, {len(self.labels)} labels)"

    def _headline(self) -> str:
        known = None if self.patients is None else len(set(self.patients) - {None})
        patients = "unknown" if known is None else f"{known:,}"
        return f"{self.name!r}: {len(self):,} images, patients {patients}"

    @property
    def file_names(self) -> NDArray[np.object_]:
        """The images' file names without folders, object array of str, (n,)."""
        return object_array([os.path.basename(path) for path in self.images])  # noqa: PTH119 - a million str paths

    def summary(self) -> str:
        """A table of images, patients and views, and of each label's present, absent and unknown."""
        from cxrzoo.data.display import summary  # noqa: PLC0415 - shows what is made here

        return summary(self)

    def plot_samples(self, path: str | os.PathLike[str], *, n: int = 12, seed: int = 0) -> Path:
        """Write a sheet of images; see :func:`cxrzoo.data.display.plot_samples`."""
        from cxrzoo.data.display import plot_samples  # noqa: PLC0415 - as above

        return plot_samples(self, path, n=n, seed=seed)

    def plot_cooccurrence(self, path: str | os.PathLike[str]) -> Path:
        """Write which labels go together; see :func:`cxrzoo.data.display.plot_cooccurrence`."""
        from cxrzoo.data.display import plot_cooccurrence  # noqa: PLC0415 - as above

        return plot_cooccurrence(self, path)

    def relabel(
        self, labels: Iterable[str], *, missing: Literal["error", "unknown"] = "error"
    ) -> "Records":
        """The same rows with these labels, in this order.

        Args:
            labels: names of columns to keep, any subset in any order.
            missing: what becomes of a label that the records lack: ``"error"``, or ``"unknown"``
                for a column of NaN.

        Raises:
            LabelError: the records lack a label; the message has the nearest names.
        """
        wanted = checked_labels(labels)
        column = {label: j for j, label in enumerate(self.labels)}
        absent = [label for label in wanted if label not in column]
        if missing not in ("error", "unknown"):
            raise DataError(f"missing must be 'error' or 'unknown'; got {missing!r}")
        if absent and missing == "error":
            raise LabelError(
                f"{self.name!r} has no label {with_nearest(absent, self.labels)}; it has "
                f"{', '.join(self.labels)}; pass missing='unknown' to have columns of NaN"
            )
        targets = np.full((len(self), len(wanted)), np.nan, np.float32)
        for j, label in enumerate(wanted):
            if label in column:
                targets[:, j] = self.targets[:, column[label]]
        targets.flags.writeable = False
        return Records(self.images, targets, wanted, self.patients, self.metadata, self.name)

    def leakage(self, other: "Records", *, pixels: bool = False) -> Leakage:
        """What ``other`` shares with these records, by patient, by file name and by picture.

        Patients are compared as they are written, also across sources: two hospitals that both
        number from 1 raise a false alarm rather than hide a true one. Where names repeat within a
        table, as in CheXpert, the folders before them are compared too.

        Args:
            other: the second table.
            pixels: also read every image of both, and list pairs that show nearly the same: copies
                in another size, format or contrast (:mod:`cxrzoo.data.similarity`).
        """
        return find_leakage(self, other, pixels=pixels)

    def split(self, name: SplitName, *, seed: int = 0) -> "Split":
        """Train, validation and test parts; see :func:`cxrzoo.data.splits.split`."""
        from cxrzoo.data.splits import split  # noqa: PLC0415 - splits are made of records

        return split(self, name, seed=seed)

    def dataset(
        self,
        *,
        image_size: int | tuple[int, int] = 224,
        batch_size: int = 64,
        shuffle: bool = False,
        seed: int = 0,
        augment: "Literal['none', 'light', 'strong'] | Augmentation" = "none",
        channels: Literal[1, 3] = 1,
        aspect: Literal["stretch", "pad", "crop"] = "stretch",
        cache: str | os.PathLike[str] | None = None,
        workers: int | None = None,
        use_multiprocessing: bool = False,
        share: "Share | None" = None,
    ) -> "ImageDataset":
        """Batches for ``fit``, ``evaluate`` and ``predict``; see :class:`ImageDataset`."""
        from cxrzoo.data.dataset import ImageDataset  # noqa: PLC0415 - Keras only when needed

        return ImageDataset(
            self,
            image_size=image_size,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            augment=augment,
            channels=channels,
            aspect=aspect,
            cache=cache,
            workers=workers,
            use_multiprocessing=use_multiprocessing,
            share=share,
        )


def concat(*records: Records) -> Records:
    """All rows of several tables, with the union of their labels and columns.

    Labels stand in the order of their first appearance. What a table does not label becomes NaN; a
    metadata column it lacks becomes NaN for numbers and None otherwise.

    Raises:
        DataError: no records were given.
    """
    if not records:
        raise DataError("concat needs at least one table of records; got none")
    labels = tuple(dict.fromkeys(label for table in records for label in table.labels))
    targets = np.concatenate([t.relabel(labels, missing="unknown").targets for t in records])
    patients = None
    if any(table.patients is not None for table in records):
        patients = np.concatenate(
            [np.full(len(t), None, object) if t.patients is None else t.patients for t in records]
        )
    columns = dict.fromkeys(column for table in records for column in table.metadata)
    return Records(
        images=np.concatenate([table.images for table in records]),
        targets=targets,
        labels=labels,
        patients=patients,
        metadata={column: _joined(column, records) for column in columns},
        name="+".join(dict.fromkeys(table.name for table in records)),
    )


def _joined(column: str, records: tuple[Records, ...]) -> NDArray[Any]:
    present = [table.metadata[column] for table in records if column in table.metadata]
    numbers = all(np.issubdtype(values.dtype, np.number) for values in present)
    if numbers and len(present) == len(records):
        return np.concatenate(present)
    filler, dtype = (np.nan, np.float64) if numbers else (None, np.object_)
    return np.concatenate(
        [
            table.metadata[column].astype(dtype)
            if column in table.metadata
            else np.full(len(table), filler, dtype)
            for table in records
        ]
    )
