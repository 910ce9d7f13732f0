"""What wrong labels do to an AUC, and to figures of labels at another prevalence.

**The assumption.** Given what is true, the label's errors know nothing of the score: an image that is
mislabelled ranks like any other of the same truth. Then labels of which a share ``1 - PPV`` of the
positive and ``1 - NPV`` of the negative ones is wrong turn an AUC of ``A`` into

    1/2 + (A - 1/2) * (PPV + NPV - 1)

(Menon, van Rooyen, Ong & Williamson, "Learning from Corrupted Binary Labels via Class-Probability
Estimation", ICML 2015, corollary 3). With ``A = 1`` that is ``(PPV + NPV) / 2``: all that a perfect
model can show. A model that has learned the labels' own habits, such as calling only what is large
enough for a report, breaks the assumption and may lie above; where errors fall on the images that are
hard for the model too, it lies below.
"""

import numpy as np
from numpy.typing import NDArray

_Array = NDArray[np.float64]


def auc_under_noise(auc: _Array, ppv: _Array, npv: _Array) -> _Array:
    """Return the AUC that is seen against labels whose errors are independent of the score.

    Args:
        auc: Against what is true.
        ppv: Share of the labels' positives that are true.
        npv: Share of their negatives that are true.
    """
    return np.asarray(0.5 + (auc - 0.5) * (ppv + npv - 1))


def at_prevalence(ppv: _Array, npv: _Array, prevalence: _Array) -> tuple[_Array, _Array, _Array]:
    """Return sensitivity, specificity and true prevalence where the labels' prevalence is another one.

    For images that were drawn by their label (as many positives as negatives, say): PPV and NPV are then
    as they are among all, sensitivity and specificity are not (Begg & Greenes, Biometrics 39:207, 1983).
    It does not help against a draw by anything else, such as by what readers disagreed on.

    Args:
        ppv: Share of the labels' positives that are true.
        npv: Share of their negatives that are true.
        prevalence: Share of the labels that are positive, where the figures shall hold.
    """
    found, missed = prevalence * ppv, (1 - prevalence) * (1 - npv)
    true = found + missed
    with np.errstate(divide="ignore", invalid="ignore"):
        return found / true, (1 - prevalence) * npv / (1 - true), true
