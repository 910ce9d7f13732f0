from importlib.util import find_spec

import keras
import numpy as np
import pytest

from cxrzoo.data import read_image
from cxrzoo.errors import DataError, MissingExtraError, ModelError
from cxrzoo.inference import predict_files
from cxrzoo.inference.engines import engine_for

OPENVINO = find_spec("openvino") is not None


@pytest.fixture(scope="module")
def model(small):
    return small("mobilenet_cxr")


def test_the_keras_engine_gives_the_scores_of_the_model(model, score, sample_files, same_scores):
    found = predict_files(model, sample_files, engine="keras").scores
    pixels = np.stack([read_image(path, (32, 32)) for path in sample_files])
    same_scores(found, score(model, pixels))
    assert np.ptp(found, axis=0).max() > 1e-3


def test_many_files_are_scored_as_few_are(model, sample_files, same_scores):
    pixels = np.stack([read_image(path, (32, 32)) for path in sample_files])
    few, many = (engine_for(model, "keras", n)(pixels) for n in (1, 100_000))
    same_scores(many, few)
    assert np.ptp(few, axis=0).max() > 1e-3


def test_an_engine_that_does_not_exist_is_refused(model, sample_files):
    with pytest.raises(DataError, match="engine must be 'auto', 'keras' or 'openvino'"):
        predict_files(model, sample_files, engine="tensorrt")


@pytest.mark.skipif(OPENVINO, reason="OpenVINO is installed")
def test_without_openvino_the_extra_is_named(model, sample_files):
    with pytest.raises(MissingExtraError, match=r"pip install 'cxrzoo\[openvino\]'"):
        predict_files(model, sample_files, engine="openvino")


@pytest.mark.skipif(not OPENVINO, reason="needs the extra openvino")
def test_openvino_gives_the_same_scores_in_float32(model, sample_files, same_scores):
    if keras.backend.backend() == "jax":
        with pytest.raises(ModelError, match="KERAS_BACKEND=tensorflow"):
            predict_files(model, sample_files, engine="openvino")
        return
    found = predict_files(model, sample_files, batch_size=4, engine="openvino").scores
    expected = predict_files(model, sample_files, batch_size=4, engine="keras").scores
    same_scores(found, expected)


@pytest.mark.skipif(not OPENVINO, reason="needs the extra openvino")
@pytest.mark.skipif(
    keras.backend.backend() not in ("tensorflow", "torch"), reason="nothing is converted"
)
def test_converting_a_model_tells_nobody(run_python):
    run_python(
        "import sys, cxrzoo\n"
        "from cxrzoo.export.openvino import converted\n"
        "converted(cxrzoo.cnn_test1(input_shape=(32, 32, 1), filters=(2, 2), hidden_units=4))\n"
        "assert not [name for name in sys.modules if name.startswith('openvino_telemetry.')]"
    )
