"""Keras alone opens what was published: ``keras.saving.load_model("hf://...")``."""

import subprocess
import sys

import keras
from loopback_client import environment
from loopback_hub import OWNER

from cxrzoo.pretrained.hub_publish import publish_directory

SAVE = """
import sys
import keras, numpy
model = keras.Sequential([
    keras.Input((8, 8, 1)), keras.layers.Rescaling(1 / 127.5, offset=-1),
    keras.layers.Conv2D(2, 3), keras.layers.GlobalAveragePooling2D(),
    keras.layers.Dense(3, activation="sigmoid"),
])
keras.saving.save_model(model, sys.argv[1], zipped=False)
x = numpy.arange(128, dtype="float32").reshape(2, 8, 8, 1)
numpy.save(sys.argv[2], keras.ops.convert_to_numpy(model(x)))
"""

LOAD = """
import sys
sys.modules["cxrzoo"] = None  # an import of cxrzoo fails
import keras, numpy
model = keras.saving.load_model(sys.argv[1])
x = numpy.arange(128, dtype="float32").reshape(2, 8, 8, 1)
y = keras.ops.convert_to_numpy(model(x))
numpy.testing.assert_allclose(y, numpy.load(sys.argv[2]), rtol=0, atol=1e-6)
"""


def test_keras_loads_what_was_published_without_cxrzoo(
    client, hub, model, repo_id, run_keras, tmp_path
):
    run_keras(SAVE, model, tmp_path / "outputs.npy")
    assert {path.name for path in model.iterdir()} > {"model.safetensors", "model.weights.h5"}
    client(publish_directory, model, repo_id, token=OWNER)
    subprocess.run(
        [sys.executable, "-c", LOAD, f"hf://{repo_id}", str(tmp_path / "outputs.npy")],
        check=True,
        env=environment(hub.url, tmp_path / "home", KERAS_BACKEND=keras.backend.backend()),
        cwd=tmp_path,
        timeout=300,
    )
