"""How often the intervals cover the truth, by number of positives, where the truth is known.

    python benchmarks/accuracy/coverage_simulation.py [--runs 1000] [--replicates 1000] [--auc 0.8]

Scores are binormal: negatives N(0, 1), positives N(d, 1), whose AUC is Phi(d / sqrt(2)) exactly. The
second table has patients: each has several images that share half of their variance, so that taking
images for independent is wrong and resampling patients is right.
"""

import argparse
from math import sqrt
from statistics import NormalDist

import numpy as np

from cxrzoo.evaluation.statistics.bootstrap import replicate_areas
from cxrzoo.evaluation.statistics.delong import delong
from cxrzoo.evaluation.statistics.intervals import percentile
from cxrzoo.evaluation.statistics.ranks import rank

NEGATIVES = 400
IMAGES_A_PATIENT = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--replicates", type=int, default=1_000)
    parser.add_argument("--auc", type=float, default=0.8)
    options = parser.parse_args()
    slack = 1.96 * sqrt(0.95 * 0.05 / options.runs)
    print(f"True AUC {options.auc}, {NEGATIVES} negatives, {options.runs:,} runs; nominal 95 %")
    print(f"(a rate is known to +-{slack:.1%})\n")
    print("Every image its own patient")
    table(options, images_a_patient=1, by=("bootstrap", "delong"))
    print(f"\n{IMAGES_A_PATIENT} correlated images a patient")
    table(options, IMAGES_A_PATIENT, by=("bootstrap", "delong", "bootstrap over images"))


def table(options: argparse.Namespace, images_a_patient: int, by: tuple[str, ...]) -> None:
    print(f"{'positives':>10}" + "".join(f"{name:>24}" for name in by))
    for positives in (8, 20, 40, 80, 200):
        rates = coverage(options, positives, images_a_patient, by)
        print(f"{positives:>10}" + "".join(f"{rate:>24.1%}" for rate in rates))


def coverage(
    options: argparse.Namespace, positives: int, images_a_patient: int, by: tuple[str, ...]
) -> list[float]:
    generator = np.random.default_rng(positives)
    shift = sqrt(2) * NormalDist().inv_cdf(options.auc)
    covered = np.zeros(len(by))
    for run in range(options.runs):
        truth = np.concatenate([np.ones(positives), np.zeros(NEGATIVES)])
        patient = np.arange(len(truth)) // images_a_patient
        own = generator.normal(size=len(truth))
        shared = generator.normal(size=patient.max() + 1)[patient]
        noise = own if images_a_patient == 1 else sqrt(0.5) * own + sqrt(0.5) * shared
        score = noise + shift * truth
        for i, name in enumerate(by):
            interval = interval_by(
                name, truth, score, patient, n_bootstrap=options.replicates, seed=run
            )
            covered[i] += interval.low <= options.auc <= interval.high
    return list(covered / options.runs)


def interval_by(name, truth, score, patient, **drawing):
    if name == "delong":
        return delong(truth, score[:, None], patient, (1,)).interval_of_auc(0.95)
    units = np.arange(len(truth)) if name == "bootstrap over images" else patient
    n_units = int(units.max()) + 1
    areas = replicate_areas([rank(truth, score, units, n_units)], n_units, **drawing)
    return percentile(areas.roc_auc_replicates[:, 0], 0.95)


if __name__ == "__main__":
    main()
