"""How much faster `auc_report` is than the plain loop over scikit-learn, and that both agree.

    python benchmarks/speed/evaluator.py [--images 25596] [--replicates 1000] [--loop 5] [--rounds 3]
        [--output FILE.json]

The data are of the size of NIH ChestX-ray14's official test part: 25,596 images of 2,797 patients, 15
labels of its prevalences, scores rounded so that some tie. The loop does what people write: draw
patients, take their rows, call `roc_auc_score` and `average_precision_score` for each label. It is
timed on a few of the same replicates and scaled up; each of its values is compared with ours.
"""

import numpy as np
from ratios import Part, Table, options_of, ratio, say
from rounds import each, peak_mib, take_turns, timed

from cxrzoo.evaluation import Report, auc_report, average_precision, roc_auc
from cxrzoo.evaluation.scored import Scored
from cxrzoo.evaluation.statistics.bootstrap import draw_weights, rank_labels, replicate_areas
from cxrzoo.labels import NIH_LABELS

OURS, LOOP = "auc_report", "loop over scikit-learn"

# Share of positives on the official test list, in the order of NIH_LABELS; counted from its CSV.
PREVALENCE = (
    *(0.1281, 0.0418, 0.1820, 0.2388, 0.0683, 0.0634, 0.0217, 0.1041),
    *(0.0709, 0.0361, 0.0427, 0.0170, 0.0447, 0.0034, 0.3853),
)
PATIENTS = 2_797


def main() -> None:
    parser = options_of(__doc__, rounds=3)
    parser.add_argument("--images", type=int, default=25_596)
    parser.add_argument("--replicates", type=int, default=1_000)
    parser.add_argument("--loop", type=int, default=5, help="replicates that the loop is timed on")
    options = parser.parse_args()

    y_true, y_score, patients = made_up(options.images)

    def reported(_: int = 0) -> Report:
        return auc_report(
            y_true, y_score, labels=NIH_LABELS, groups=patients, n_bootstrap=options.replicates
        )

    before = peak_mib()
    report = reported()
    peak = peak_mib()
    drawn = draws(report.scored, options.loop)
    theirs = loop(report.scored, drawn)  # imports, too, what starts once
    contenders = {
        OURS: timed(reported),
        LOOP: each(
            options.loop / options.replicates,
            timed(lambda _: loop(report.scored, drawn)),
        ),
    }
    costs = take_turns(contenders, options.rounds)
    apart = np.abs(theirs - ours(report.scored, options.loop)).max()
    points = point_difference(y_true, y_score)
    notes = (
        f"The loop is timed on {options.loop} of the replicates and scaled up.",
        "`auc_report` also gives the macro and micro areas, which the loop does not.",
        f"Largest difference between the two: {apart:.1e} in the replicates, {points:.1e} in the areas.",
        f"The process had at most {peak:.0f} MiB, {before:.0f} MiB of it before the report.",
    )
    work = (
        f"Areas of {options.images:,} images x {len(NIH_LABELS)} labels, {report.units:,} patients, "
        f"{options.replicates:,} bootstrap replicates."
    )
    table = Table("evaluating", (ratio(costs, OURS, LOOP),))
    say(Part(work, options.rounds, (table,), notes), options.output)


def made_up(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    y_true = (generator.random((n, len(PREVALENCE))) < PREVALENCE).astype(float)
    logits = generator.normal(size=y_true.shape) + y_true - 2
    y_score = np.round(1 / (1 + np.exp(-logits)), 5)
    return y_true, y_score, generator.integers(0, PATIENTS, n)


Draw = list[np.ndarray]
"""The rows of each patient that a replicate drew."""


def draws(scored: Scored, replicates: int) -> list[Draw]:
    """Return the replicates as `auc_report` draws them."""
    units, n_units = scored.units
    rows_of = [np.flatnonzero(units == unit) for unit in range(n_units)]
    weights = next(draw_weights(n_units, replicates, 0, replicates)).T
    return [[rows_of[i] for i in np.repeat(np.arange(n_units), times)] for times in weights]


def loop(scored: Scored, drawn: list[Draw]) -> np.ndarray:
    """Return ROC AUC and average precision of each replicate and label, ``(2, replicates, k)``."""
    from sklearn.metrics import average_precision_score, roc_auc_score  # noqa: PLC0415 - after our peak

    areas: tuple[list[list[float]], list[list[float]]] = ([], [])
    for patients in drawn:
        rows = np.concatenate(patients)
        truth, score = scored.y_true[rows], scored.y_score[rows]
        for kept, area in zip(areas, (roc_auc_score, average_precision_score), strict=True):
            kept.append([area(truth[:, j], score[:, j]) for j in range(truth.shape[1])])
    return np.array(areas)


def ours(scored: Scored, replicates: int) -> np.ndarray:
    found = replicate_areas(rank_labels(scored), scored.units[1], replicates, seed=0)
    return np.array([found.roc_auc_replicates, found.average_precision_replicates])


def point_difference(y_true: np.ndarray, y_score: np.ndarray) -> float:
    from sklearn.metrics import average_precision_score, roc_auc_score  # noqa: PLC0415 - as above

    return max(
        np.abs(roc_auc(y_true, y_score) - roc_auc_score(y_true, y_score, average=None)).max(),
        np.abs(
            average_precision(y_true, y_score)
            - average_precision_score(y_true, y_score, average=None)
        ).max(),
    )


if __name__ == "__main__":
    main()
