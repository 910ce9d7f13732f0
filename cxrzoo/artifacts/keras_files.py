"""The files that Keras alone reads: ``keras.saving.load_model("hf://org/name")`` needs no cxrzoo."""

import json
from pathlib import Path
from typing import Final

import keras

from cxrzoo.files import write_whole

__all__ = ["KERAS_FILES", "write_keras_files"]

KERAS_FILES: Final = ("config.json", "metadata.json", "model.weights.h5")


def write_keras_files(model: keras.Model, directory: Path) -> None:
    """Writes Keras's own files of a model that was built and never compiled.

    The same model gives the same bytes: what Keras notes of the time is left out.
    """
    keras.saving.save_model(model, directory, zipped=False)
    metadata = directory / "metadata.json"
    noted = json.loads(metadata.read_text("utf-8"))
    write_whole(metadata, json.dumps({"keras_version": noted["keras_version"]}) + "\n")
    assets = directory / "assets"
    if assets.is_dir():
        assets.rmdir()  # Keras leaves it, empty: stock layers have none
