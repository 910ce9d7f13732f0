"""Heat maps of networks that were trained to see a bright rectangle: how often each method finds it.

    python benchmarks/accuracy/planted_object.py [--only NAME ...] [--images 64] [--epochs 4] [--seed 0]
    python benchmarks/accuracy/planted_object.py --network tests/heatmaps/planted_network.npz

Each backbone of the zoo, in its small form and for 160 x 160 pixels, is trained from first weights on
512 drawn pictures. Half of them have a bright rectangle, which decides every label; a dark one may lie in
any. Then the highest point of each heat map of new pictures with a bright rectangle is looked at: it
counts where it lies in the rectangle, or at most half a cell of the map beside it. Writes
`results/planted_object.json`; with --network nothing but the weights of one network, for the tests.
"""

import argparse
import json
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from batch_norm import batch_norms, settle_batch_norm

from cxrzoo.errors import ModelError
from cxrzoo.files import whole_file, write_whole
from cxrzoo.heatmaps import METHODS, Explainer
from cxrzoo.models import entry, list_models, model_tensors

RESULTS = Path(__file__).parents[1] / "results" / "planted_object.json"
EDGE = 160
LABELS = ("Mass", "Edema", "No Finding")


def draw(random: np.random.Generator, present: Any, shape: tuple[int, int, int]) -> tuple[Any, Any]:
    """Draw grey pictures, with a bright rectangle where ``present``; half of all have a dark one too.

    Returns:
        uint8 ``(n, h, w, c)``, and the places of the bright ones ``(n, 4)``: top, left, bottom, right.
    """
    n, (height, width, channels) = len(present), shape
    grey = random.integers(30, 130, (n, 1, 1, 1)) + random.normal(0, 6, (n, height, width, 1))
    corners = np.zeros((n, 4), int)
    for i in range(n):
        bar = random.integers(0, 4)  # black beside a picture that is not square
        if bar < 2:
            side = random.integers(1, (height, width)[bar] // 6)
            taken = [slice(None), slice(None)]
            for taken[bar] in (slice(None, side), slice(-side, None)):
                grey[i][tuple(taken)] = 0
        if random.integers(2):
            top, left, bottom, right = _place(random, height, width)
            grey[i, top:bottom, left:right] *= 0.5
        if present[i]:
            corners[i] = top, left, bottom, right = _place(random, height, width)
            grey[i, top:bottom, left:right] = 230
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8), channels, 3), corners


def _place(random: np.random.Generator, height: int, width: int) -> tuple[int, int, int, int]:
    high, wide = (int(random.integers(side // 6, side // 3)) for side in (height, width))
    top, left = int(random.integers(height - high)), int(random.integers(width - wide))
    return top, left, top + high, left + wide


def small(name: str, **given: Any) -> keras.Model:
    """Return the small form of a backbone."""
    known = {"labels": LABELS, "hidden_units": None, "input_shape": (EDGE, EDGE, 1)}
    arguments = {**entry(name).small, **known, **given}
    shape = entry(name).nearest_shapes(arguments["input_shape"])[-1]
    return entry(name).builder(**{**arguments, "input_shape": shape})


def train(model: keras.Model, seed: int, epochs: int) -> float:
    """Train a model to tell pictures by the brightness of their rectangle; return the last loss."""
    random = np.random.default_rng(seed)
    present = np.arange(512) % 2
    pixels, _ = draw(random, present, model.input_shape[1:])
    truth = np.repeat(present[:, None], model.output_shape[1], 1).astype(np.float32)
    for layer in batch_norms(model):
        layer.momentum = 0.8
    model.compile(keras.optimizers.Adam(2e-3), "binary_crossentropy")
    past = model.fit(pixels, truth, epochs=epochs, batch_size=32, verbose=0)
    settle_batch_norm(model, [pixels[at : at + 64].astype(np.float32) for at in range(0, 512, 64)])
    return float(past.history["loss"][-1])


def found(maps: Any, corners: Any, edge: int) -> Any:
    """Return which peaks lie in the rectangles, or at most half a cell of the maps beside them."""
    peaks, slack = maps.peaks()[:, 0], edge / maps.values.shape[2] / 2
    low, high = corners[:, :2] - slack, corners[:, 2:] + slack
    return ((peaks >= low) & (peaks <= high)).all(1)


def measure(model: keras.Model, images: int, seed: int) -> dict[str, Any]:
    """Return the accuracy of a trained model, and the share that each method finds."""
    random = np.random.default_rng(seed + 1)
    present = np.arange(2 * images) % 2
    pixels, corners = draw(random, present, model.input_shape[1:])
    scores = model.predict(pixels, verbose=0)[:, 0]
    pixels, corners = pixels[present == 1], corners[present == 1]
    shares, cells = {}, {}
    for method in METHODS:
        explainer = Explainer(model, method, labels="Mass", steps=16, engine="keras")
        try:
            explainer.load()
        except ModelError:
            continue  # a method that does not go with this network
        maps = explainer.explain(pixels)
        shares[method] = float(found(maps, corners, pixels.shape[1]).mean())
        cells[method] = maps.values.shape[2]
    return {
        "accuracy": float(((scores > 0.5) == present).mean()),
        "edge": pixels.shape[1],
        "found": shares,
        "rows_of_maps": cells,
    }


def forms(names: list[str]) -> list[tuple[str, str | None]]:
    """Return backbones, a Vision Transformer with its class token and with the mean of its patches."""
    return [
        (name, pool)
        for name in names
        for pool in (("token", "avg") if entry(name).patches else (None,))
    ]


def trained(name: str, pool: str | None, seed: int, epochs: int) -> tuple[keras.Model, float]:
    """Return a small network that was trained, and its last loss."""
    keras.utils.set_random_seed(seed)
    model = small(name, **({} if pool is None else {"global_pool": pool}))
    return model, train(model, seed, epochs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=list_models(), default=list_models())
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--network", type=Path, help="write the weights of mobilenet_v2_cxr here")
    options = parser.parse_args()
    if options.network:
        model, _ = trained("mobilenet_v2_cxr", None, options.seed, options.epochs)
        half = {name: one.astype(np.float16) for name, one in model_tensors(model).items()}
        with whole_file(options.network) as file:
            np.savez_compressed(file, **half)
        return
    kept = json.loads(RESULTS.read_text())["rows"] if RESULTS.exists() else []
    for name, pool in forms(options.only):
        model, loss = trained(name, pool, options.seed, options.epochs)
        row = {
            "backbone": name,
            "pool": pool,
            "loss": loss,
            **measure(model, options.images, options.seed),
        }
        print(row, flush=True)
        kept = [one for one in kept if (one["backbone"], one["pool"]) != (name, pool)] + [row]
        kept.sort(key=lambda one: (one["backbone"], one["pool"] or ""))
        settings = {
            "backend": keras.backend.backend(),
            **{k: getattr(options, k) for k in ("images", "epochs", "seed")},
        }
        write_whole(RESULTS, json.dumps({**settings, "rows": kept}, indent=1) + "\n")


if __name__ == "__main__":
    main()
