"""The ablation behind the ``modern`` recipe: one choice varied at a time, several seeds each.

    python benchmarks/accuracy/ablation.py NIH_DIR TRUNK.safetensors WORK_DIR [--seeds 0 1 2]
        [--workers 1]

Each seed is another patient-wise validation part of the official train and validation members; the
official test members are not looked at. Every training is one process that leaves one file in
WORK_DIR, so a run that was stopped goes on. The table compares each variant with the base on the same
validation patients: mean over seeds, 95 % interval by bootstrap over patients within each seed; as they
are, and weighted to resemble the official test list. Writes ``benchmarks/results/ablation.json`` and
``ablation.md``.
"""

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from like_test import LikeTest

from cxrzoo.evaluation import roc_auc
from cxrzoo.files import write_whole

HERE = Path(__file__).parent
FINDINGS = 14

# name: (what it asks, the fields it sets)
VARIANTS = {
    "base": ("AdamW 3e-4, cosine after 1 epoch of warm-up, nothing frozen, light augmentation", {}),
    "rate 1e-3": ("learning rate", {"learning_rate": 1e-3}),
    "rate 1e-4": ("learning rate", {"learning_rate": 1e-4}),
    "frozen 2": ("trunk frozen for 2 epochs", {"frozen_epochs": 2}),
    "no batch norm": ("the trunk's BatchNorm frozen", {"frozen_batch_norm": True}),
    "balanced": ("loss with negatives / positives as weights", {"loss": "balanced"}),
    "asymmetric": ("asymmetric loss", {"loss": "asymmetric"}),
    "smoothing 0.1": ("label smoothing", {"label_smoothing": 0.1}),
    "augment none": ("augmentation", {"augment": "none"}),
    "augment strong": ("augmentation", {"augment": "strong"}),
    "constant": ("schedule", {"schedule": "constant"}),
    "no warm-up": ("schedule", {"warmup_epochs": 0}),
    "128 pixels": ("input size", {"image_size": 128}),
    "random start": ("no trunk", {"start": "random"}),
    "1e-3, balanced": ("two at once", {"learning_rate": 1e-3, "loss": "balanced"}),
}
# Measured on the base's own trainings: name, what it asks.
AFTERWARDS = {
    "ema": "moving average of the weights (one epoch)",
    "tta-light": "mean over the image and 4 lightly augmented copies",
    "tta-flip": "mean over the image and its mirror image",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("nih", type=Path)
    parser.add_argument("trunk", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--images", default="256")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--workers", type=int, default=1, help="trainings at once")
    parser.add_argument("--table", action="store_true", help="only make the table again")
    given = parser.parse_args()
    if not given.table:
        prepare(given)
        jobs = [(seed, name) for seed in given.seeds for name in VARIANTS]
        with ThreadPoolExecutor(given.workers) as pool:
            for line in pool.map(lambda job: run(given, *job), jobs):
                print(line, flush=True)
    table = compare(given.work, given.seeds, LikeTest(given.nih))
    results = HERE.parent / "results"
    results.mkdir(exist_ok=True)
    write_whole(results / "ablation.json", json.dumps(table, indent=2) + "\n")
    write_whole(results / "ablation.md", markdown(table))
    print(markdown(table))


def prepare(given: argparse.Namespace) -> None:
    """Pack the images once a size."""
    sizes = {96, *(change.get("image_size", 96) for _, change in VARIANTS.values())}
    for size in sorted(sizes):
        _call(
            *("-m", "cxrzoo.cli", "pack", "--data", given.nih, "--images", given.images),
            *("--missing", "drop", "-o", given.work / f"pack-{size}", "--image-size", size),
        )


def run(given: argparse.Namespace, seed: int, name: str) -> str:
    change = VARIANTS[name][1]
    output = file_of(given.work, name, seed)
    if output.exists():
        return f"{name} {seed}: there"
    printed = _call(
        *(HERE / "ablation_trial.py", given.nih, given.trunk),
        *(given.work / f"pack-{change.get('image_size', 96)}", output),
        *("--images", given.images, "--seed", seed),
        *(f"--set={field}={value}" for field, value in change.items()),
    )
    return f"{name} {seed}: {printed.splitlines()[-1]}"


def file_of(work: Path, name: str, seed: int) -> Path:
    return work / f"{name.replace(',', '').replace(' ', '-')}.{seed}.npz"


def _call(*command: object) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{command}: {done.stderr}")
    return done.stdout


def compare(
    work: Path, seeds: list[int], like_test: LikeTest, replicates: int = 500
) -> dict[str, object]:
    base = {seed: dict(np.load(file_of(work, "base", seed))) for seed in seeds}
    for file in base.values():
        file["like_test"] = like_test.weights(file["patients"])
    rows = {}
    for name in VARIANTS:
        files = {seed: file_of(work, name, seed) for seed in seeds}
        if all(file.exists() for file in files.values()):
            own = {seed: np.load(file)["last"] for seed, file in files.items()}
            rows[name] = row(base, own, VARIANTS[name][0], replicates)
    for name, question in AFTERWARDS.items():
        own = {seed: base[seed][name] for seed in seeds}
        rows[name] = row(base, own, question, replicates)
    sizes = [len(set(base[seed]["patients"])) for seed in seeds]
    images = [len(base[seed]["y_true"]) for seed in seeds]
    return {
        "seeds": seeds,
        "validation_images": images,
        "validation_patients": sizes,
        "trial": json.loads(str(base[seeds[0]]["trial"])),
        "rows": rows,
    }


def row(base: dict, own: dict, question: str, replicates: int) -> dict[str, object]:
    """Macro AUC by seed, and the difference to the base with its interval."""
    truth = {seed: file["y_true"] for seed, file in base.items()}
    differences = {"interval": [], "like_test_interval": []}
    for replicate in range(replicates):
        found = {name: [] for name in differences}
        for seed, file in base.items():
            rng = np.random.default_rng([replicate, seed])
            patients, index = np.unique(file["patients"], return_inverse=True)
            weight = rng.multinomial(len(patients), np.full(len(patients), 1 / len(patients)))
            weight = weight[index].astype(float)
            for name, by in (
                ("interval", weight),
                ("like_test_interval", weight * file["like_test"]),
            ):
                found[name].append(
                    macro(truth[seed], own[seed], by) - macro(truth[seed], file["last"], by)
                )
        for name, values in found.items():
            differences[name].append(np.mean(values))
    plain = _points(base, own, dict.fromkeys(base))
    alike = _points(base, own, {seed: file["like_test"] for seed, file in base.items()})
    return {
        "question": question,
        **plain,
        **{f"like_test_{name}": value for name, value in alike.items()},
        **{
            name: [round(float(value), 4) for value in np.quantile(values, [0.025, 0.975])]
            for name, values in differences.items()
        },
    }


def _points(base: dict, own: dict, weights: dict) -> dict[str, object]:
    """Macro AUC by seed and on the mean, and the mean difference to the base."""
    by_seed = [macro(file["y_true"], own[seed], weights[seed]) for seed, file in base.items()]
    reference = [macro(file["y_true"], file["last"], weights[seed]) for seed, file in base.items()]
    return {
        "macro_auc_by_seed": [round(value, 4) for value in by_seed],
        "macro_auc": round(float(np.mean(by_seed)), 4),
        "difference": round(float(np.mean(np.subtract(by_seed, reference))), 4),
    }


def macro(y_true: np.ndarray, y_score: np.ndarray, weight: np.ndarray | None = None) -> float:
    aucs = roc_auc(y_true[:, :FINDINGS], y_score[:, :FINDINGS], sample_weight=weight)
    return float(np.nanmean(aucs))


def markdown(table: dict) -> str:
    patients = ", ".join(map(str, table["validation_patients"]))
    seeds = ", ".join(map(str, table["seeds"]))
    caption = (
        f"Seeds {seeds}; validation patients: {patients}. The last two columns weigh the validation "
        "images so that patients have as many images as in the official test list "
        "(`benchmarks/accuracy/like_test.py`). Made by `benchmarks/accuracy/ablation.py`."
    )
    head = ("variant", "asks", "macro AUC, by seed", "against the base (95 %)")
    head += ("like the test list, by seed", "against the base (95 %)")
    lines = [caption, "", f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for name, found in table["rows"].items():
        cells = [name, found["question"]]
        for kind in ("", "like_test_"):
            low, high = found[f"{kind}interval"]
            cells.append(", ".join(f"{one:.3f}" for one in found[f"{kind}macro_auc_by_seed"]))
            cells.append(
                "-"
                if name == "base"
                else f"{found[f'{kind}difference']:+.3f} ({low:+.3f} to {high:+.3f})"
            )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
