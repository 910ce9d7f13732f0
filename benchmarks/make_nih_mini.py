"""Makes the embedded weights ``nih-mini``: fine-tunes an ImageNet trunk on real NIH images.

    python benchmarks/make_nih_mini.py NIH_DIR TRUNK.safetensors OUTPUT_DIR

``NIH_DIR`` holds ``Data_Entry_2017*.csv`` and images (``--images`` names their folder). ``TRUNK`` holds
Keras MobileNet 1.0/224 weights keyed ``layer/variable``; what it lacks starts fresh, its three-channel
first kernel is summed. Trained on official train members, chosen on official validation members (split
seed 0); the official test members are not looked at.
"""

import argparse
import hashlib
import json
from dataclasses import replace
from pathlib import Path

from safetensors.numpy import load_file

import cxrzoo
from cxrzoo.artifacts.save import save_pretrained
from cxrzoo.models import model_tensors
from cxrzoo.models.weights import assign_tensors
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


START = "MobileNet 1.0/224 to conv_dw_13, as far as can be told the stock ImageNet weights"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("nih", type=Path)
    parser.add_argument("trunk", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--images", default="256")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()

    start = cxrzoo.mobilenet_cxr(input_shape=(128, 128, 1))
    tensors = {
        path.replace("/depthwise_kernel", "/kernel"): value  # Keras 2's name and Keras 3's
        for path, value in load_file(arguments.trunk).items()
    }
    tensors["conv1/kernel"] = tensors["conv1/kernel"].sum(axis=2, keepdims=True)
    own = model_tensors(start)
    unknown = sorted(set(tensors) - set(own))
    if unknown:
        raise SystemExit(f"{arguments.trunk} holds tensors that MobileNet does not have: {unknown}")
    fresh = [path for path in own if path not in tensors]
    print(f"{len(tensors)} tensors from {arguments.trunk.name}; fresh: {', '.join(fresh)}")
    assign_tensors(start, own | tensors)
    trunk = arguments.output / "start"
    save_pretrained(start, trunk)

    records = cxrzoo.NIHChestXray14(arguments.nih, images=arguments.images, missing="drop")
    parts = records.split("official")
    run = cxrzoo.train(
        replace(RECIPE, weights=str(trunk)),
        parts.train,
        parts.validation,
        arguments.output / "run",
        seed=arguments.seed,
        split="official",
    )
    print(run.report.to_markdown())
    release = arguments.output / "nih-mini"
    run.model.cxrzoo = replace(
        run.model.cxrzoo,
        licence="Apache-2.0",
        lineage=replace(run.model.cxrzoo.lineage, started_from=START),
    )
    save_pretrained(run.model, release, run.report, dtype="float16")
    print(json.dumps(catalog_entry(release, run.report), indent=2))


def catalog_entry(release: Path, report: cxrzoo.Report) -> dict[str, object]:
    names = ("cxrzoo.json", "model.safetensors")
    interval = report.macro.roc_auc_interval
    return {
        "nih-mini": {
            "builder": "mobilenet_cxr",
            "repository": None,
            "commit": None,
            "sha256": {
                name: hashlib.sha256((release / name).read_bytes()).hexdigest() for name in names
            },
            "size": sum((release / name).stat().st_size for name in names),
            "data": "nih-chestxray14, 1,976 images of 256 x 256",
            "split": "official, validation",
            "macro_auc": round(report.macro.roc_auc, 4),
            "macro_auc_interval": [round(interval.low, 4), round(interval.high, 4)],
            "licence": "Apache-2.0",
        }
    }


if __name__ == "__main__":
    main()
