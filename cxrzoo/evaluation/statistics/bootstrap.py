"""Bootstrap replicates as weights: how often each patient, or image, was drawn.

Resampling whole patients keeps a patient's images together, so that intervals do not take the tenth
film of one person for a tenth independent observation (the cluster bootstrap; Field & Welsh,
"Bootstrapping clustered data", JRSS B 69:369, 2007).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxrzoo.evaluation.scored import Scored
from cxrzoo.evaluation.statistics.ranks import Ranking, rank, weighted_areas

_BLOCK = 16
"""Replicates at a time: few enough that a label's arrays stay in the processor's cache."""


def draw_weights(
    n_units: int, n_bootstrap: int, seed: int, block: int
) -> Iterator[NDArray[np.int32]]:
    """Draw counts of shape ``(n_units, b)`` with ``b <= block``, ``n_bootstrap`` columns in all.

    The counts depend on ``seed`` and ``n_units`` alone, not on ``block``; two reports on the same
    patients therefore see the same replicates.
    """
    generator = np.random.default_rng(seed)
    for start in range(0, n_bootstrap, block):
        b = min(block, n_bootstrap - start)
        drawn = generator.integers(0, n_units, size=(b, n_units))
        drawn += np.arange(b)[:, None] * n_units
        counts = np.bincount(drawn.reshape(-1), minlength=b * n_units).reshape(b, n_units)
        yield np.ascontiguousarray(counts.T, dtype=np.int32)


def rank_labels(scored: Scored) -> Iterator[Ranking]:
    """Return each label's ranking over the units of resampling, unknown cells left out."""
    units, n_units = scored.units
    for i, on in enumerate(scored.known.T):
        yield rank(scored.y_true[on, i], scored.y_score[on, i], units[on], n_units)


def rank_pooled(scored: Scored) -> Ranking:
    """Rank all known cells of all labels in one, for micro averages."""
    units, n_units = scored.units
    known, truth = scored.known, scored.y_true == 1
    of_cell = np.broadcast_to(units.astype(np.int32)[:, None], known.shape)
    if known.all():  # views, where they will do
        return rank(truth.reshape(-1), scored.y_score.reshape(-1), of_cell.reshape(-1), n_units)
    return rank(truth[known], scored.y_score[known], of_cell[known], n_units)


@dataclass(frozen=True, eq=False)
class Areas:
    """ROC AUC and average precision of ``r`` rankings: as they are, and in every replicate.

    Attributes:
        roc_auc: ``(r,)``.
        average_precision: ``(r,)``.
        roc_auc_replicates: ``(n_bootstrap, r)``; NaN where a replicate holds one class only.
        average_precision_replicates: Likewise.
    """

    roc_auc: NDArray[np.float64]
    average_precision: NDArray[np.float64]
    roc_auc_replicates: NDArray[np.float64]
    average_precision_replicates: NDArray[np.float64]


def replicate_areas(
    rankings: Iterable[Ranking], n_units: int, n_bootstrap: int, seed: int
) -> Areas:
    """Compute the areas of every ranking, all in the same ``n_bootstrap`` replicates.

    Rankings are kept only where there are replicates.
    """
    once = np.ones((n_units, 1), dtype=np.int32)
    kept, found = [], []
    for ranking in rankings:
        found.append(np.concatenate(weighted_areas(ranking, once)))
        if n_bootstrap:
            kept.append(ranking)
        del ranking
    roc, precision = np.array(found).reshape(-1, 2).T
    replicates = (np.empty((n_bootstrap, len(found))) for _ in range(2))
    areas = Areas(roc, precision, *replicates)
    done = 0
    for weights in draw_weights(n_units, n_bootstrap, seed, _BLOCK):
        rows = slice(done, done + weights.shape[1])
        for column, ranking in enumerate(kept):
            roc_auc, average_precision = weighted_areas(ranking, weights)
            areas.roc_auc_replicates[rows, column] = roc_auc
            areas.average_precision_replicates[rows, column] = average_precision
        done = rows.stop
    return areas
