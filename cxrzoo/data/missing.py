"""Rows of a table whose image is not there: one line says how many."""

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cxrzoo.errors import DataError, DataNotFoundError, MissingImagesWarning


def settle_missing(
    there: NDArray[np.bool_],
    images: NDArray[np.object_],
    *,
    table: Path,
    where: Path,
    missing: str,
    stacklevel: int = 3,
) -> None:
    """Refuse or announce the rows without an image.

    Args:
        there: whether each row's image exists, (n,).
        images: what each row calls its image, (n,).
        table: the CSV the rows come from.
        where: the folder that was searched.
        missing: ``"error"`` or ``"drop"``.
        stacklevel: of the warning; 3 is the caller of the caller.

    Raises:
        DataNotFoundError: no row has an image, or some have none under ``missing="error"``.
    """
    if missing not in ("error", "drop"):
        raise DataError(f"missing must be 'error' or 'drop'; got {missing!r}")
    if there.all():
        return
    example = images[~there][0]
    if not there.any():
        raise DataNotFoundError(
            f"none of the {len(there):,} images that {table} names is under {where} "
            f"(e.g. {example!r})"
        )
    text = (
        f"{np.sum(~there):,} of {len(there):,} rows of {table} have no image under {where} "
        f"(e.g. {example!r})"
    )
    if missing == "error":
        raise DataNotFoundError(f"{text}; pass missing='drop' to leave those rows out")
    warnings.warn(f"{text}; they are left out", MissingImagesWarning, stacklevel=stacklevel)
