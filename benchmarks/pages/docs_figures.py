"""Draws the figures of the documentation from what the repository holds.

    python benchmarks/pages/docs_figures.py

The sheet and the chart are of the embedded sample. The curves are of the CheXNet reproduction's
predictions in ``tests/evaluation/data``: 1,852 images of NIH's test list.
"""

from pathlib import Path

import numpy as np
from PIL import Image

import cxrzoo
from cxrzoo.data import plot_cooccurrence, plot_samples, read_nih_entries
from cxrzoo.evaluation import Report, plot_reliability, plot_roc, read_predictions

HERE = Path(__file__).parents[2]
FIGURES = HERE / "docs" / "figures"


def main() -> None:
    FIGURES.mkdir(exist_ok=True)
    sample = cxrzoo.load_sample()
    plot_samples(sample, FIGURES / "sample.png", n=8)
    plot_cooccurrence(sample, FIGURES / "cooccurrence.png")
    report = chexnet()
    plot_roc(report, FIGURES / "roc.png")
    plot_reliability(report, FIGURES / "reliability.png")
    for path in sorted(FIGURES.glob("*.png")):
        Image.open(path).convert("RGB").quantize(96).save(
            path, optimize=True
        )  # a third of the bytes
        print(f"{path.relative_to(HERE)}: {path.stat().st_size / 1000:.0f} kB")


def chexnet() -> Report:
    data = HERE / "tests" / "evaluation" / "data"
    truth = read_nih_entries(data / "nih_entries.csv.gz")
    predictions = read_predictions(data / "chexnet_predictions.csv.gz", labels=truth.labels)
    row_of = {name: row for row, name in enumerate(truth.file_names)}
    rows = np.array([row_of[image] for image in predictions.images])
    columns = [truth.labels.index(label) for label in predictions.labels]
    return cxrzoo.auc_report(
        truth.targets[np.ix_(rows, columns)],
        predictions.scores,
        labels=predictions.labels,
        groups=[truth.patients[row] for row in rows],
        name="CheXNet reproduction",
        part="test",
    )


if __name__ == "__main__":
    main()
