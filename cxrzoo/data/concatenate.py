"""Several tables of records as one."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data.records import Records
from cxrzoo.errors import DataError
from cxrzoo.typed import require_kind


def concat(*records: Records) -> Records:
    """Return all rows of several tables, with the union of their labels and columns.

    Labels stand in the order of their first appearance. What a table does not label becomes NaN; a
    metadata column it lacks becomes NaN for numbers and None otherwise.

    Raises:
        DataError: no records were given.
    """
    if not records:
        raise DataError("concat needs at least one table of records; got none")
    for one in records:
        require_kind("records", one, Records, "tables of records", DataError)
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
    numeric = all(np.issubdtype(values.dtype, np.number) for values in present)
    if numeric and len(present) == len(records):
        return np.concatenate(present)
    filler, dtype = (np.nan, np.float64) if numeric else (None, np.object_)
    absent = [np.full(len(table), filler, dtype) for table in records]
    found = zip(records, absent, strict=True)
    return np.concatenate([t.metadata.get(column, none).astype(dtype) for t, none in found])
