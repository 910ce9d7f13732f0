"""Writes made-up tables of five readers in the exact layout of the files of 2021, and NIH's table beside.

The readers' errors are drawn; every name is of NIH's kind, none is of its images.
"""

import csv
import gzip

import numpy as np

from cxrzoo.labels import NIH_FINDINGS

READERS = ("4343880271", "4343882583", "4343882785", "4343883593", "4343883996")
PANEL = ("4343882785", "4343883593", "4343883996")
OWN = ("Abnormal", *(name.replace("_", " ") for name in NIH_FINDINGS), "Other")
NIH_HEADER = (
    "Image Index", "Finding Labels", "Follow-up #", "Patient ID", "Patient Age", "Patient Sex",
    "View Position", "OriginalImage[Width", "Height]", "OriginalImagePixelSpacing[x", "y]",
)  # fmt: skip


def draw(n=60, patients=40, seed=0, prevalence=0.3, miss=0.15, alarm=0.1):
    """Return names, patients, reads (n, 5, 16) of 0 and 1, majority (n, 16), and NIH's labels (n, 14)."""
    rng = np.random.default_rng(seed)
    owners = rng.integers(1, patients + 1, n)
    names = [f"{owner:08d}_{i:03d}.png" for i, owner in enumerate(owners)]
    truth = rng.random((n, 16)) < prevalence

    def erring(shape):
        return np.where(truth_of(shape), rng.random(shape) > miss, rng.random(shape) < alarm)

    def truth_of(shape):
        return truth[:, None, :] if len(shape) == 3 else truth

    reads = erring((n, 5, 16)).astype(int)
    majority = (reads[:, [READERS.index(one) for one in PANEL]].sum(1) >= 2).astype(int)
    nih = erring((n, 16))[:, 1:15].astype(int)
    return names, [str(owner) for owner in owners], reads, majority, nih


def write(folder, drawn, *, gz=True, entries=True):
    """Write the three tables, or without NIH's own two.

    Rows of readers stand image by image, the readers in no order, as published.
    """
    names, patients, reads, majority, nih = drawn
    rng = np.random.default_rng(1)
    labels = [
        [name, patient, *("YES" if cell else "NO" for cell in row)]
        for name, patient, row in zip(names, patients, majority, strict=True)
    ]
    single = [
        [names[i], patients[i], READERS[j], reads[i, j, 0],
         *("YES" if cell else "NO" for cell in reads[i, j, 1:])]
        for i in range(len(names)) for j in rng.permutation(5)
    ]  # fmt: skip
    of_nih = [
        [name, "|".join(f for f, yes in zip(NIH_FINDINGS, row, strict=True) if yes) or "No Finding",
         i, patient, 50, "M", "PA", 2048, 2048, 0.168, 0.168]
        for i, (name, patient, row) in enumerate(zip(names, patients, nih, strict=True))
    ]  # fmt: skip
    stem = "google2021_all_findings_test_"
    for name, header, rows in (
        (stem + "labels.csv", ("Image ID", "Patient ID", *OWN), labels),
        (stem + "individual_readers.csv", ("Image ID", "Patient ID", "Reader ID", *OWN), single),
        ("Data_Entry_2017_v2020.csv", NIH_HEADER, of_nih),
    )[: 3 if entries else 2]:
        path = folder / (name + ".gz" * gz)
        with (gzip.open if gz else open)(path, "wt", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])
    return folder
