"""The table that everything else reads, images, targets, labels and patients, and its parts."""

import os
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import combinations
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxrzoo.data.columns import (
    checked_rows,
    checked_targets,
    identifiers,
    metadata_column,
    object_array,
    paths,
    summarize_parts,
    summarize_table,
    take_rows,
)
from cxrzoo.data.leakage import Leakage, distinct_names, find_leakage
from cxrzoo.data.splits import PARTS, SplitName, paper_split_warning, split_sides
from cxrzoo.errors import DataError, LabelError, LeakageWarning, either
from cxrzoo.labels import checked_labels, match_labels
from cxrzoo.lazy import renamed_arguments
from cxrzoo.named import same_rows
from cxrzoo.nearest import with_nearest
from cxrzoo.text import shown, text_bytes, visible
from cxrzoo.typed import check_fields

if TYPE_CHECKING:
    from cxrzoo.data.augment import Augmentation
    from cxrzoo.data.dataset import ImageDataset
    from cxrzoo.data.feeds import Shard
    from cxrzoo.images import ImageSpec


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
        check_fields(self)
        set_field(self, "name", visible(self.name))  # often that of a file
        columns = {"images": self.images, "targets": self.targets, "patients": self.patients}
        aligned = same_rows({**columns, **self.metadata}, DataError)
        for column in columns:
            set_field(self, column, aligned[column])
        set_field(self, "images", paths(self.images))
        set_field(self, "targets", checked_targets(self.targets, len(self.images), self.labels))
        if self.patients is not None:
            set_field(self, "patients", identifiers(self.patients))
        set_field(
            self,
            "metadata",
            MappingProxyType({name: metadata_column(aligned[name]) for name in self.metadata}),
        )
        named = {f"metadata {name!s:.60}": values for name, values in self.metadata.items()}
        for column, values in {"patients": self.patients, **named}.items():
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
        return replace(
            self,
            images=take_rows(self.images, index),
            targets=take_rows(self.targets, index),
            patients=None if self.patients is None else take_rows(self.patients, index),
            metadata={k: take_rows(v, index) for k, v in self.metadata.items()},
        )

    def __repr__(self) -> str:
        known = "unknown" if self.patients is None else f"{len(set(self.patients) - {None}):,}"
        return (
            f"Records({self.name!r}: {len(self):,} images, patients {known}, "
            f"{len(self.labels)} labels)"
        )

    @property
    def file_names(self) -> NDArray[np.object_]:
        """The images' file names without folders, object array of str, (n,)."""
        return object_array([os.path.basename(path) for path in self.images])

    def summary(self) -> str:
        """Return a table of images, patients and views, and of each label's cells."""
        views = self.metadata.get("view")
        return summarize_table(self.name, self.targets, self.labels, self.patients, views)

    def plot_samples(self, *_: Any, **__: Any) -> NoReturn:
        """Fail: plots are functions."""
        raise AttributeError("records.plot_samples is now cxrzoo.data.plot_samples(records, ...)")

    def plot_cooccurrence(self, *_: Any, **__: Any) -> NoReturn:
        """Fail: plots are functions."""
        raise AttributeError(
            "records.plot_cooccurrence is now cxrzoo.data.plot_cooccurrence(records, ...)"
        )

    def relabel(
        self, labels: Iterable[str], *, missing: Literal["error", "unknown"] = "error"
    ) -> "Records":
        """Return the same rows with these labels, in this order.

        Args:
            labels: names of columns to keep, any subset in any order. Another spelling of one will do
                (case, blanks, underscores, hyphens); the columns are then called as asked.
            missing: what becomes of a label that the records lack: ``"error"``, or ``"unknown"``
                for a column of NaN.

        Raises:
            LabelError: the records lack a label; the message has the nearest names.
        """
        wanted = checked_labels(labels)
        own = match_labels(wanted, self.labels, where=repr(self.name))
        absent = [label for label in wanted if label not in own]
        if missing not in ("error", "unknown"):
            raise DataError(f"missing must be 'error' or 'unknown'; got {shown(missing)}")
        if absent and missing == "error":
            raise LabelError(
                f"{self.name!r} has no label {with_nearest(absent, self.labels)}; it has "
                f"{', '.join(self.labels)}"
                + either("; pass missing='unknown' to have columns of NaN", "")
            )
        targets = np.full((len(self), len(wanted)), np.nan, np.float32)
        for j, label in enumerate(wanted):
            if label in own:
                targets[:, j] = self.targets[:, self.labels.index(own[label])]
        targets.flags.writeable = False
        return replace(self, targets=targets, labels=wanted)

    def leakage(self, other: "Records", *, pixels: bool = False) -> Leakage:
        """Return what ``other`` shares with these records, by patient, by file name and by picture.

        Patients are compared as they are written, also across sources: two hospitals that both
        number from 1 raise a false alarm rather than hide a true one. Where names repeat within a
        table, as in CheXpert, the folders before them are compared too.

        Args:
            other: the second table.
            pixels: also read every image of both, and list pairs that show nearly the same: copies
                in another size, format or contrast (:mod:`cxrzoo.data.leakage`).
        """
        return find_leakage(
            (self.images, other.images), (self.patients, other.patients), pixels=pixels
        )

    def split(self, name: SplitName, *, seed: int = 0) -> "Split":
        """Part the rows into train, validation and test; they keep their order within each part.

        A part may come out empty where there is little data.

        Args:
            name: ``"official"``, ``"patient"``, ``"stratified"`` or ``"paper"``; what they are stands
                in :mod:`cxrzoo.data.splits`.
            seed: not negative. It never touches the official test part.

        Raises:
            DataError: there is no such split; patients are needed and not all known; or, for
                ``"official"``, a file name is in neither of NIH's lists and no test part was published.
        """
        sides = split_sides(
            name,
            source=self.name,
            images=self.images,
            targets=self.targets,
            patients=self.patients,
            published=self.metadata.get("part"),
            seed=seed,
        )
        train, validation, test = (self[sides == side] for side in range(3))
        parts = Split(train, validation, test, name=name, seed=int(seed))
        if name == "paper" and (text := paper_split_warning(parts.train.leakage(parts.test))):
            warnings.warn(text, LeakageWarning, stacklevel=2)
        return parts

    @renamed_arguments(share="shard")
    def dataset(
        self,
        *,
        image_size: int | tuple[int, int] | None = None,
        batch_size: int = 64,
        shuffle: bool = False,
        seed: int = 0,
        augment: "Literal['none', 'light', 'strong'] | Augmentation" = "none",
        channels: Literal[1, 3] | None = None,
        aspect: Literal["stretch", "pad", "crop"] | None = None,
        image_spec: "ImageSpec | None" = None,
        cache: str | os.PathLike[str] | None = None,
        workers: int | None = None,
        use_multiprocessing: bool = False,
        shard: "Shard | None" = None,
    ) -> "ImageDataset":
        """Return batches for ``fit``, ``evaluate`` and ``predict``; see :class:`ImageDataset`."""
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
            image_spec=image_spec,
            cache=cache,
            workers=workers,
            use_multiprocessing=use_multiprocessing,
            shard=shard,
        )


@dataclass(frozen=True)
class Split:
    """Three tables of records, and how they came about."""

    train: Records
    validation: Records
    test: Records
    name: str
    seed: int

    def __post_init__(self) -> None:
        check_fields(self)

    def leakage(self) -> dict[tuple[str, str], Leakage]:
        """Return what each two parts share, as in ``split.leakage()["train", "test"]``."""
        pairs = combinations(PARTS, 2)
        return {(a, b): getattr(self, a).leakage(getattr(self, b)) for a, b in pairs}

    @property
    def fingerprint(self) -> str:
        """SHA-256 of which file is in which part: equal for the same parts, whatever their order."""
        names = distinct_names(*(getattr(self, part).images for part in PARTS))
        lines = [f"{p}\t{n}\n" for p, part in zip(PARTS, names, strict=True) for n in sorted(part)]
        return sha256(text_bytes("".join(lines))).hexdigest()

    def summary(self) -> str:
        """Return how many images show each label in each part, and their share of the known ones."""
        parts = {part: getattr(self, part).targets for part in PARTS}
        return summarize_parts(repr(self), parts, self.train.labels)

    def __repr__(self) -> str:
        parts = ", ".join(f"{p}={len(getattr(self, p)):,}" for p in PARTS)
        return f"Split({self.name!r}, {parts}, seed={self.seed})"
