"""Models beside five radiologists: the public predictions of a DenseNet121, nih-mini and two others.

    python benchmarks/labels/models.py NIH_DIR PREDICTIONS.csv.gz OUTPUT_DIR

``NIH_DIR`` holds NIH's ``Data_Entry_2017*.csv``, the radiologists' tables of 2021 and images in
``256/``. ``PREDICTIONS`` are those of John Zech's reproduce-chexnet, which its model gave for its own
test part: whatever of the radiologists' images is in it, the model never saw. The other two models are
a small network trained here on the official train members among the images (``cnn_test1`` at 64
pixels, seed 0) and a model of age, sex and view without any image, fitted on the same. Writes
``benchmarks/results/label_models.json``, the report of the public predictions as
``label_densenet121.json`` beside it, and all reports with their pages into OUTPUT_DIR.
"""

import argparse
import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

import cxrzoo
from cxrzoo.data import ExpertReads, Records, read_expert_reads
from cxrzoo.evaluation import (
    ExpertReport,
    Report,
    auc_report,
    compare_on_readers,
    evaluate_predictions,
    expert_report,
    fit_metadata_baseline,
    read_predictions,
    roc_auc,
    write_expert_html,
    write_html,
)
from cxrzoo.files import write_whole
from cxrzoo.strict_json import to_plain
from cxrzoo.training import Recipe

RESULT = Path(__file__).parents[1] / "results" / "label_models.json"
LEAST = 8
DRAWN = RESULT.with_name("label_densenet121.json")
SMALL = Recipe("small", "cnn_test1", 1e-3, 12, image_size=64, batch_size=32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("nih", type=Path)
    parser.add_argument("predictions", type=Path)
    parser.add_argument("output", type=Path)
    given = parser.parse_args()
    experts = read_expert_reads(given.nih)
    reports = of_images(given, experts)
    reports["DenseNet121, public predictions"] = of_predictions(given, experts)
    result: dict[str, Any] = {"made_by": "benchmarks/labels/models.py", "models": {}}
    for name, report in reports.items():
        beside = expert_report(report, experts)
        folder = given.output / name.split(",")[0].replace(" ", "-").lower()
        report.to_json(folder / "report.json", predictions=True)
        beside.to_json(folder / "experts.json")
        if "public" in name:  # drawn by label_pages.py
            write_whole(
                DRAWN, json.dumps(json.loads(beside.to_json()), separators=(",", ":")) + "\n"
            )
        write_html(report, folder / "report.html")
        write_expert_html(beside, folder / "experts.html")
        print(beside.to_markdown(details=False))
        result["models"][name] = shown(report, beside)
        result["models"][name]["within"] = within(report, experts)
    result["comparisons"] = {}
    for a, b in combinations([name for name in reports if "public" not in name], 2):
        found = compare_on_readers(reports[a], reports[b], experts)
        print(found.to_markdown(details=False))
        result["comparisons"][f"{a} and {b}"] = {
            "overall": to_plain(found.overall),
            "means": to_plain(found.means),
            "readers_with_p_holm_below_0.05": sum(row.p_holm < 0.05 for row in found.rows),
            "readers": len(found.rows),
        }
    write_whole(RESULT, json.dumps(result, indent=1) + "\n")


def of_images(given: argparse.Namespace, experts: ExpertReads) -> dict[str, Report]:
    """Return the reports of three models on the images that are there and were read."""
    records = cxrzoo.NIHChestXray14(given.nih, images="256", missing="drop")
    parts = records.split("official")
    read = set(experts.images)
    test = parts.test[[name in read for name in parts.test.file_names]]
    print(f"{len(test)} images of {len(set(test.patients))} patients; {parts.summary()}")
    run = cxrzoo.train(SMALL, parts.train, parts.validation, given.output / "small", seed=0)
    baseline = fit_metadata_baseline(
        parts.train.metadata, parts.train.targets, labels=parts.train.labels
    )
    options: dict[str, Any] = {"split": "official", "part": "test", "n_bootstrap": 1000}
    found = {}
    for name, model in (
        ("nih-mini", cxrzoo.from_pretrained("nih-mini")),
        ("small network", run.model),
    ):
        batches = test.dataset(image_spec=model.cxrzoo.image_spec, batch_size=32)
        found[name] = cxrzoo.evaluate(model, batches, name=name, **options)
    found["age, sex and view"] = without_images(test, baseline.predict(test.metadata), options)
    return found


def without_images(test: Records, scores: Any, options: dict[str, Any]) -> Report:
    return auc_report(
        test.targets, scores, labels=test.labels, groups=test.patients, images=test.file_names,
        name="age, sex and view", data=test.name, **options,
    )  # fmt: skip


def of_predictions(given: argparse.Namespace, experts: ExpertReads) -> Report:
    entries = next(iter(sorted(given.nih.glob("Data_Entry_2017*.csv*"))))
    predictions = read_predictions(given.predictions, labels=cxrzoo.NIH_FINDINGS)
    read = set(experts.images)
    rows = [row for row, name in enumerate(predictions.images) if name in read]
    report = evaluate_predictions(predictions.take(rows), entries, metadata_baseline=False)
    return replace(report, name="DenseNet121 (reproduce-chexnet)")


def within(report: Report, experts: ExpertReads) -> dict[str, Any]:
    """Ask whether NIH's errors know of the score: AUC of NIH's label among images of the same truth.

    Under the assumption of the bound for a perfect model it is 0.5. Findings count with `LEAST` images
    of either label among those of the truth.
    """
    scored = report.require_scored()
    row_of = {name: row for row, name in enumerate(scored.images)}
    pairs = [(i, row_of[name]) for i, name in enumerate(experts.images) if name in row_of]
    read, at = np.array(pairs).T
    found: dict[str, Any] = {}
    for side, name in ((1, "among_radiologists_positives"), (0, "among_radiologists_negatives")):
        values = {}
        for label in cxrzoo.NIH_FINDINGS:
            on = at[experts.majority[read, experts.labels.index(label)] == side]
            j = scored.labels.index(label)
            truth = scored.y_true[on, j]
            if min((truth == 1).sum(), (truth == 0).sum()) >= LEAST:
                values[label] = float(roc_auc(truth, scored.y_score[on, j])[0])
        found[name] = {"findings": values, "mean": float(np.mean(list(values.values())))}
    return found


def shown(report: Report, beside: ExpertReport) -> dict[str, Any]:
    kept = (
        "label", "label_positives", "expert_positives", "label_auc", "label_auc_interval",
        "expert_auc", "expert_auc_interval", "difference", "difference_interval",
    )  # fmt: skip
    positions: dict[str, dict[str, int]] = {}
    for point in beside.points:
        counts = positions.setdefault(point.against, {})
        counts[point.position] = counts.get(point.position, 0) + 1
    findings = [row.label_auc for row in beside.rows if row.label_auc == row.label_auc]
    return {
        "images": beside.n,
        "patients": beside.units,
        "mean": to_plain(beside.mean),
        "label_auc_of_all_findings": {"mean": sum(findings) / len(findings), "n": len(findings)},
        "macro_of_the_report": report.macro.roc_auc,
        "positions": positions,
        "rows": [{name: to_plain(getattr(row, name)) for name in kept} for row in beside.rows],
    }


if __name__ == "__main__":
    main()
