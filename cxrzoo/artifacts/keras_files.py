"""The files that Keras alone reads: ``keras.saving.load_model("hf://org/name")`` needs no cxrzoo."""

import json
from pathlib import Path
from typing import Any

import keras

from cxrzoo.files import write_whole

__all__ = ["write_keras_files"]


def write_keras_files(model: keras.Model, directory: Path) -> None:
    """Writes Keras's own files of a model that was built and never compiled.

    The same model gives the same bytes: what Keras notes of the time is left out, and the ids by which
    its layers share objects are counted instead of taken from memory addresses.
    """
    keras.saving.save_model(model, directory, zipped=False)
    config, metadata = directory / "config.json", directory / "metadata.json"
    numbers: dict[int, int] = {}
    renumbered = _renumbered(json.loads(config.read_text("utf-8")), numbers)
    write_whole(config, json.dumps(renumbered) + "\n")
    version = json.loads(metadata.read_text("utf-8"))["keras_version"]
    write_whole(metadata, json.dumps({"keras_version": version}) + "\n")
    assets = directory / "assets"
    if assets.is_dir():
        assets.rmdir()  # Keras leaves it, empty: stock layers have none


def _renumbered(value: Any, numbers: dict[int, int]) -> Any:
    if isinstance(value, list):
        return [_renumbered(item, numbers) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: numbers.setdefault(item, len(numbers))
        if key == "shared_object_id"
        else _renumbered(item, numbers)
        for key, item in value.items()
    }
