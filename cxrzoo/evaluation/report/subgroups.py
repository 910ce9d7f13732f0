"""AUC within parts of the images: by view, sex, age and follow-up."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cxrzoo.cells import finite_numbers, identifiers
from cxrzoo.errors import EvaluationError
from cxrzoo.evaluation.report.figures import SMALLEST_CLASS, Subgroup
from cxrzoo.evaluation.scored import Scored
from cxrzoo.evaluation.statistics.delong import delong

_AGE_BANDS: Final = ((0, "0-17"), (18, "18-39"), (40, "40-59"), (60, "60-79"), (80, "80+"))
"""First year of age and name."""

_Column = tuple[NDArray[np.str_], list[str]]


def measure_subgroups(
    scored: Scored, metadata: Mapping[str, Any], confidence: float
) -> tuple[Subgroup, ...]:
    """Measure each label's AUC by view, sex, age band and follow-up, with DeLong's intervals.

    Args:
        scored: ``n`` images.
        metadata: Columns ``(n,)``; ``"view"``, ``"sex"``, ``"age"`` (years) and ``"follow_up"`` (number
            of the study, from 0) are used, others are ignored. Missing values are what
            `cxrzoo.cells.is_missing` takes for one.
        confidence: Nominal coverage.

    Raises:
        EvaluationError: A column of another length.
    """
    units = scored.units[0]
    subgroups = []
    for name, reader in _READERS.items():
        if name not in metadata:
            continue
        if np.shape(metadata[name]) != units.shape:
            expected = f"shape {units.shape}, one value an image"
            raise EvaluationError(
                f"metadata[{name!r}] must have {expected}, got {np.shape(metadata[name])}"
            )
        try:
            values, order = reader(metadata[name])
        except ValueError as error:
            raise EvaluationError(f"metadata[{name!r}]: {error}") from None
        for value in (one for one in order if (values == one).any()):
            within = values == value
            for i, label in enumerate(scored.labels):
                on = within & scored.known[:, i]
                truth = scored.y_true[on, i]
                positives = int(truth.sum())
                estimate = delong(truth, scored.y_score[on, i : i + 1], units[on], (1,))
                subgroups.append(
                    Subgroup(
                        name,
                        value,
                        label,
                        len(truth),
                        positives,
                        estimate.value,
                        estimate.interval_of_auc(confidence),
                        too_small=min(positives, len(truth) - positives) < SMALLEST_CLASS,
                    )
                )
    return tuple(subgroups)


def _as_is(values: Any) -> _Column:
    texts = [text or "" for text in identifiers(values)]
    return np.array(texts), sorted({*texts} - {""})


def _age_band(values: Any) -> _Column:
    years = finite_numbers(values)
    bands = np.array(["", *(name for _, name in _AGE_BANDS)])
    # NaN compares false with every first year and so falls on the empty name.
    at = sum((years >= first).astype(int) for first, _ in _AGE_BANDS)
    return np.asarray(bands[at]), bands[1:].tolist()


def _follow_up(values: Any) -> _Column:
    study = finite_numbers(values)
    texts = np.where(np.isnan(study), "", np.where(study == 0, "first study", "follow-up"))
    return texts, ["first study", "follow-up"]


_READERS: Final = {"view": _as_is, "sex": _as_is, "age": _age_band, "follow_up": _follow_up}
"""What gives a column's subgroups, one name an image, and the order of the names."""
