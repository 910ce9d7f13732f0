"""One training of the ablation: one variant, one seed; scores its validation patients.

Run by ``benchmarks/accuracy/ablation.py``; alone:

    python benchmarks/accuracy/ablation_trial.py NIH_DIR TRUNK PACK OUT.npz --seed 0 --set
        learning_rate=1e-3
"""

import argparse
import json
import math
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from typing_extensions import override

import cxrzoo
from cxrzoo.data import ImageDataset, Split
from cxrzoo.evaluation import roc_auc
from cxrzoo.training.losses import (
    MaskedAsymmetricLoss,
    MaskedBinaryCrossentropy,
    balancing_weights,
    masked_binary_crossentropy,
)


@dataclass(frozen=True)
class Trial:
    """What is varied; the defaults are the base that each variant differs from in one field."""

    image_size: int = 96
    epochs: int = 6
    learning_rate: float = 3e-4
    schedule: str = "cosine"
    warmup_epochs: int = 1
    weight_decay: float = 1e-4
    frozen_epochs: int = 0
    frozen_batch_norm: bool = False
    loss: str = "crossentropy"
    label_smoothing: float = 0.0
    augment: str = "light"
    dropout: float = 0.5
    batch_size: int = 32
    start: str = "trunk"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("nih", type=Path)
    parser.add_argument("trunk")
    parser.add_argument("pack", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--images", default="256")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE")
    given = parser.parse_args()

    trial = replace(Trial(), **dict(_parsed(item) for item in given.set))
    parts = cxrzoo.NIHChestXray14(given.nih, images=given.images, missing="drop").split(
        "official", seed=given.seed
    )
    keras.utils.set_random_seed(given.seed)
    arrays = _Batches(trial, parts, given.pack, given.seed)
    model = cxrzoo.mobilenet_cxr(
        input_shape=(trial.image_size, trial.image_size, 1),
        dropout=trial.dropout,
        weights=given.trunk if trial.start == "trunk" else None,
    )
    scores, curve = _fit(model, trial, arrays)
    y_true = parts.validation.targets
    scores |= _test_time(model, arrays)
    aucs = {
        name: float(np.nanmean(roc_auc(y_true[:, :14], s[:, :14]))) for name, s in scores.items()
    }
    print(json.dumps({"seed": given.seed, "curve": curve, **aucs}))
    partial = given.output.with_suffix(".part.npz")
    np.savez_compressed(
        partial,
        y_true=y_true,
        patients=np.asarray(parts.validation.patients, str),
        trial=json.dumps(asdict(trial)),
        curve=np.asarray(curve),
        **scores,
    )
    partial.replace(given.output)


class _Batches:
    """The training part, augmented anew each epoch, and the validation part."""

    def __init__(self, trial: Trial, parts: Split, pack: Path, seed: int) -> None:
        size = {"image_size": trial.image_size, "cache": pack}
        self.train = parts.train.dataset(
            **size, batch_size=trial.batch_size, shuffle=True, seed=seed, augment=trial.augment
        )
        self.validation = parts.validation.dataset(**size, batch_size=61)
        self.jittered = parts.validation.dataset(**size, batch_size=61, augment="light", seed=seed)
        self.targets = parts.train.targets


def _smoothed(s: float) -> Any:
    """Return the cross-entropy over targets 1 - s / 2 and s / 2; the ablation found no use for it."""
    return lambda y_true, y_pred: masked_binary_crossentropy(y_true * (1 - s) + s / 2, y_pred)


def _fit(
    model: keras.Model, trial: Trial, batches: _Batches
) -> tuple[dict[str, np.ndarray], list[float]]:
    steps = len(batches.train)
    loss = {
        "crossentropy": lambda: _smoothed(trial.label_smoothing),
        "balanced": lambda: MaskedBinaryCrossentropy(balancing_weights(batches.targets)),
        "asymmetric": MaskedAsymmetricLoss,
    }[trial.loss]()
    follow = _Follow(batches)
    if trial.frozen_epochs:
        _freeze(model, everything=True)
        model.compile(keras.optimizers.AdamW(1e-3), loss=loss)
        _train(model, follow, 0, trial.frozen_epochs)
        for layer in model.layers:
            layer.trainable = True
    if trial.frozen_batch_norm:
        _freeze(model, everything=False)
    rest = trial.epochs - trial.frozen_epochs
    rate = trial.learning_rate
    if trial.schedule == "cosine":
        warm = trial.warmup_epochs * steps
        rate = keras.optimizers.schedules.CosineDecay(
            rate / 100 if warm else rate,
            rest * steps - warm,
            warmup_target=rate if warm else None,
            warmup_steps=warm,
        )
    optimizer = keras.optimizers.AdamW(
        rate, weight_decay=trial.weight_decay, use_ema=True, ema_momentum=math.exp(-1 / steps)
    )
    model.compile(optimizer, loss=loss)
    _train(model, follow, trial.frozen_epochs, trial.epochs)
    # Keras has put the moving average into the model when `fit` returned.
    scores = {"last": follow.scores, "ema": _scores(model, batches.validation)}
    model.set_weights(follow.weights)
    return scores, follow.curve


def _train(model: keras.Model, follow: "_Follow", start: int, end: int) -> None:
    model.fit(
        follow.batches.train,
        initial_epoch=start,
        epochs=end,
        callbacks=[follow],
        shuffle=False,
        verbose=0,
    )


class _Follow(keras.callbacks.Callback):
    """Sets the epoch of the data and keeps what the model is after it."""

    def __init__(self, batches: _Batches) -> None:
        super().__init__()
        self.batches = batches
        self.curve: list[float] = []

    @override
    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.batches.train.epoch = epoch

    @override
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        validation = self.batches.validation
        self.scores = _scores(self.model, validation)
        self.weights = self.model.get_weights()
        y_true = np.concatenate([y for _, y in _all(validation)])
        self.curve.append(float(np.nanmean(roc_auc(y_true[:, :14], self.scores[:, :14]))))


def _test_time(model: keras.Model, batches: _Batches) -> dict[str, np.ndarray]:
    plain = _scores(model, batches.validation)
    mirrored = np.concatenate(
        [model.predict_on_batch(x[:, :, ::-1]) for x, _ in _all(batches.validation)]
    )
    moved = []
    for epoch in range(4):
        batches.jittered.epoch = epoch
        moved.append(_scores(model, batches.jittered))
    return {"tta-light": np.mean([plain, *moved], axis=0), "tta-flip": (plain + mirrored) / 2}


def _freeze(model: keras.Model, *, everything: bool) -> None:
    """Freeze what came with the trunk: all of it, or only its BatchNorm's statistics and scales."""
    for layer in model.layers:
        fresh = layer.name.startswith(("conv_pw_13", "head_", "predictions"))
        norm = isinstance(layer, keras.layers.BatchNormalization)
        layer.trainable = fresh or not (everything or norm)


def _scores(model: keras.Model, dataset: ImageDataset) -> np.ndarray:
    return np.concatenate([model.predict_on_batch(x) for x, _ in _all(dataset)])


def _all(dataset: ImageDataset) -> list[tuple[np.ndarray, np.ndarray]]:
    return [dataset[i] for i in range(len(dataset))]


def _parsed(item: str) -> tuple[str, object]:
    name, _, value = item.partition("=")
    kind = {field.name: type(field.default) for field in fields(Trial)}[name]
    return name, value == "True" if kind is bool else kind(value)


if __name__ == "__main__":
    main()
