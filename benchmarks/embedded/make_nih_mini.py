"""Makes the embedded weights ``nih-mini``: fine-tunes an ImageNet trunk on real NIH images.

    python benchmarks/embedded/make_nih_mini.py NIH_DIR TRUNK.safetensors OUTPUT_DIR [--seeds 0 1 2]
        --install

``NIH_DIR`` holds ``Data_Entry_2017*.csv`` and images (``--images`` names their folder). ``TRUNK`` holds
Keras MobileNet 1.0/224 weights, as ``mobilenet_cxr(weights="FILE.safetensors")`` reads them. Trained on
official train members by the recipe ``modern``, once a seed; the seed, thresholds and calibration are
chosen on the official validation members (split seed 0). What was chosen is measured on the official
test members, for its report and its card; ``nih_mini_beside.py`` sets others beside it. Runs that
OUTPUT_DIR holds are not trained again, so that seeds may be trained by several processes; ``--install``
replaces the package's copy and its catalog entry.
"""

import argparse
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import cxrzoo
from cxrzoo import pretrained
from cxrzoo.artifacts.model_card import model_card
from cxrzoo.artifacts.save import save_pretrained
from cxrzoo.data import Split
from cxrzoo.evaluation import choose_thresholds, fit_calibration, fit_metadata_baseline
from cxrzoo.files import write_whole
from cxrzoo.pretrained import also_trained_on
from cxrzoo.training import Recipe, Run

RECIPE = replace(
    cxrzoo.recipes["modern"],
    name="nih-mini",
    image_size=160,
    source="the recipe modern at 160 pixels; benchmarks/embedded/make_nih_mini.py",
)


NAME = "nih-mini"
EMBEDDED = ("cxrzoo.json", "model.safetensors", "golden.safetensors", "report.json", "README.md")
START = "MobileNet 1.0/224 to conv_dw_13, as far as can be told the stock ImageNet weights"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("nih", type=Path)
    parser.add_argument("trunk", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--images", default="256")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument(
        "--install", action="store_true", help="measure the best on the test members and ship it"
    )
    given = parser.parse_args()

    records = cxrzoo.NIHChestXray14(given.nih, images=given.images, missing="drop")
    parts = records.split("official")
    recipe = replace(RECIPE, weights=str(given.trunk))
    cache = given.output / f"pack-{RECIPE.image_size}"
    runs = [
        trained(recipe, parts, given.output / f"seed-{seed}", seed, cache) for seed in given.seeds
    ]
    for run in runs:
        print(run.directory.name, run.report.macro.roc_auc, run.report.macro.roc_auc_interval)
    run = max(runs, key=lambda one: one.report.macro.roc_auc)
    release = given.output / NAME
    if given.install:
        entry = catalog_entry(release, publish(run, parts, release, cache))
        print(json.dumps({NAME: entry}, indent=2))
        install(release, entry)


def trained(recipe: Recipe, parts: Split, directory: Path, seed: int, cache: Path) -> Run:
    """Train once, or read the run that is there."""
    return cxrzoo.train(
        recipe, parts.train, parts.validation, directory, seed=seed, split="official", cache=cache
    )


def publish(run: Run, parts: Split, release: Path, cache: Path) -> cxrzoo.Report:
    """Save a run's model, with thresholds (Youden) and Platt's lines of the validation members.

    A temperature would not do: the balanced loss has moved the middle of the scores, and it cannot.
    Return its report on the official test members.
    """
    validation = parts.validation.dataset(image_size=RECIPE.image_size, cache=cache)
    scored = cxrzoo.evaluate(run.model, validation, n_bootstrap=0).require_scored()
    given = (scored.y_true, scored.y_score)
    thresholds = choose_thresholds(*given, labels=scored.labels, part="validation", method="youden")
    calibration = fit_calibration(*given, labels=scored.labels, part="validation", method="platt")
    lineage = replace(
        run.model.cxrzoo.lineage,
        started_from=START,
        trained_on=also_trained_on((), parts.train.patients),
    )
    run.model.cxrzoo = replace(
        run.model.cxrzoo,
        licence="Apache-2.0",
        lineage=lineage,
        thresholds=thresholds.as_dict(),
        calibration=calibration.as_dict(),
    )
    save_pretrained(run.model, release, dtype="float16")
    shipped = cxrzoo.from_pretrained(release)
    report = cxrzoo.evaluate(
        shipped,
        parts.test.dataset(image_size=RECIPE.image_size),
        metadata_baseline=fit_metadata_baseline(
            parts.train.metadata, parts.train.targets, labels=parts.train.labels
        ),
        thresholds=thresholds,
        name=NAME,
        split="official",
        part="test",
    )
    report.to_json(release / "report.json")
    write_whole(release / "README.md", model_card(shipped.cxrzoo, report, address=NAME))
    return report


def catalog_entry(release: Path, report: cxrzoo.Report) -> dict[str, object]:
    interval = report.macro.roc_auc_interval
    return {
        "builder": "mobilenet_cxr",
        "repository": None,
        "commit": None,
        "sha256": {
            name: hashlib.sha256((release / name).read_bytes()).hexdigest() for name in EMBEDDED
        },
        "size": sum((release / name).stat().st_size for name in EMBEDDED),
        "data": "nih-chestxray14, 1,976 images of 256 x 256",
        "split": "official, test",
        "macro_auc": round(report.macro.roc_auc, 4),
        "macro_auc_interval": [round(interval.low, 4), round(interval.high, 4)],
        "licence": "Apache-2.0",
    }


def install(release: Path, entry: dict[str, object]) -> None:
    package = Path(pretrained.__file__).parent
    embedded = package / "embedded" / NAME
    embedded.mkdir(parents=True, exist_ok=True)
    for name in EMBEDDED:
        shutil.copyfile(release / name, embedded / name)
    catalog = package / "catalog.json"
    releases = json.loads(catalog.read_text()) | {NAME: entry}
    catalog.write_text(json.dumps(releases, indent=2) + "\n")


if __name__ == "__main__":
    main()
