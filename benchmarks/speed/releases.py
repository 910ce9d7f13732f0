"""Scores a second of the catalog's models, beside the DenseNet121 of most of the peers, in one run.

    python benchmarks/speed/releases.py [--rounds 5] [--images 64] [--output FILE.json]

Each computes random pixels of its own input size by `model.predict` on TensorFlow; the DenseNet121 is
that of `keras.applications`, 224 x 224 in colour, with 15 outputs and random weights. All are in one
process.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from ratios import Part, Table, options_of, ratio, say
from rounds import Contender, take_turns, timed

import cxrzoo
from cxrzoo.pretrained.catalog import catalog

BATCH = 32
DENSENET = "DenseNet121 of keras.applications"


def main() -> None:
    parser = options_of(__doc__, rounds=5)
    parser.add_argument("--images", type=int, default=64)
    options = parser.parse_args()
    models = {name: cxrzoo.from_pretrained(name) for name in catalog()}
    densenet = keras.applications.DenseNet121(
        weights=None, classes=15, classifier_activation="sigmoid"
    )
    calls = {
        name: predicting(model, options.images)
        for name, model in {**models, DENSENET: densenet}.items()
    }
    take_turns(calls, 1)  # compiles
    costs = take_turns(calls, options.rounds)
    found = Part(
        f"Scores for {options.images} images by each model of the catalog, of its own input size, and by "
        "a DenseNet121 of 224 x 224 pixels.",
        options.rounds,
        (Table("predict", tuple(ratio(costs, name, DENSENET) for name in models)),),
    )
    say(found, options.output)


def predicting(model: keras.Model, n: int) -> Contender:
    shape = (n, *model.input_shape[1:])
    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    return timed(lambda _: model.predict(pixels, batch_size=BATCH, verbose=0))


if __name__ == "__main__":
    main()
