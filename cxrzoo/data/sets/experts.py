"""Images of NIH's official test list that five radiologists read for all fourteen findings.

Nabulsi et al., "Deep learning for distinguishing normal versus abnormal chest radiographs and
generalization to two unseen diseases tuberculosis and COVID-19", Scientific Reports 11:15523, 2021,
doi:10.1038/s41598-021-93967-2; published beside the labels of 2019 (``google.py``), for research and
educational purposes only.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from cxrzoo.cells import numbers
from cxrzoo.data.columns import identifiers
from cxrzoo.data.csv_table import read_columns, refuse_repeats
from cxrzoo.data.records import Records
from cxrzoo.data.sets.layout import (
    Missing,
    assemble,
    cells_as_targets,
    find_tables,
    folder_of,
    paths_of,
)
from cxrzoo.data.sets.register import register_data_set
from cxrzoo.data.sets.vocabulary import Names, map_labels
from cxrzoo.errors import DataError, TableError
from cxrzoo.labels import NIH_FINDINGS, checked_labels
from cxrzoo.text import shown
from cxrzoo.typed import check_arguments, check_fields

Reads = Literal["majority", "4343880271", "4343882583", "4343882785", "4343883593", "4343883996"]
"""Whose labels: those of the majority of three, or of one of the five readers by number."""

MAJORITY_READERS: Final = ("4343882785", "4343883593", "4343883996")
"""The three whose majority the published labels are; the other two read for comparison."""

_LABELS = "google2021_all_findings_test_labels.csv"
_READERS = "google2021_all_findings_test_individual_readers.csv"
_ANSWERS: Final = {"YES": 1.0, "NO": 0.0, "1": 1.0, "0": 0.0, "": float("nan")}
_SOURCE: Final = "NIH set with the labels of five radiologists (2021)"

NAMES: Final[Names] = {
    "Abnormal": "Abnormal",
    **{name.replace("_", " "): name for name in NIH_FINDINGS},
    "Other": "Other",
}


@dataclass(frozen=True, eq=False)
class ExpertReads:
    """What several radiologists said of the same images, each by himself.

    Attributes:
        images: the n file names.
        patients: their patients.
        labels: the k names.
        readers: the r readers.
        reads: float32 (n, r, k) of 1 (present), 0 (absent) and NaN (not read).
        majority: float32 (n, k): the published labels, of the majority of ``panel``.
        panel: those of the readers whose majority that is.
        name: where they come from.

    Raises:
        DataError: shapes or values do not fit.
        LabelError: labels are absent, blank or repeated.
    """

    images: tuple[str, ...]
    patients: tuple[str, ...]
    labels: tuple[str, ...]
    readers: tuple[str, ...]
    reads: NDArray[np.float32]
    majority: NDArray[np.float32]
    panel: tuple[str, ...] = ()
    name: str = "experts"

    def __post_init__(self) -> None:
        check_fields(self)
        object.__setattr__(self, "labels", checked_labels(self.labels))
        n, r, k = len(self.images), len(self.readers), len(self.labels)
        for name, axes, shape in (
            ("reads", "images, readers, labels", (n, r, k)),
            ("majority", "images, labels", (n, k)),
        ):
            values = _cells(name, getattr(self, name))
            if values.shape != shape:
                raise DataError(f"{name} must be ({axes}), here {shape}; got {values.shape}")
            object.__setattr__(self, name, values)
        if len(self.patients) != n:
            raise DataError(f"patients must be {n}, one for each image; got {len(self.patients)}")
        for name in ("images", "readers"):
            if len(set(getattr(self, name))) != len(getattr(self, name)):
                raise DataError(f"{name} must differ from one another")
        if strange := [reader for reader in self.panel if reader not in self.readers]:
            raise DataError(f"panel must be some of the readers; {shown(strange[0])} is none")

    def take(self, rows: Sequence[int] | NDArray[np.integer]) -> "ExpertReads":
        """Return the reads of some images, by their place, in this order."""
        check_arguments(ExpertReads.take, locals())
        order = np.asarray(rows)
        whole = order.ndim == 1 and (order.dtype.kind in "iu" or not order.size)
        if not whole or (order.size and (order.min() < 0 or order.max() >= len(self.images))):
            raise DataError(f"rows must be whole numbers from 0 to {len(self.images) - 1}")
        order = order.astype(np.intp)
        return ExpertReads(
            images=tuple(self.images[i] for i in order),
            patients=tuple(self.patients[i] for i in order),
            labels=self.labels,
            readers=self.readers,
            reads=self.reads[order],
            majority=self.majority[order],
            panel=self.panel,
            name=self.name,
        )


def _cells(name: str, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return labels as a read-only array of 1, 0 and NaN."""
    try:
        found = numbers(values)
    except ValueError as error:
        raise DataError(f"{name} must be numbers of 1, 0 and NaN: {error}") from None
    if not ((found == 0) | (found == 1) | np.isnan(found)).all():
        raise DataError(f"{name} must be 1, 0 or NaN (not known) in every cell")
    array = found.astype(np.float32)
    array.flags.writeable = False
    return array


@register_data_set(
    "nih-experts",
    title="NIH, five radiologists",
    names=NAMES,
    holds=f"`{_LABELS}`, `{_READERS}`, NIH's PNG at any depth",
    images=810,
    patients=532,
    split="official",
    terms="research and educational purposes only; cite Nabulsi et al. 2021",
    link="https://cloud.google.com/healthcare-api/docs/resources/public-datasets/nih-chest",
)
def NIHExperts(
    root: str | os.PathLike[str], *, reads: Reads = "majority", missing: Missing = "error"
) -> Records:
    """Read the 810 PA images of NIH's official test list that five radiologists read.

    Reads ``google2021_all_findings_test_labels.csv`` (or ``.csv.gz``), or for a single reader
    ``google2021_all_findings_test_individual_readers.csv``; NIH's images are found by name at any depth
    of ``root``. Labels are NIH's fourteen findings, ``Abnormal`` and ``Other``, all of them read on every
    image. All images are of the official test list: measure on them, do not train.
    :func:`read_expert_reads` gives all readers at once and needs no image.

    Args:
        root: the folder that holds the tables.
        reads: ``"majority"`` (of the readers 4343882785, 4343883593 and 4343883996, as published), or the
            number of one of the five readers.
        missing: what becomes of rows without an image: ``"error"`` or ``"drop"``.

    Raises:
        DataNotFoundError: no such folder, a table is not in it, or images are not there.
        TableError: a table lacks columns, or a cell makes no sense.
    """
    check_arguments(NIHExperts, locals())
    folder = folder_of(root)
    if reads == "majority":
        table, names, patients, columns = _majority(folder)
    else:
        table, names, patients, columns = _one_reader(folder, reads)
    return assemble(
        NAMES,
        table=table,
        folder=folder,
        images=paths_of(names, folder),
        columns=columns,
        patients=patients,
        metadata={},
        missing=missing,
        name="nih-experts" if reads == "majority" else f"nih-experts reader {reads}",
    )


def read_expert_reads(root: str | os.PathLike[str]) -> ExpertReads:
    """Read what each of the five radiologists of the set ``nih-experts`` said; no image is needed.

    Args:
        root: the folder that holds both tables.

    Raises:
        DataNotFoundError: no such folder, or a table is not in it.
        TableError: a table lacks columns, a cell makes no sense, or a reader read an image twice.
    """
    check_arguments(read_expert_reads, locals())
    folder = folder_of(root)
    _, images, patients, columns = _majority(folder)
    labels, majority = map_labels(NAMES, columns)
    (table,) = find_tables(folder, [_READERS], source=_SOURCE)
    names, of_reader, own = _reader_rows(table)
    row_of = {name: row for row, name in enumerate(images)}
    if stray := next((name for name in names if name not in row_of), None):
        raise TableError(f"{table}: the image {stray!r} is not in {_LABELS}")
    readers = tuple(sorted(set(of_reader)))
    place = {reader: i for i, reader in enumerate(readers)}
    at = np.array([(row_of[n], place[r]) for n, r in zip(names, of_reader, strict=True)])
    if len(np.unique(at, axis=0)) != len(at):
        raise TableError(f"{table}: a reader has two rows of one image; one row is expected")
    reads = np.full((len(images), len(readers), len(labels)), np.nan, np.float32)
    reads[at[:, 0], at[:, 1]] = map_labels(NAMES, own)[1]
    return ExpertReads(
        images=tuple(images),
        patients=tuple(patient or "" for patient in identifiers(patients)),
        labels=labels,
        readers=readers,
        reads=reads,
        majority=majority,
        panel=tuple(reader for reader in MAJORITY_READERS if reader in readers),
        name="nih-experts",
    )


_Found = tuple[Path, list[str], list[str], dict[str, NDArray[np.float32]]]


def _majority(folder: Path) -> _Found:
    """Return the table, its images and patients, and the labels by the set's own names."""
    (table,) = find_tables(folder, [_LABELS], source=_SOURCE)
    cells = read_columns(table, ["Image ID", "Patient ID", *NAMES])
    refuse_repeats(table, "Image ID", cells["Image ID"])
    columns = {name: cells_as_targets(table, name, cells[name], _ANSWERS) for name in NAMES}
    return table, cells["Image ID"], cells["Patient ID"], columns


def _one_reader(folder: Path, reader: str) -> _Found:
    (table,) = find_tables(folder, [_READERS], source=_SOURCE)
    names, of_reader, columns = _reader_rows(table)
    on = np.array([one == reader for one in of_reader])
    if not on.any():
        raise TableError(f"{table} has no row of the reader {reader}")
    own = [name for name, one in zip(names, on, strict=True) if one]
    refuse_repeats(table, "Image ID", own)
    patients = read_columns(table, ["Patient ID"])["Patient ID"]
    its = [patient for patient, one in zip(patients, on, strict=True) if one]
    return table, own, its, {name: column[on] for name, column in columns.items()}


def _reader_rows(table: Path) -> tuple[list[str], list[str], dict[str, NDArray[np.float32]]]:
    """Return image, reader and labels of each row."""
    cells = read_columns(table, ["Image ID", "Reader ID", *NAMES])
    columns = {name: cells_as_targets(table, name, cells[name], _ANSWERS) for name in NAMES}
    return cells["Image ID"], cells["Reader ID"], columns
