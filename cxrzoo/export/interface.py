"""What an exported file says of itself: its labels, and what goes in and comes out."""

import json
from pathlib import Path
from typing import Any, Final

import keras

from cxrzoo.pretrained import config_of

INPUT: Final = "pixels"
OUTPUT: Final = "scores"


def interface_of(model: keras.Model) -> dict[str, Any]:
    """Return the object that ``labels.json`` spells.

    ``labels`` are in output order; ``input`` and ``output`` have name, shape (null is the batch) and
    type; thresholds and calibration are those of the model's description, or null.
    """
    config = config_of(model, "export_model")
    return {
        "labels": list(config.labels),
        "input": {
            "name": INPUT,
            "shape": list(model.input_shape),
            "dtype": "float32",
            "range": [0, 255],
        },
        "output": {"name": OUTPUT, "shape": list(model.output_shape), "dtype": "float32"},
        "builder": config.builder,
        "thresholds": None if config.thresholds is None else dict(config.thresholds),
        "calibration": None
        if config.calibration is None
        else {label: list(line) for label, line in config.calibration.items()},
        "licence": config.licence,
    }


def metadata(card: dict[str, Any]) -> dict[str, str]:
    """Return a card as metadata of a file: JSON by key, without what the file's own types say."""
    return {
        key: json.dumps(value, ensure_ascii=False)
        for key, value in card.items()
        if key not in {"input", "output"}
    }


def export_by_keras(model: keras.Model, path: Path, form: str) -> None:
    """Let Keras write a function of any number of images of the model's size."""
    shape = (None, *model.input_shape[1:])
    signature = [keras.InputSpec(shape=shape, dtype="float32", name=INPUT)]
    model.export(str(path), format=form, verbose=False, input_signature=signature)
