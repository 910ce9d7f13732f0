"""Makes the embedded weights ``nih-mini``: fine-tunes an ImageNet trunk on real NIH images.

    python benchmarks/make_nih_mini.py NIH_DIR TRUNK.safetensors OUTPUT_DIR --install

``NIH_DIR`` holds ``Data_Entry_2017*.csv`` and images (``--images`` names their folder). ``TRUNK`` holds
Keras MobileNet 1.0/224 weights, as ``mobilenet_cxr(weights="FILE.safetensors")`` reads them. Trained on
official train members, chosen on official validation members (split seed 0); the official test members
are not looked at. Where OUTPUT_DIR holds the finished run already, only what follows it is done again;
``--install`` replaces the package's copy and its catalog entry.
"""

import argparse
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import cxrzoo
from cxrzoo import store
from cxrzoo.artifacts.save import save_pretrained
from cxrzoo.store import also_trained_on
from cxrzoo.training import Recipe

RECIPE = Recipe(
    "nih-mini",
    "mobilenet_cxr",
    learning_rate=3e-4,
    epochs=12,
    image_size=128,
    weight_decay=1e-4,
    batch_size=32,
    augment="light",
    callbacks="modern",
    source="benchmarks/make_nih_mini.py",
)


NAME = "nih-mini"
EMBEDDED = ("cxrzoo.json", "model.safetensors", "golden.safetensors")
START = "MobileNet 1.0/224 to conv_dw_13, as far as can be told the stock ImageNet weights"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("nih", type=Path)
    parser.add_argument("trunk", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--images", default="256")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--install", action="store_true", help="put it into the package")
    arguments = parser.parse_args()

    records = cxrzoo.NIHChestXray14(arguments.nih, images=arguments.images, missing="drop")
    parts = records.split("official")
    run = cxrzoo.train(
        replace(RECIPE, weights=str(arguments.trunk)),
        parts.train,
        parts.validation,
        arguments.output / "run",
        seed=arguments.seed,
        split="official",
    )
    print(run.report.to_markdown())
    release = arguments.output / NAME
    lineage = replace(
        run.model.cxrzoo.lineage,
        started_from=START,
        trained_on=also_trained_on((), parts.train.patients),
    )
    run.model.cxrzoo = replace(run.model.cxrzoo, licence="Apache-2.0", lineage=lineage)
    save_pretrained(run.model, release, run.report, dtype="float16")
    entry = catalog_entry(release, run.report)
    print(json.dumps({NAME: entry}, indent=2))
    if arguments.install:
        install(release, entry)


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
        "split": "official, validation",
        "macro_auc": round(report.macro.roc_auc, 4),
        "macro_auc_interval": [round(interval.low, 4), round(interval.high, 4)],
        "licence": "Apache-2.0",
    }


def install(release: Path, entry: dict[str, object]) -> None:
    package = Path(store.__file__).parent
    embedded = package / "embedded" / NAME
    embedded.mkdir(parents=True, exist_ok=True)
    for name in EMBEDDED:
        shutil.copyfile(release / name, embedded / name)
    catalog = package / "catalog.json"
    releases = json.loads(catalog.read_text()) | {NAME: entry}
    catalog.write_text(json.dumps(releases, indent=2) + "\n")


if __name__ == "__main__":
    main()
