"""Make the extract that README.md describes: python make_extract.py PREDICTIONS DATA_ENTRY."""

import csv
import gzip
import io
import sys
from pathlib import Path

NAME, PATIENT = "Image Index", "Patient ID"


def read(path: str) -> list[dict[str, str]]:
    with gzip.open(path, "rt", newline="") as stream:
        return list(csv.DictReader(stream))


def write(name: str, rows: list[dict[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path = Path(__file__).parent / name
    path.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


def main() -> None:
    predictions, entries = map(read, sys.argv[1:])
    patient_of = {row[NAME]: row[PATIENT] for row in entries}
    measured = sorted({patient_of[row[NAME]] for row in predictions}, key=int)
    others = sorted(set(patient_of.values()) - set(measured), key=int)
    chosen, rest = set(measured[::12]), set(others[::30])
    kept = [row for row in predictions if patient_of[row[NAME]] in chosen]
    names = {row[NAME] for row in kept}
    write(
        "chexnet_predictions.csv.gz",
        [
            {key: value if key == NAME else f"{float(value):.3g}" for key, value in row.items()}
            for row in kept
        ],
    )
    write("nih_entries.csv.gz", [r for r in entries if r[NAME] in names or r[PATIENT] in rest])


if __name__ == "__main__":
    main()
