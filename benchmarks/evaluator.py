"""How much faster `auc_report` is than the plain loop over scikit-learn, and that both agree.

    python benchmarks/evaluator.py [--images 25596] [--replicates 1000] [--loop 5]

The data are of the size of NIH ChestX-ray14's official test part: 25,596 images of 2,797 patients, 15
labels of its prevalences, scores rounded so that some tie. The loop does what people write: draw
patients, take their rows, call `roc_auc_score` and `average_precision_score` for each label. It is
timed on a few of the same replicates and scaled up; each of its values is compared with ours.
"""

import argparse
import resource
import time

import numpy as np

from cxrzoo.evaluation import auc_report, average_precision, roc_auc
from cxrzoo.evaluation.bootstrap import draw_weights, rank_labels, replicate_areas
from cxrzoo.labels import NIH_LABELS

# Share of positives on the official test list, in the order of NIH_LABELS; counted from its CSV.
PREVALENCE = (
    *(0.1281, 0.0418, 0.1820, 0.2388, 0.0683, 0.0634, 0.0217, 0.1041),
    *(0.0709, 0.0361, 0.0427, 0.0170, 0.0447, 0.0034, 0.3853),
)
PATIENTS = 2_797


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=25_596)
    parser.add_argument("--replicates", type=int, default=1_000)
    parser.add_argument("--loop", type=int, default=5, help="replicates that the loop is timed on")
    options = parser.parse_args()

    y_true, y_score, patients = made_up(options.images)
    before = peak_mib()
    seconds = time.perf_counter()
    report = auc_report(
        y_true, y_score, labels=NIH_LABELS, groups=patients, n_bootstrap=options.replicates
    )
    seconds = time.perf_counter() - seconds
    peak = peak_mib()
    print(f"{options.images:,} images x {len(NIH_LABELS)} labels, {report.units:,} patients")
    print(f"auc_report, {options.replicates:,} replicates, macro and micro too: {seconds:.2f} s")
    print(f"peak memory of the process: {peak:.0f} MiB ({before:.0f} MiB before)")

    loop_seconds, apart = loop(report.scored, options.loop)
    whole = loop_seconds / options.loop * options.replicates
    print(
        f"scikit-learn loop: {loop_seconds:.2f} s for {options.loop} replicates, "
        f"{whole:.0f} s for {options.replicates:,}"
    )
    print(f"ratio: {whole / seconds:.0f} times as fast")
    print(f"largest difference in {options.loop} replicates: {apart:.1e}")
    print(f"largest difference in point estimates: {point_difference(y_true, y_score):.1e}")


def made_up(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    y_true = (generator.random((n, len(PREVALENCE))) < PREVALENCE).astype(float)
    logits = generator.normal(size=y_true.shape) + y_true - 2
    y_score = np.round(1 / (1 + np.exp(-logits)), 5)
    return y_true, y_score, generator.integers(0, PATIENTS, n)


def loop(scored, replicates: int) -> tuple[float, float]:
    from sklearn.metrics import average_precision_score, roc_auc_score  # noqa: PLC0415 - after our peak

    units, n_units = scored.units
    rows_of = [np.flatnonzero(units == unit) for unit in range(n_units)]
    ours = replicate_areas(rank_labels(scored), n_units, replicates, seed=0)
    weights = next(draw_weights(n_units, replicates, 0, replicates)).T
    seconds, apart = 0.0, 0.0
    for i, times in enumerate(weights):
        drawn = np.repeat(np.arange(n_units), times)
        start = time.perf_counter()
        rows = np.concatenate([rows_of[unit] for unit in drawn])
        truth, score = scored.y_true[rows], scored.y_score[rows]
        k = truth.shape[1]
        auc = [roc_auc_score(truth[:, j], score[:, j]) for j in range(k)]
        ap = [average_precision_score(truth[:, j], score[:, j]) for j in range(k)]
        seconds += time.perf_counter() - start
        apart = max(apart, np.abs(auc - ours.roc_auc_replicates[i]).max())
        apart = max(apart, np.abs(ap - ours.average_precision_replicates[i]).max())
    return seconds, apart


def point_difference(y_true: np.ndarray, y_score: np.ndarray) -> float:
    from sklearn.metrics import average_precision_score, roc_auc_score  # noqa: PLC0415 - as above

    return max(
        np.abs(roc_auc(y_true, y_score) - roc_auc_score(y_true, y_score, average=None)).max(),
        np.abs(
            average_precision(y_true, y_score)
            - average_precision_score(y_true, y_score, average=None)
        ).max(),
    )


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
