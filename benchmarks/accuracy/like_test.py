"""Weights that make validation patients resemble the official test list, from NIH's table alone.

Two thirds of the official test list are images of patients who have more than 20; of the train and
validation list a sixth. Such patients are sicker, are more often X-rayed lying, and are compared with
each other rather than with the healthy. No label is looked at, and no image of the test list.
"""

from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cxrzoo.data import read_nih_entries
from cxrzoo.data.splits import official_lists

__all__ = ["LikeTest"]

_EDGES = (1, 2, 4, 9, 21, 10_000)  # images of one patient: 1, 2-3, 4-8, 9-20, more


class LikeTest:
    """Shares of the official test list by how many images a patient has.

    Args:
        nih: the folder that holds ``Data_Entry_2017*.csv``.
    """

    def __init__(self, nih: Path) -> None:
        entries = read_nih_entries(min(nih.glob("Data_Entry_2017*.csv*")))
        self.images = Counter(entries.patients)
        _, test = official_lists()
        patients = [
            patient
            for name, patient in zip(entries.file_names, entries.patients, strict=True)
            if name in test
        ]
        self.shares = self._shares(patients)

    def weights(self, patients: NDArray[np.str_]) -> NDArray[np.float64]:
        """Return a weight an image, ``(n,)``, whose mean is 1."""
        found = self.shares / np.maximum(self._shares(patients), 1e-12)
        return found[self._bins(patients)]

    def _bins(self, patients: NDArray[np.str_] | list[str | None]) -> NDArray[np.intp]:
        return np.digitize([self.images[patient] for patient in patients], _EDGES) - 1

    def _shares(self, patients: NDArray[np.str_] | list[str | None]) -> NDArray[np.float64]:
        return np.bincount(self._bins(patients), minlength=len(_EDGES) - 1) / len(patients)
