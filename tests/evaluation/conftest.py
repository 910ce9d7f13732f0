from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from cxrzoo.data import Records, read_nih_entries
from cxrzoo.evaluation import auc_report, read_predictions
from cxrzoo.evaluation.predictions_report import join

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Real:
    """DenseNet121 probabilities of 1,852 NIH images, and what is true of them."""

    predictions: Path
    entries: Path
    labels: tuple[str, ...]
    y_true: np.ndarray
    y_score: np.ndarray
    truth: Records
    others: Records

    def report(self, **options):
        return auc_report(
            self.y_true,
            self.y_score,
            labels=self.labels,
            **{"groups": self.truth.patients, "n_bootstrap": 100, **options},
        )


@pytest.fixture(scope="session")
def real():
    files = DATA / "chexnet_predictions.csv.gz", DATA / "nih_entries.csv.gz"
    entries = read_nih_entries(files[1])
    predictions = read_predictions(files[0], labels=entries.labels)
    truth = join(predictions, entries)
    measured = set(truth.patients)
    others = entries[np.array([p not in measured for p in entries.patients])]
    return Real(
        *files,
        labels=predictions.labels,
        y_true=truth.targets.astype(float),
        y_score=predictions.scores,
        truth=truth,
        others=others.relabel(predictions.labels),
    )
