"""Measures ``nih-mini`` on the official test members, beside what it has to beat, on the same images.

    python benchmarks/embedded/nih_mini_beside.py NIH_DIR TRUNK.safetensors RELEASE_DIR REPRODUCE_DIR

``RELEASE_DIR`` is what ``make_nih_mini.py`` left (its runs of all seeds), ``REPRODUCE_DIR`` the output of
``cxrzoo reproduce`` on the same images. The network from random weights is trained here, by the same
recipe, into RELEASE_DIR. The linear probe and the model of metadata are fitted on the train members;
the probe's strength of regularisation is chosen on the validation members. Writes
``benchmarks/results/nih_mini.json``, which ``benchmarks/pages/zoo_page.py`` shows in docs/zoo.md.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from make_nih_mini import RECIPE, trained
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import cxrzoo
from cxrzoo.data import ImageDataset, Records, Split
from cxrzoo.evaluation import Report, fit_metadata_baseline, roc_auc
from cxrzoo.files import write_whole

RESULT = Path(__file__).parents[1] / "results" / "nih_mini.json"
FINDINGS = 14
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("nih", type=Path)
    parser.add_argument("trunk", type=Path)
    parser.add_argument("release", type=Path)
    parser.add_argument("reproduce", type=Path)
    parser.add_argument("--images", default="256")
    given = parser.parse_args()

    parts = cxrzoo.NIHChestXray14(given.nih, images=given.images, missing="drop").split("official")
    ours = cxrzoo.from_pretrained("nih-mini")
    own_seed = ours.cxrzoo.lineage.seed
    scores = {"nih-mini": model_scores(ours, parts.test)}
    for run in sorted(given.release.glob("seed-*")):
        seed = int(run.name.removeprefix("seed-"))
        if seed != own_seed:
            model = cxrzoo.from_pretrained(run / "model")
            scores[f"the same, seed {seed}"] = model_scores(model, parts.test)
    scores["nih-mini, mean with the mirror image"] = mirrored_scores(ours, parts.test)
    for run in sorted((given.reproduce / "mobilenet-b").glob("seed-*/model")):
        seed = int(run.parent.name.removeprefix("seed-"))
        model = cxrzoo.from_pretrained(run)
        scores[f"the paper's `mobilenet-b`, seed {seed}"] = model_scores(model, parts.test)
    random = trained(
        replace(RECIPE, name="nih-mini-random", weights=None),
        *(parts, given.release / "random", 0, given.release / f"pack-{RECIPE.image_size}"),
    )
    scores["the same recipe from random weights"] = model_scores(random.model, parts.test)
    scores["linear probe on the frozen trunk"] = probe_scores(given.trunk, parts)
    baseline = fit_metadata_baseline(
        parts.train.metadata, parts.train.targets, labels=parts.train.labels
    )
    scores["age, sex and view alone"] = baseline.predict(parts.test.metadata)

    reports = {name: measured(parts.test, found, name) for name, found in scores.items()}
    content = {
        "data": parts.test.name,
        "split": "official",
        "part": "test",
        "images": len(parts.test),
        "patients": len(set(parts.test.patients)),
        "train_images": len(parts.train),
        "undefined": list(reports["nih-mini"].undefined),
        "findings": FINDINGS - len(reports["nih-mini"].undefined),
        "image_size": RECIPE.image_size,
        "seed": own_seed,
        "labels": labels_of(reports["nih-mini"]),
        "rows": [row(reports["nih-mini"], report) for report in reports.values()],
    }
    write_whole(RESULT, json.dumps(content, indent=2) + "\n")
    print(RESULT.read_text())


def measured(test: Records, scores: np.ndarray, name: str) -> Report:
    return cxrzoo.auc_report(
        test.targets[:, :FINDINGS],
        scores[:, :FINDINGS],
        labels=test.labels[:FINDINGS],
        groups=test.patients,
        images=test.file_names,
        name=name,
        split="official",
        part="test",
    )


def row(ours: Report, report: Report) -> dict[str, Any]:
    found = {"name": report.name, **_average(report.macro)}
    if report is not ours:
        macro = cxrzoo.compare(ours, report).macro
        found["ours_minus_it"] = [
            round(value, 4) for value in (macro.difference, macro.interval.low, macro.interval.high)
        ]
        found["p"] = round(macro.p_value, 4)
    return found


def _average(macro: Any) -> dict[str, float]:
    interval = macro.roc_auc_interval
    values = {"macro_auc": macro.roc_auc, "low": interval.low, "high": interval.high}
    return {name: round(value, 4) for name, value in values.items()}


def labels_of(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "label": name,
            "positives": report[name].positives,
            "roc_auc": round(report[name].roc_auc, 4),
            "low": round(report[name].roc_auc_interval.low, 4),
            "high": round(report[name].roc_auc_interval.high, 4),
        }
        for name in report.labels
        if name not in report.undefined
    ]


def batches(model: keras.Model, records: Records) -> ImageDataset:
    return records.dataset(image_size=model.input_shape[1], batch_size=61)


def model_scores(model: keras.Model, records: Records) -> np.ndarray:
    dataset = batches(model, records)
    return np.concatenate(
        [model.predict_on_batch(dataset[i][0]) for i in range(len(dataset))]
    ).astype(float)


def mirrored_scores(model: keras.Model, records: Records) -> np.ndarray:
    dataset = batches(model, records)
    mirrored = [
        model.predict_on_batch(np.asarray(dataset[i][0])[:, :, ::-1]) for i in range(len(dataset))
    ]
    return (model_scores(model, records) + np.concatenate(mirrored)) / 2


def probe_scores(trunk: Path, parts: Split) -> np.ndarray:
    """Logistic regressions on the pooled features of the last layer that the trunk's file holds."""
    size = (RECIPE.image_size, RECIPE.image_size, 1)
    network = cxrzoo.mobilenet_cxr(input_shape=size, include_top=False, weights=str(trunk))
    last = network.get_layer("conv_dw_13_relu").output
    pooled = keras.Model(network.input, keras.layers.GlobalAveragePooling2D()(last))
    train, validation, test = (
        model_scores(pooled, part) for part in (parts.train, parts.validation, parts.test)
    )
    by_strength = {}
    for strength in STRENGTHS:
        fitted = [_fit(train, y, strength) for y in parts.train.targets[:, :FINDINGS].T]
        areas = roc_auc(parts.validation.targets[:, :FINDINGS], _apply(fitted, validation))
        by_strength[float(np.nanmean(areas))] = fitted
    return _apply(by_strength[max(by_strength)], test)


def _fit(x: np.ndarray, y: np.ndarray, strength: float) -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=2000)).fit(x, y)


def _apply(fitted: list[Any], x: np.ndarray) -> np.ndarray:
    return np.column_stack([one.decision_function(x) for one in fitted])


if __name__ == "__main__":
    main()
