"""Train on a CSV of one's own: other labels, a head of their number, parts split by patient.

    python examples/own_csv.py

Needs no download: it first writes ``runs/own_csv/mine.csv`` from the embedded sample. Replace that
file with yours: a column of image paths, a column of 1, 0 or blank ('not known') for each label, and a
column that tells patients apart.
"""

import csv
from dataclasses import replace
from pathlib import Path

import cxrzoo

folder = Path("runs/own_csv")
labels = ["Effusion", "Pneumonia", "Infiltration"]

folder.mkdir(parents=True, exist_ok=True)
sample = cxrzoo.load_sample().relabel(labels)
with (folder / "mine.csv").open("w", newline="") as stream:
    table = csv.writer(stream)
    table.writerow(["image", "patient", *labels])
    for image, patient, targets in zip(sample.images, sample.patients, sample.targets, strict=True):
        table.writerow([image, patient, *targets.astype(int)])

records = cxrzoo.records_from_csv(folder / "mine.csv", labels=labels, patient_column="patient")
parts = records.split("patient")
print(records.summary())

recipe = replace(
    cxrzoo.recipes["modern"],
    name="own-csv",
    weights="nih-mini",  # its backbone; the head is made anew for these labels
    image_size=160,
    learning_rate=1e-4,
    epochs=2,
    batch_size=16,
)
run = cxrzoo.train(recipe, parts.train, parts.validation, folder / "run", split=parts.name)

test = parts.test.dataset(image_spec=recipe.image_spec)
report = cxrzoo.evaluate(run.model, test, name=recipe.name, split=parts.name, part="test")
print(report.to_markdown(details=False))
print(f"The model is in {run.directory / 'model'}.")
