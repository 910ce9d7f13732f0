"""Each backbone trained for two epochs on one backend, and scored on all three: are the scores the same?

    python benchmarks/accuracy/backbones_two_epochs.py --data NIH_DIR [--folder 256]
        [--backend tensorflow] [--images 512] [--size 128] [--seed 0] [--only NAME ...]
        [--weights none|imagenet] [--again]

NIH_DIR holds NIH's tables and the folder of small images. Of the official train part, images drawn by
the seed are trained on by the backbone's own recipe, cut to two epochs; the side of the input is SIZE, or
the next smaller multiple of the network's stride (126 for a patch of 14). A process trains and saves the
model and scores test images; on each of the other backends a process loads what was saved and scores the
same pixels. From random weights, BatchNorm's moving statistics lag so far behind after two epochs that a
deep network would give every image the same score, which would be the same everywhere; so they are taken
anew over the training images (Wu and Johnson, "Rethinking 'Batch' in BatchNorm", 2021) before the model
is saved. It ends with status 1 if scores differ by more than 1e-4, or hardly differ among images. Two
epochs over a few hundred images say nothing about the backbones; the AUC is there with its interval so
that nobody has to guess.
`results/backbones_two_epochs.json` is written after each backbone, and one that is there, run in the
same way, is left out unless `--again`. `--weights imagenet` starts from Keras's files where it has some.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from batch_norm import settle_batch_norm

from cxrzoo.errors import MissingImagesWarning
from cxrzoo.files import write_whole
from cxrzoo.strict_json import to_plain
from cxrzoo.training import Recipe, recipes
from cxrzoo.zoo import ListedBuilder, listed_builder, listed_builders

sys.path.append(str(Path(__file__).parents[1] / "speed"))
from machine import machine, versions

RESULTS = Path(__file__).parents[1] / "results" / "backbones_two_epochs.json"
BACKENDS = ("tensorflow", "jax", "torch")
EPOCHS, SCORED, TOLERANCE = 2, 64, 1e-4
NOTE = (
    "Two epochs over so few images say nothing about the backbones: the AUCs are there to show that a "
    "network trains, is saved and scores alike on every backend."
)
SETTINGS = ("backend", "images", "test_images", "size", "seed", "weights")
ON_ANOTHER = """
import sys
import cxrzoo, numpy
model = cxrzoo.from_pretrained(sys.argv[1])
pixels = numpy.load(sys.argv[2])
numpy.save(sys.argv[3], model.predict(pixels, batch_size=16, verbose=0))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folder", default="256")
    parser.add_argument("--backend", choices=BACKENDS, default="tensorflow")
    parser.add_argument("--images", type=int, default=512)
    parser.add_argument("--test-images", type=int, default=724)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--weights", choices=["none", "imagenet"], default="none")
    parser.add_argument("--only", nargs="+", choices=listed_builders(), metavar="NAME")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--train", metavar="NAME", help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.train:
        train(options)
    else:
        sys.exit(run_all(options))


def run_all(options: argparse.Namespace) -> int:
    settings = {name: getattr(options, name) for name in SETTINGS}
    found = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    same = found.get("settings") == settings and found.get("versions") == versions()
    kept = found["backbones"] if same else {}
    for name in options.only or listed_builders():
        if name in kept and not options.again:
            continue
        with tempfile.TemporaryDirectory() as folder:
            kept[name] = one(name, Path(folder), options)
        whole = {
            "note": NOTE,
            "settings": settings,
            "split": "official; training and validation images are of its train part",
            "machine": machine(),
            "versions": versions(),
            "tolerance": TOLERANCE,
            "backbones": {builder: kept[builder] for builder in sorted(kept)},
        }
        write_whole(RESULTS, json.dumps(whole, indent=1) + "\n")
        print(f"{name}: {json.dumps(kept[name])}", flush=True)
    return int(any(not (row["same"] and row["tells_images_apart"]) for row in kept.values()))


def one(name: str, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Train in a process of one backend, score in processes of the others; return the row."""
    start = time.perf_counter()
    again = [*sys.argv[1:], "--train", name, "--work", str(folder)]
    run([sys.executable, __file__, *again], options.backend)
    seconds = time.perf_counter() - start
    trained = np.load(folder / "scores.npy")
    differences = {}
    for backend in BACKENDS:
        if backend != options.backend:
            paths = [str(folder / file) for file in ("model", "pixels.npy", "other.npy")]
            run([sys.executable, "-c", ON_ANOTHER, *paths], backend)
            differences[backend] = float(np.abs(np.load(folder / "other.npy") - trained).max())
    row = json.loads((folder / "row.json").read_text("utf-8"))
    spread = float(np.ptp(trained, axis=0).max())  # scores that are all alike would agree too
    return {
        **row,
        "seconds": round(seconds, 1),
        "scored": len(trained),
        "largest_difference": differences,
        "range_of_scores": spread,
        "same": bool(max(differences.values()) <= TOLERANCE and np.isfinite(trained).all()),
        "tells_images_apart": spread > 10 * TOLERANCE,
    }


def run(words: list[str], backend: str) -> None:
    environment = {**os.environ, "KERAS_BACKEND": backend}
    subprocess.run(words, check=True, env=environment, stdout=subprocess.DEVNULL)


def train(options: argparse.Namespace) -> None:
    import cxrzoo  # noqa: PLC0415 - with Keras, in a process of its own

    warnings.simplefilter(
        "ignore", MissingImagesWarning
    )  # a folder of small images has a few of all
    builder = listed_builder(options.train)
    recipe = short_recipe(builder, options)
    parts = cxrzoo.NIHChestXray14(options.data, images=options.folder, missing="drop").split(
        "official", seed=options.seed
    )
    random = np.random.default_rng(options.seed)
    chosen = np.sort(random.permutation(len(parts.train))[: min(options.images, len(parts.train))])
    test = parts.test[: options.test_images]
    run = cxrzoo.train(
        recipe,
        parts.train[chosen],
        parts.validation[: max(options.images // 4, 16)],
        options.work / "run",
        seed=options.seed,
        split=parts.name,
    )
    training = parts.train[chosen].dataset(image_size=recipe.image_size, batch_size=32)
    settle_batch_norm(run.model, [training[i][0] for i in range(len(training))])
    cxrzoo.save_pretrained(run.model, options.work / "model")
    batches = test.dataset(image_size=recipe.image_size, batch_size=16)
    report = cxrzoo.evaluate(run.model, batches)
    pixels = np.concatenate([batches[i][0] for i in range(-(-min(SCORED, len(test)) // 16))])
    np.save(options.work / "pixels.npy", pixels)
    scores = run.model.predict(pixels, batch_size=16, verbose=0)
    np.save(options.work / "scores.npy", scores)
    row = {
        "image_size": recipe.image_size,
        "starts_from": recipe.weights,
        "learning_rate": recipe.learning_rate,
        "batch_size": recipe.batch_size,
        "seed": options.seed,
        "trained_on": len(chosen),
        "tested_on": len(test),
        "macro_auc": report.macro.roc_auc,
        "macro_auc_95": to_plain(report.macro.roc_auc_interval),
    }
    (options.work / "row.json").write_text(json.dumps(row), encoding="utf-8")


def short_recipe(builder: ListedBuilder, options: argparse.Namespace) -> Recipe:
    """Return the backbone's own recipe for two epochs; without one, Adam at 1e-3."""
    own = recipes.get(str(builder.recipe)) or Recipe(builder.name, builder.name, 1e-3, EPOCHS)
    stride = builder.feature_maps[-1].stride
    return replace(
        own,
        epochs=EPOCHS,
        arguments={**own.arguments, "classifier_activation": "sigmoid"},
        image_size=options.size // stride * stride,
        weights="imagenet" if options.weights == "imagenet" and builder.imagenet else None,
    )


if __name__ == "__main__":
    main()
