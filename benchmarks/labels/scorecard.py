"""What NIH's labels are worth: counts, agreement and the draw of the images, from the published tables.

    python benchmarks/labels/scorecard.py NIH_DIR

``NIH_DIR`` holds NIH's ``Data_Entry_2017*.csv`` and the tables of radiologists' labels of 2019 and 2021.
Writes ``benchmarks/results/label_worth.json``, which ``label_pages.py`` beside it shows, and the figures
that ship with the package, ``cxrzoo/evaluation/report/label_agreement.json``. Kappa and AC1 are held to
statsmodels and irrCAC where these are installed (``pip install --no-deps statsmodels irrCAC``); they
are to be within 1e-9.
"""

import argparse
import csv
import gzip
import json
from importlib.metadata import version
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import chi2
from sklearn.metrics import confusion_matrix

from cxrzoo.data import ExpertReads, Records, read_expert_reads, read_nih_entries
from cxrzoo.data.splits import official_lists
from cxrzoo.evaluation import LabelScorecard, label_scorecard
from cxrzoo.files import write_whole
from cxrzoo.labels import NIH_FINDINGS
from cxrzoo.strict_json import to_plain

HERE = Path(__file__).parents[2]
RESULT = HERE / "benchmarks" / "results" / "label_worth.json"
SHIPPED = HERE / "cxrzoo" / "evaluation" / "report" / "label_agreement.json"
SOURCE = (
    "Nabulsi et al., Deep learning for distinguishing normal versus abnormal chest radiographs and "
    "generalization to two unseen diseases tuberculosis and COVID-19, Scientific Reports 11:15523, 2021, "
    "doi:10.1038/s41598-021-93967-2; labels for research and educational purposes only. NIH's labels: "
    "Wang et al., ChestX-ray8, CVPR 2017."
)
SHOWN = (
    "label", "n", "label_positives", "expert_positives", "both", "ppv", "ppv_interval", "sensitivity",
    "sensitivity_interval", "kappa", "kappa_interval", "ac1", "ac1_interval", "readers_kappa",
    "readers_kappa_interval", "perfect_auc", "perfect_auc_interval",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("nih", type=Path)
    folder = parser.parse_args().nih
    experts = read_expert_reads(folder)
    entries = read_nih_entries(next(iter(sorted(folder.glob("Data_Entry_2017*.csv*")))))
    test = official_lists()[1]
    official = np.array([name in test for name in entries.file_names])
    pa = entries[official & (entries.metadata["view"] == "PA")]
    population = dict(zip(pa.labels, pa.targets.mean(axis=0).tolist(), strict=True))
    card = label_scorecard(experts, entries, population={f: population[f] for f in NIH_FINDINGS})
    print(card.to_markdown())
    result = {
        "made_by": "benchmarks/labels/scorecard.py",
        "source": SOURCE,
        "scorecard": to_plain(card),
        "draw": draw(experts, entries, pa),
        "study_of_2019": study_of_2019(folder, entries, official),
        "other": other_rule(experts),
        "checks": checks(experts, entries, card),
    }
    print(
        json.dumps(
            {key: result[key] for key in ("draw", "study_of_2019", "other", "checks")}, indent=1
        )
    )
    write_whole(RESULT, json.dumps(result, indent=1) + "\n")
    rows = [{name: plain(row[name]) for name in SHOWN} for row in to_plain(card)["rows"]]
    shipped = {
        "made_by": "benchmarks/labels/scorecard.py",
        "source": SOURCE,
        "truth": "majority of the readers " + ", ".join(experts.panel),
        "intervals": "95 %, percentiles of 2,000 bootstrap replicates over patients, seed 0",
        "images": card.n,
        "patients": card.units,
        "rows": rows,
    }
    write_whole(SHIPPED, json.dumps(shipped, indent=1) + "\n")


def plain(value: Any) -> Any:
    """Return figures to five digits, and an interval as a pair."""
    if isinstance(value, dict):
        return [plain(value["low"]), plain(value["high"])]
    return round(value, 5) if isinstance(value, float) else value


def draw(experts: ExpertReads, entries: Records, pa: Records) -> dict[str, Any]:
    """Say whether the images of 2021 look like a plain random draw of NIH's PA test images."""
    row_of = {name: row for row, name in enumerate(entries.file_names)}
    own = entries[np.array([row_of[name] for name in experts.images])]
    n, whole = len(own), len(pa)
    chances = []
    for j, label in enumerate(pa.labels):
        p = float(pa.targets[:, j].mean())
        seen = float(own.targets[:, j].mean())
        # the variance of a share in a draw without replacement
        variance = p * (1 - p) / n * (whole - n) / (whole - 1)
        chances.append((label, seen, p, float(chi2.sf((seen - p) ** 2 / variance, 1))))
    rng = np.random.default_rng(0)
    patients = np.unique(pa.patients.astype(str), return_inverse=True)[1]
    expected = [len(np.unique(patients[rng.choice(whole, n, replace=False)])) for _ in range(2_000)]
    return {
        "images": n,
        "of_pa_test_images": whole,
        "views": sorted(set(own.metadata["view"])),
        "patients": len(set(experts.patients)),
        "patients_in_a_random_draw": np.quantile(expected, [0.025, 0.5, 0.975]).tolist(),
        "labels": [
            {"label": label, "prevalence": seen, "of_pa_test_images": p, "p": chance}
            for label, seen, p, chance in chances
        ],
        "smallest_p_times_labels": min(p for *_, p in chances) * len(chances),
    }


def study_of_2019(folder: Path, entries: Records, official: np.ndarray) -> dict[str, Any]:
    """Count the same of the study of 2019: how far its images are from a plain draw."""
    (path,) = folder.glob("google2019_nih-chest-xray-labels.csv*")
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", newline="") as stream:
        rows = list(csv.DictReader(stream))
    row_of = {name: row for row, name in enumerate(entries.file_names)}
    at = np.array([row_of[row["Image Index"]] for row in rows])
    in_test = official[at]
    found: dict[str, Any] = {"images": len(rows), "in_the_official_test_list": int(in_test.sum())}
    views = entries.metadata["view"]
    found["ap_share"] = float(np.mean(views[at[in_test]] == "AP"))
    found["ap_share_of_test_images"] = float(np.mean(views[official] == "AP"))
    for label, own in (("Pneumothorax", "Pneumothorax"),):
        j = entries.labels.index(label)
        nih = entries.targets[at, j][in_test] == 1
        read = np.array([row[own] == "YES" for row in rows])[in_test]
        found[label] = {
            "nih": int(nih.sum()),
            "radiologists": int(read.sum()),
            "both": int((nih & read).sum()),
            "nih_prevalence": float(nih.mean()),
            "nih_prevalence_of_test_images": float(entries.targets[official, j].mean()),
        }
    return found


def other_rule(experts: ExpertReads) -> dict[str, int]:
    """Count how the published ``Other`` differs from a majority of three."""
    panel = [experts.readers.index(one) for one in experts.panel]
    other, abnormal = experts.labels.index("Other"), experts.labels.index("Abnormal")
    votes = experts.reads[:, panel, other].sum(axis=1) >= 2
    published = experts.majority[:, other] == 1
    without = (experts.majority[:, abnormal] == 1) & ~(experts.majority[:, :14] == 1).any(axis=1)
    return {
        "published_positives": int(published.sum()),
        "majority_of_three": int(votes.sum()),
        "differ": int((votes != published).sum()),
        "differ_if_abnormal_without_a_finding_counts": int(((votes | without) != published).sum()),
    }


def checks(experts: ExpertReads, entries: Records, card: LabelScorecard) -> dict[str, Any]:
    """Return the largest differences to other people's implementations."""
    row_of = {name: row for row, name in enumerate(entries.file_names)}
    at = [row_of[name] for name in experts.images]
    worst: dict[str, float] = {}

    def note(name: str, ours: float, theirs: float) -> None:
        worst[name] = max(worst.get(name, 0.0), abs(ours - float(theirs)))

    for row in card.rows:
        nih = entries.targets[at, entries.labels.index(row.label)].astype(int)
        j = experts.labels.index(row.label)
        truth, reads = experts.majority[:, j].astype(int), experts.reads[:, :, j].astype(int)
        tn, fp, fn, tp = confusion_matrix(truth, nih, labels=[0, 1]).ravel()
        note("sensitivity, scikit-learn", row.sensitivity, tp / (tp + fn))
        note("specificity, scikit-learn", row.specificity, tn / (tn + fp))
        note("ppv, scikit-learn", row.ppv, tp / (tp + fp))
        if find_spec("statsmodels"):
            from statsmodels.stats import inter_rater  # noqa: PLC0415 - a peer, if installed

            table = confusion_matrix(truth, nih, labels=[0, 1])
            note("kappa, statsmodels", row.kappa, inter_rater.cohens_kappa(table).kappa)
            counts = np.stack([(reads == 0).sum(1), (reads == 1).sum(1)], axis=1)
            note("Fleiss' kappa, statsmodels", row.readers_kappa, inter_rater.fleiss_kappa(counts))
            pairs = {(pair.first, pair.second): pair.kappa for pair in row.pairs}
            for a, b in combinations(range(len(experts.readers)), 2):
                table = confusion_matrix(reads[:, a], reads[:, b], labels=[0, 1])
                kappa = inter_rater.cohens_kappa(table).kappa
                ours = pairs[experts.readers[a], experts.readers[b]]
                note("pairs' kappa, statsmodels", ours, kappa)
        if find_spec("irrCAC"):
            import pandas as pd  # noqa: PLC0415
            from irrCAC.raw import CAC  # noqa: PLC0415

            for name, ours, columns in (
                ("AC1", row.ac1, np.stack([truth, nih], axis=1)),
                ("readers' AC1", row.readers_ac1, reads),
            ):
                # irrCAC rounds to as many digits as it is told
                theirs = CAC(pd.DataFrame(columns), digits=15).gwet()["est"]["coefficient_value"]
                note(f"{name}, irrCAC", ours, theirs)
            fleiss = CAC(pd.DataFrame(reads), digits=15).fleiss()["est"]["coefficient_value"]
            note("Fleiss' kappa, irrCAC", row.readers_kappa, fleiss)
    peers = {name: version(name) for name in ("statsmodels", "irrCAC") if find_spec(name)}
    return {"largest_differences": worst, "versions": peers}


if __name__ == "__main__":
    main()
