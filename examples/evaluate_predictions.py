"""Measure somebody else's predictions: a CSV of scores and NIH's table in, an honest report out.

    python examples/evaluate_predictions.py [PREDICTIONS.csv Data_Entry_2017.csv]

No image and no Keras is needed. Without arguments it writes the predictions itself: those of a 'model'
that gives every image the same scores. Look at its accuracy, and at its AUCs.
"""

import csv
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np

import cxrzoo
from cxrzoo.data import read_nih_entries
from cxrzoo.evaluation import read_predictions, write_html

folder = Path("runs/evaluate_predictions")
folder.mkdir(parents=True, exist_ok=True)

if len(sys.argv) == 3:
    scores_file, truth_file = map(Path, sys.argv[1:])
else:
    scores_file = folder / "predictions.csv"
    truth_file = Path(str(files("cxrzoo"))) / "data/sample/Data_Entry_2017_sample.csv"
    sample = read_nih_entries(truth_file)
    with scores_file.open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["Image Index", *(f"prob_{label}" for label in sample.labels)])
        table.writerows([name, *sample.targets.mean(axis=0)] for name in sample.file_names)

truth = read_nih_entries(truth_file)
predictions = read_predictions(scores_file, labels=truth.labels)
row_of = {name: row for row, name in enumerate(truth.file_names)}
rows = np.array([row_of[image] for image in predictions.images])  # joined by file name
columns = [truth.labels.index(label) for label in predictions.labels]

report = cxrzoo.auc_report(
    truth.targets[np.ix_(rows, columns)],
    predictions.scores,
    labels=predictions.labels,
    groups=[truth.patients[row] for row in rows],  # intervals over patients, not over images
    name=scores_file.stem,
)
print(report.to_markdown(details=False))
print(
    f"Accuracy {report.accuracy:.3f}; saying 'no' to everything {report.all_negative_accuracy:.3f}."
)
report.to_csv(folder / "report.csv")
write_html(report, folder / "report.html")
